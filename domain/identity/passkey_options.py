"""What a browser or phone is given for a ceremony, in the JSON form of WebAuthn level 3 (section 5.1.10)."""

from collections.abc import Sequence
from typing import Any

from webauthn import generate_authentication_options, generate_registration_options
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from .models import PasskeyCredential, User
from .webauthn import ALGORITHMS


def creation_options(
    person: User, *, known: Sequence[PasskeyCredential], challenge: bytes, rp_id: str, milliseconds: int
) -> dict[str, Any]:
    """PublicKeyCredentialCreationOptionsJSON: a passkey that needs no name, on a device that has none yet."""
    options = generate_registration_options(
        rp_id=rp_id,
        rp_name="Meander",
        user_id=person.pk.bytes,
        user_name=person.email or person.phone or str(person),
        user_display_name=str(person),
        challenge=challenge,
        timeout=milliseconds,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(known),
        supported_pub_key_algs=ALGORITHMS,
    )
    return options_to_json_dict(options)


def request_options(
    *, allowed: Sequence[PasskeyCredential], challenge: bytes, rp_id: str, milliseconds: int
) -> dict[str, Any]:
    """PublicKeyCredentialRequestOptionsJSON; with nothing in `allowed`, whatever the device has."""
    options = generate_authentication_options(
        rp_id=rp_id,
        challenge=challenge,
        timeout=milliseconds,
        allow_credentials=_descriptors(allowed),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def _descriptors(passkeys: Sequence[PasskeyCredential]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=bytes(passkey.credential_id),
            transports=[AuthenticatorTransport(name) for name in passkey.transports],
        )
        for passkey in passkeys
    ]
