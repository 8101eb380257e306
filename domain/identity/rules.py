"""Signing in to an organisation and out of it."""

from dataclasses import replace

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from domain.audit.context import network_of
from domain.audit.rules import record
from tenants.db import connection
from tenants.fields import uuid7
from tenants.jobs import enqueue
from tenants.models import Organization

from .devices import Device, remember_device
from .entry import is_member, may_enter
from .errors import SignInRefused
from .guessing import account_of, begin_attempt
from .lookup import people_with
from .models import User, UserSession
from .profile import change_profile
from .sessions import Tokens, end_session, open_session


def person_of_password(
    *, email: str, password: str, organization: Organization, address: str, device_secret: str = ""
) -> User:
    """The active member who knows their password; nothing is opened yet (`domain.identity.second_step`).

    Every attempt is counted (`domain.identity.guessing`) before anything is looked at. Answer and time are
    the same whether the address is unknown, the password is wrong or the person is no member of this
    organisation. Raises TooManyAttempts and SignInRefused.
    """
    account = account_of(email)
    attempt = begin_attempt(account, address=address, device_secret=device_secret)
    user = candidate(account, organization)
    if user is None:
        make_password(password)  # As slow as checking one.
        raise SignInRefused
    member = user.is_active and user.is_member  # type: ignore[attr-defined]
    if not check_password(password, user.password) or not member:
        raise SignInRefused
    attempt.succeeded()
    return user


@transaction.atomic
def admit(user: User, organization: Organization, *, device: Device, address: str, method: str) -> Tokens:
    """Open an app's session for a member who has just proved who they are by `method`, and say so to them
    where the device is new. `method` is audited: password, passkey, password+passkey or recovery-code."""
    tokens = open_session(
        user,
        organization,
        device_name=device.name,
        platform=device.platform,
        app_version=device.app_version,
        network=network_of(address),
    )
    return replace(tokens, device_secret=announce_session(tokens.session, device=device, method=method))


@transaction.atomic
def announce_session(session: UserSession, *, device: Device, method: str) -> str:
    """Audit that a session was opened, know its device from now on, and mail the person where it is new.

    Returns the secret a new device must keep, or "".
    """
    record(
        "session.opened",
        session,
        by=session.user,
        changes={"method": (None, method)},
        session_id=session.pk,
        subject_ids=[session.user_id],
    )
    secret = remember_device(session.user, device=device)
    if secret or method == "recovery-code":
        notify(session.user, "new-device" if method != "recovery-code" else method, session=session)
    return secret


def notify(user: User, kind: str, *, session: UserSession | None = None) -> None:
    """Mail a person about their account, in the transaction of what happened; see `domain.identity.jobs`."""
    if user.email is None:
        return
    organization = Organization.objects.get(schema_name=connection.schema_name)
    subject = session.pk if session else uuid7()
    enqueue(
        "identity.notify",
        organization,
        key=f"{kind}:{subject}",
        kind=kind,
        user_id=str(user.pk),
        session_id=str(session.pk) if session else "",
    )


def sign_out(session: UserSession, *, by: User) -> None:
    """End one's session; its tokens are refused from the next request on. Safe to repeat."""
    with transaction.atomic():
        if end_session(session, reason="signed-out"):
            record(
                "session.ended",
                session,
                by=by,
                reason="signed-out",
                session_id=session.pk,
                subject_ids=[session.user_id],
            )


def choose_language(person: User, *, language: str, by: User) -> None:
    """Set the language a person reads and gets mail in, in all organisations; empty: none in particular.

    One's own alone. Raises NotAllowed, or InvalidInput for a language we don't have.
    """
    change_profile(person, changes={"language": language}, by=by)


def candidate(email: str, organization: Organization, *, members_only: bool = False) -> User | None:
    """The person with this address, `is_member` telling whether they may come in here: always one query.

    Support that the organisation lets in at this moment may, unless `members_only`.
    """
    assert connection.schema_name == organization.schema_name
    entry = is_member(organization) if members_only else may_enter(organization)
    return people_with(email).annotate(is_member=entry).first()
