"""Another password: knowing the old one, or by a link in a mail."""

from uuid import UUID, uuid4

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from domain.audit.rules import record
from domain.core.errors import InvalidInput
from tenants.jobs import enqueue
from tenants.models import Organization

from .devices import forget_devices
from .ending import end_other_sessions
from .guessing import ACCOUNT_ATTEMPTS, account_of
from .limits import Limit, TooManyAttempts, count, forgive
from .models import User, UserSession
from .rules import candidate, notify
from .verification import require_recent

# Requests for a mail, from one network address; and mails to one account, beyond which none is sent.
RESETS_PER_ADDRESS = Limit("password-reset-address", attempts=30, seconds=60 * 60)
RESETS_PER_ACCOUNT = Limit("password-reset-account", attempts=5, seconds=60 * 60)


class ResetTokens(PasswordResetTokenGenerator):
    """Signed over the password's hash, so that choosing one makes every link of before worthless."""

    key_salt = "meander.password-reset"


reset_tokens = ResetTokens()


def request_reset(*, email: str, organization: Organization, address: str) -> None:
    """Mail a link for choosing a password, if an active member here has this e-mail address.

    Nothing tells whether one has: the same statements run, a job is asked for either way, and the limit of an
    account swallows the mail without a word. Raises TooManyAttempts for a network address that asks too
    often.
    """
    count(RESETS_PER_ADDRESS, address)
    account = account_of(email)
    user = candidate(account, organization, members_only=True)
    wanted = user is not None and user.is_active and user.is_member  # type: ignore[attr-defined]
    try:
        count(RESETS_PER_ACCOUNT, account)
    except TooManyAttempts:
        wanted = False
    enqueue(
        "identity.mail_password_reset",
        organization,
        key=str(uuid4()),
        user_id=str(user.pk) if user is not None and wanted else "",
    )


def person_of_link(user_id: UUID, token: str, organization: Organization) -> User | None:
    """Whose password a link from a mail lets one choose, if it still does."""
    user = User.objects.filter(
        pk=user_id, is_active=True, memberships__organization=organization, memberships__status="active"
    ).first()
    return user if user is not None and reset_tokens.check_token(user, token) else None


def reset_password(*, user_id: UUID, token: str, password: str, organization: Organization) -> User:
    """Set a password by a link from a mail, once; every session of the person ends, everywhere.

    Raises InvalidInput for a link that isn't or is no longer valid, ValidationError for a password that
    won't do.
    """
    with transaction.atomic():
        # Two uses at once follow each other; the second finds another password and a worthless link.
        User.objects.select_for_update().filter(pk=user_id).first()
        user = person_of_link(user_id, token, organization)
        if user is None:
            raise InvalidInput(
                _("The link is not valid any more: ask for a new one."), code="invalid-link", field="token"
            )
        _set(user, password)
        record("person.password-reset", user, by=user, subject_ids=[user.pk])
        end_other_sessions(user, keep=None, reason="password-reset", by=user)
        forget_devices(user)
        notify(user, "password-changed")
    forgive(ACCOUNT_ATTEMPTS, account_of(user.email or ""))
    return user


@transaction.atomic
def change_password(session: UserSession, *, password: str) -> None:
    """Set another password for the person of a session; their other sessions end, everywhere.

    Raises StepUpRequired, or ValidationError for a password that won't do.
    """
    require_recent(session)
    user = User.objects.select_for_update().get(pk=session.user_id)
    _set(user, password)
    record("person.password-changed", user, by=user, session_id=session.pk, subject_ids=[user.pk])
    end_other_sessions(user, keep=session, reason="password-changed", by=user)
    forget_devices(user)
    notify(user, "password-changed")
    session.user = user


def _set(user: User, password: str) -> None:
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
