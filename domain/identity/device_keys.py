"""Public keys whose private halves never leave a phone."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.audit.rules import record
from domain.core.errors import InvalidInput

from .models import DeviceKey, User, UserSession
from .verification import require_recent

KEY_BYTES = 32


def possession_message(session: UserSession, public_key: bytes) -> bytes:
    """What a device signs to show that it has the private half of the proof key it registers."""
    return f"meander device key v1\n{session.pk}\n{public_key.hex()}".encode()


def own_keys(user: User) -> QuerySet[DeviceKey]:
    """A person's keys that are in use, of sessions that are open."""
    return (
        DeviceKey.objects.filter(
            user=user,
            revoked_at__isnull=True,
            session__revoked_at__isnull=True,
            session__expires_at__gt=timezone.now(),
        )
        .select_related("session")
        .order_by("-created_at")
    )


def register_key(
    session: UserSession, *, purpose: str, public_key: bytes, signature: bytes = b""
) -> DeviceKey:
    """Keep a public key (32 bytes) of the session's device, in the place of the one before.

    A proof key comes with `possession_message` signed by it. Raises StepUpRequired, or InvalidInput for what
    is no such key.
    """
    require_recent(session)
    if purpose == DeviceKey.Purpose.PROOF:
        _check_proof_key(session, public_key, signature)
    else:
        _check_seal_key(public_key)
    with transaction.atomic():
        # The session's row, so that two registrations at once follow each other.
        UserSession.objects.select_for_update().get(pk=session.pk)
        DeviceKey.objects.filter(session=session, purpose=purpose, revoked_at__isnull=True).update(
            revoked_at=timezone.now()
        )
        key = DeviceKey.objects.create(
            user=session.user, session=session, purpose=purpose, public_key=public_key
        )
        record(
            "device-key.registered",
            key,
            by=session.user,
            changes={"purpose": (None, purpose)},
            subject_ids=[session.user_id],
        )
    return key


@transaction.atomic
def revoke_key(key: DeviceKey, *, by: User) -> None:
    """Trust a key no more. Safe to repeat."""
    if DeviceKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        record(
            "device-key.revoked",
            key,
            by=by,
            changes={"purpose": (key.purpose, None)},
            subject_ids=[key.user_id],
        )


def _check_proof_key(session: UserSession, public_key: bytes, signature: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            signature, possession_message(session, public_key)
        )
    except ValueError as error:
        raise _no_key() from error
    except InvalidSignature as error:
        raise InvalidInput(
            _("The signature isn't one of this key over the session and the key."),
            code="wrong-signature",
            field="signature",
        ) from error


def _check_seal_key(public_key: bytes) -> None:
    try:
        # Fails for points of small order: what is sealed to them, anyone can open.
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(public_key))
    except ValueError as error:
        raise _no_key() from error


def _no_key() -> InvalidInput:
    return InvalidInput(_("That is no public key of this kind."), code="not-a-key", field="public_key")
