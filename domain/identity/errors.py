"""Why somebody is not let in."""

from django.utils.translation import gettext_lazy as _

from domain.core.errors import DomainError, NotAllowed


class AuthenticationRefused(DomainError):
    """Whoever asks hasn't proved who they are."""

    code = "sign-in-refused"


class SignInRefused(AuthenticationRefused):
    """Unknown address, wrong password or no active membership here: never told apart."""

    def __init__(self):
        super().__init__(_("E-mail address and password don't match an account in this organisation."))


class RefreshRefused(AuthenticationRefused):
    """The refresh token is unknown, expired, of another organisation, or used up; never told apart."""

    code = "invalid-token"

    def __init__(self):
        super().__init__(_("The refresh token is not valid here any more: sign in again."))


class StepUpRequired(NotAllowed):
    """The person is signed in, but proved it too long ago for this."""

    code = "step-up-required"

    def __init__(self):
        super().__init__(_("Confirm that it is you, then try again."))
