"""Passkeys: made on the account page or in the app, used to sign in and to confirm that it is still you.

Every ceremony begins with a question (`passkey_questions`). Call what takes an answer outside a transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.audit.rules import record
from domain.core.errors import InvalidInput, InvalidState
from tenants.jobs import enqueue
from tenants.models import Organization

from . import webauthn
from .devices import Device
from .elsewhere import passkey_of_address, person_by_email
from .entry import may_enter
from .errors import AuthenticationRefused
from .guessing import ADDRESS_ATTEMPTS
from .limits import count
from .models import PasskeyCredential, User
from .passkey_options import creation_options, request_options
from .passkey_questions import MILLISECONDS, Asker, Purpose, ask, take
from .rules import admit
from .sessions import Tokens
from .verification import mark_verified, require_recent
from .webauthn_faults import PasskeyFault

MOST_PASSKEYS = 20
LONGEST_NAME = 100


class PasskeySignInRefused(AuthenticationRefused):
    """The passkey opens nothing here; the instance's `code` says why."""

    def __init__(self, fault: PasskeyFault):
        super().__init__(fault.message, code=fault.code)


def passkeys_of(person: User) -> QuerySet[PasskeyCredential]:
    return PasskeyCredential.objects.filter(user=person).order_by("-created_at")


# --- Questions ----------------------------------------------------------------------------------------------


def registration_options(person: User, *, asker: Asker) -> dict[str, Any]:
    """What a browser or phone needs to make a passkey (PublicKeyCredentialCreationOptionsJSON).

    Raises StepUpRequired, TooManyAttempts, and InvalidState for someone who has as many as one may have.
    """
    require_recent(asker.session)
    known = list(passkeys_of(person))
    if len(known) >= MOST_PASSKEYS:
        raise _too_many()
    return creation_options(
        person,
        known=known,
        challenge=ask(Purpose.REGISTRATION, asker, person),
        rp_id=webauthn.relying_party(asker.organization),
        milliseconds=MILLISECONDS,
    )


def sign_in_options(*, asker: Asker) -> dict[str, Any]:
    """The question for whoever is there, by no name (PublicKeyCredentialRequestOptionsJSON)."""
    return request_options(
        allowed=[],
        challenge=ask(Purpose.AUTHENTICATION, asker, None),
        rp_id=webauthn.relying_party(asker.organization),
        milliseconds=MILLISECONDS,
    )


def step_up_options(person: User, *, asker: Asker) -> dict[str, Any]:
    """The question whether it is still this person. Raises InvalidState for someone without passkeys."""
    known = list(passkeys_of(person))
    if not known:
        raise InvalidState(_("You have no passkey yet. Use your password."), code="no-passkey")
    return request_options(
        allowed=known,
        challenge=ask(Purpose.STEP_UP, asker, person),
        rp_id=webauthn.relying_party(asker.organization),
        milliseconds=MILLISECONDS,
    )


# --- Answers ------------------------------------------------------------------------------------------------


def register(*, credential: Mapping[str, Any], name: str, asker: Asker, by: User) -> PasskeyCredential:
    """Keep a passkey that was just made. The person is told by e-mail.

    Raises StepUpRequired, InvalidInput, whose code says what was wrong with the answer, and InvalidState.
    """
    require_recent(asker.session)
    clean_name = _clean_name(name)
    try:
        client = webauthn.read_client_data(credential)
        challenge = take(client.challenge, Purpose.REGISTRATION, asker, by)
        made = webauthn.check_registration(
            credential,
            client,
            challenge=challenge,
            rp_id=webauthn.relying_party(asker.organization),
            origins=webauthn.allowed_origins(asker.organization),
        )
        with transaction.atomic():
            # One change of a person's passkeys at a time.
            User.objects.select_for_update().get(pk=by.pk)
            if passkeys_of(by).count() >= MOST_PASSKEYS:
                raise _too_many()
            passkey = _keep(made, clean_name, by)
            event = record("passkey.added", passkey, by=by, subject_ids=[by.pk])
            _tell(by, event.pk, asker.organization)
    except PasskeyFault as fault:
        raise InvalidInput(fault.message, code=fault.code, field="credential") from fault
    return passkey


def second_step_options(person: User, *, asker: Asker) -> dict[str, Any]:
    """The question for one of this person's passkeys, whose password was right (`recognise` with `asked`)."""
    return request_options(
        allowed=list(passkeys_of(person)),
        challenge=ask(Purpose.AUTHENTICATION, asker, person),
        rp_id=webauthn.relying_party(asker.organization),
        milliseconds=MILLISECONDS,
    )


