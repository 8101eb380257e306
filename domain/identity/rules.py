"""Signing in to an organisation and out of it."""

from dataclasses import dataclass

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from domain.audit.rules import record
from domain.core.errors import DomainError
from tenants.db import connection
from tenants.models import Organization

from .choices import MembershipStatus
from .limits import Limit, count, forgive
from .models import Membership, User, UserSession
from .sessions import Tokens, end_session, open_session

# Guesses at one account from anywhere, and at any account from one address.
ACCOUNT_ATTEMPTS = Limit("sign-in-account", attempts=10, seconds=15 * 60)
ADDRESS_ATTEMPTS = Limit("sign-in-address", attempts=100, seconds=15 * 60)


class SignInRefused(DomainError):
    """Unknown address, wrong password or no active membership here: never told apart."""

    code = "sign-in-refused"

    def __init__(self):
        super().__init__(_("E-mail address and password don't match an account in this organisation."))


@dataclass(frozen=True)
class Device:
    """What the caller says about the device that a session is opened on."""

    name: str = ""
    platform: str = ""
    app_version: str = ""


def sign_in(*, email: str, password: str, organization: Organization, device: Device, address: str) -> Tokens:
    """Open a session for an active member who knows their password.

    Every attempt is counted, per account and per address (of the network), before anything is looked at.
    Answer and time are the same whether the address is unknown, the password is wrong or the person is no
    member of this organisation. Raises TooManyAttempts and SignInRefused.
    """
    account = email.strip().casefold()
    count(ADDRESS_ATTEMPTS, address)
    count(ACCOUNT_ATTEMPTS, account)
    user = _candidate(account, organization)
    if user is None:
        make_password(password)  # As slow as checking one.
        raise SignInRefused
    member = user.is_active and user.is_member  # type: ignore[attr-defined]
    if not check_password(password, user.password) or not member:
        raise SignInRefused
    forgive(ACCOUNT_ATTEMPTS, account)
    with transaction.atomic():
        tokens = open_session(
            user,
            organization,
            device_name=device.name,
            platform=device.platform,
            app_version=device.app_version,
        )
        record("session.opened", tokens.session, by=user, session_id=tokens.session.pk)
    return tokens


def sign_out(session: UserSession, *, by: User) -> None:
    """End one's session; its tokens are refused from the next request on. Safe to repeat."""
    with transaction.atomic():
        if end_session(session, reason="signed-out"):
            record("session.ended", session, by=by, reason="signed-out", session_id=session.pk)


@transaction.atomic
def choose_language(person: User, *, language: str, by: User) -> None:
    """Set the language a person reads and gets mail in, in all organisations; empty: none in particular.

    One's own alone. Raises ValidationError for a language we don't have.
    """
    if by.pk != person.pk:
        raise PermissionDenied(_("Everyone chooses their own language."))
    current = User.objects.select_for_update().get(pk=person.pk)
    before, current.language = current.language, language
    current.clean_fields(exclude={field.name for field in User._meta.concrete_fields} - {"language"})
    if before != language:
        current.save(update_fields=["language"])
        record("person.language-changed", current, by=by, changes={"language": (before, language)})
    person.language = language


def _candidate(email: str, organization: Organization) -> User | None:
    """The person with this address, `is_member` telling whether they belong here: always one query."""
    assert connection.schema_name == organization.schema_name
    member = Membership.objects.filter(
        user=OuterRef("pk"), organization=organization, status=MembershipStatus.ACTIVE
    )
    return User.objects.filter(email__iexact=email).annotate(is_member=Exists(member)).first()