def recognise(*, credential: Mapping[str, Any], asker: Asker, asked: User | None = None) -> User:
    """The active member whose passkey signed the question. Nothing is opened yet.

    `asked` is whom the question was put to by name: then nobody else's passkey will do.

    Every attempt is counted per address (of the network) together with those by password, before anything is
    looked at. Raises TooManyAttempts and PasskeySignInRefused.
    """
    count(ADDRESS_ATTEMPTS, asker.address)
    try:
        passkey, assertion = _answered(credential, Purpose.AUTHENTICATION, asker, asked)
        handle = webauthn.user_handle(credential)
        if asked is None:
            is_owner = handle == passkey.user_id.bytes
        else:  # A device that was told which passkeys needn't say whose they are.
            is_owner = passkey.user_id == asked.pk and handle in (None, asked.pk.bytes)
        if not is_owner:
            raise PasskeyFault("passkey-owner")
        if not _is_member(passkey.user, asker.organization):
            raise PasskeyFault("passkey-no-membership")
        _note_use(passkey, assertion, asker.organization)
    except PasskeyFault as fault:
        raise PasskeySignInRefused(fault) from fault
    return passkey.user


@dataclass(frozen=True)
class InvitedUse:
    """A use of a passkey by somebody whom the organisation doesn't know yet."""

    person: User
    passkey: PasskeyCredential
    assertion: webauthn.Assertion


def recognise_invited(*, credential: Mapping[str, Any], asker: Asker, email: str) -> InvitedUse:
    """The person with this address, if their passkey signed the question; they needn't be a member.

    Nothing is written yet: an organisation sees and notes the passkeys of its own people (`note_invited`).
    Raises TooManyAttempts and PasskeySignInRefused.
    """
    count(ADDRESS_ATTEMPTS, asker.address)
    try:
        client = webauthn.read_client_data(credential)
        challenge = take(client.challenge, Purpose.AUTHENTICATION, asker, None)
        person = person_by_email(email)
        passkey = passkey_of_address(webauthn.raw_id(credential), email)
        if person is None or passkey is None or not person.is_active:
            raise PasskeyFault("passkey-owner")
        assertion = _checked(credential, client, challenge, passkey, asker)
        if webauthn.user_handle(credential) != person.pk.bytes:
            raise PasskeyFault("passkey-owner")
        if _regresses(passkey, assertion):
            raise PasskeyFault("passkey-sign-count")
    except PasskeyFault as fault:
        raise PasskeySignInRefused(fault) from fault
    return InvitedUse(person, passkey, assertion)


def note_invited(use: InvitedUse, organization: Organization) -> None:
    """Keep count and time of the use, once the person is a member. Raises PasskeySignInRefused."""
    try:
        _note_use(use.passkey, use.assertion, organization)
    except PasskeyFault as fault:
        raise PasskeySignInRefused(fault) from fault


def sign_in_with_passkey(*, credential: Mapping[str, Any], device: Device, asker: Asker) -> Tokens:
    """Open a session for the active member whose passkey signed. Raises as `recognise` does."""
    user = recognise(credential=credential, asker=asker)
    return admit(user, asker.organization, device=device, address=asker.address, method="passkey")


def confirm(*, credential: Mapping[str, Any], asker: Asker, by: User) -> PasskeyCredential:
    """Mark the session verified if one of the person's passkeys signed. Raises InvalidInput."""
    assert asker.session is not None
    count(ADDRESS_ATTEMPTS, asker.address)
    try:
        passkey, assertion = _answered(credential, Purpose.STEP_UP, asker, by)
        handle = webauthn.user_handle(credential)
        if passkey.user_id != by.pk or (handle is not None and handle != by.pk.bytes):
            raise PasskeyFault("passkey-owner")
        _note_use(passkey, assertion, asker.organization)
    except PasskeyFault as fault:
        raise InvalidInput(fault.message, code=fault.code, field="credential") from fault
    mark_verified(asker.session)
    return passkey


# --- Keeping them -------------------------------------------------------------------------------------------


@transaction.atomic
def rename(passkey: PasskeyCredential, *, name: str, by: User) -> None:
    """Give one's passkey another name. Raises InvalidInput."""
    _require_own(passkey, by)
    before, passkey.name = passkey.name, _clean_name(name)
    if passkey.name != before:
        passkey.save(update_fields=["name"])
        changes = {"name": (before, passkey.name)}
        record("passkey.changed", passkey, by=by, changes=changes, subject_ids=[by.pk])


@transaction.atomic
def remove(passkey: PasskeyCredential, *, asker: Asker, by: User) -> None:
    """Delete one's passkey: nothing can be signed in to with it any more. The person is told by e-mail.

    Raises StepUpRequired, and InvalidState for the only way in that the person has.
    """
    _require_own(passkey, by)
    require_recent(asker.session)
    # One change of a person's passkeys at a time: two at once could delete the last two.
    person = User.objects.select_for_update().get(pk=by.pk)
    others = passkeys_of(person).exclude(pk=passkey.pk).exists()
    if not others and not is_password_set(person):
        raise InvalidState(
            _("This is your only way to sign in. Add another passkey first."), code="last-sign-in-method"
        )
    if not PasskeyCredential.objects.filter(pk=passkey.pk).exists():
        return
    event = record("passkey.removed", passkey, by=by, subject_ids=[by.pk])
    PasskeyCredential.objects.filter(pk=passkey.pk).delete()
    _tell(person, event.pk, asker.organization)


def is_password_set(person: User) -> bool:
    return bool(person.password) and person.has_usable_password()


# --- Steps --------------------------------------------------------------------------------------------------


def _answered(
    credential: Mapping[str, Any], purpose: str, asker: Asker, person: User | None
) -> tuple[PasskeyCredential, webauthn.Assertion]:
    """The passkey whose signature this is. Raises PasskeyFault."""
    client = webauthn.read_client_data(credential)
    challenge = take(client.challenge, purpose, asker, person)
    credential_id = webauthn.raw_id(credential)
    passkey = PasskeyCredential.objects.select_related("user").filter(credential_id=credential_id).first()
    if passkey is None:
        raise PasskeyFault("passkey-unknown")
    return passkey, _checked(credential, client, challenge, passkey, asker)


def _checked(
    credential: Mapping[str, Any], client: Any, challenge: bytes, passkey: PasskeyCredential, asker: Asker
) -> webauthn.Assertion:
    return webauthn.check_assertion(
        credential,
        client,
        challenge=challenge,
        rp_id=webauthn.relying_party(asker.organization),
        origins=webauthn.allowed_origins(asker.organization),
        public_key=bytes(passkey.public_key),
    )


def _regresses(passkey: PasskeyCredential, assertion: webauthn.Assertion) -> bool:
    """Whether the count has been reached before (WebAuthn level 3, section 6.1.1)."""
    return bool(assertion.sign_count or passkey.sign_count) and assertion.sign_count <= passkey.sign_count


def _note_use(passkey: PasskeyCredential, assertion: webauthn.Assertion, organization: Organization) -> None:
    """Keep count and time of this use. Raises PasskeyFault for a count that has been reached before.

    A regress is put on record and the owner told: somebody may have a copy.
    """
    with transaction.atomic():
        current = PasskeyCredential.objects.select_for_update().filter(pk=passkey.pk).first()
        if current is None:
            raise PasskeyFault("passkey-unknown")
        if current.backup_eligible != assertion.backup_eligible:
            raise PasskeyFault("passkey-backup")  # Fixed for life (section 6.1.3).
        regressed = _regresses(current, assertion)
        if regressed:
            changes = {"sign_count": (current.sign_count, assertion.sign_count)}
            event = record(
                "passkey.refused", current, by=None, changes=changes, subject_ids=[passkey.user_id]
            )
            _tell(passkey.user, event.pk, organization)
        else:
            current.sign_count = assertion.sign_count
            current.backed_up = assertion.backed_up
            current.last_used_at = timezone.now()
            current.save(update_fields=["sign_count", "backed_up", "last_used_at"])
    if regressed:
        raise PasskeyFault("passkey-sign-count")


def _keep(made: webauthn.NewCredential, name: str, person: User) -> PasskeyCredential:
    try:
        with transaction.atomic():
            return PasskeyCredential.objects.create(
                user=person,
                credential_id=made.credential_id,
                public_key=made.public_key,
                sign_count=made.sign_count,
                transports=made.transports,
                aaguid=made.aaguid,
                backup_eligible=made.backup_eligible,
                backed_up=made.backed_up,
                name=name,
            )
    except IntegrityError as error:  # Whoever has it: ids are unique (section 7.1, step 26).
        raise PasskeyFault("passkey-known") from error


def _tell(person: User, event_id: UUID, organization: Organization) -> None:
    if person.email:
        enqueue("passkeys.tell", organization, key=str(event_id), event=event_id, person=person.pk)


def _is_member(person: User, organization: Organization) -> bool:
    return person.is_active and User.objects.filter(may_enter(organization), pk=person.pk).exists()


def _require_own(passkey: PasskeyCredential, by: User) -> None:
    if passkey.user_id != by.pk:
        raise InvalidInput(_("The passkey belongs to somebody else."), code="passkey-owner")


def _clean_name(name: str) -> str:
    clean = " ".join(name.split()) or _("Passkey")
    if len(clean) > LONGEST_NAME or not clean.isprintable():
        raise InvalidInput(
            _("Use at most %(number)s ordinary characters.") % {"number": LONGEST_NAME},
            code="passkey-name",
            field="name",
        )
    return clean


def _too_many() -> InvalidState:
    return InvalidState(
        _("You have %(number)s passkeys, which is as many as one may have. Remove one you don't use.")
        % {"number": MOST_PASSKEYS},
        code="too-many-passkeys",
    )
