"""What an authenticator says, checked as WebAuthn level 3 asks (sections 7.1 and 7.2).

py_webauthn parses and verifies. It requires no user verification unless told to, doesn't look at
`crossOrigin` and `topOrigin`, decodes base64url leniently and accepts keys it can't load; those checks are
made here, and the ones whose failure a person should be able to tell apart are made before it is asked.
Nothing here touches the database, except to learn the hosts of an organisation.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
    parse_authenticator_data,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AuthenticatorData

from tenants.choices import OrganizationStatus
from tenants.models import Domain, Organization

from .webauthn_faults import PasskeyFault

# In the order of our preference, which authenticators follow.
_KEYS: dict[COSEAlgorithmIdentifier, type] = {
    COSEAlgorithmIdentifier.ECDSA_SHA_256: EllipticCurvePublicKey,
    COSEAlgorithmIdentifier.EDDSA: Ed25519PublicKey,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256: RSAPublicKey,
}
ALGORITHMS = list(_KEYS)
LONGEST_CREDENTIAL_ID = 1023  # bytes; WebAuthn level 3, section 4, credential ID
TRANSPORTS = frozenset({"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"})
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+\Z")
# Whatever bytes a stranger sends, the parsers of the library and of the keys answer with one of these.
_PARSE_ERRORS = (
    WebAuthnException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    UnsupportedAlgorithm,
)


@dataclass(frozen=True)
class ClientData:
    """What the browser or app signed about where it was asked, and what."""

    type: str
    challenge: bytes
    origin: str


@dataclass(frozen=True)
class NewCredential:
    """A credential that passed every check. `aaguid` is None where the authenticator names no model."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: UUID | None
    transports: list[str]
    backup_eligible: bool
    backed_up: bool


@dataclass(frozen=True)
class Assertion:
    """A signature that passed every check that needs no knowledge of earlier ones."""

    sign_count: int
    backup_eligible: bool
    backed_up: bool


def relying_party(organization: Organization) -> str:
    """The RP ID: the platform's domain, so that one passkey serves every organisation.

    Browsers take no name of a single label (`localhost`) for the domain of its subdomains. On such a platform
    each organisation's own host stands for itself.
    """
    if settings.PASSKEY_RP_ID:
        return settings.PASSKEY_RP_ID
    if "." in settings.PLATFORM_HOST:
        return settings.PLATFORM_HOST
    return organization.primary_host or settings.PLATFORM_HOST


def origin_of(host: str) -> str:
    """The origin of a host of ours, with the scheme and port that WAGTAILADMIN_BASE_URL has."""
    base = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    port = f":{base.port}" if base.port else ""
    return f"{base.scheme}://{host}{port}"


def allowed_origins(organization: Organization) -> list[str]:
    """Where a ceremony of this organisation may have taken place.

    Its own hosts, the RP ID's own origin (which apps on Apple's systems state), and the Android apps of
    ANDROID_APPS. Another organisation's host is none of them: a page there could only have relayed the
    question.
    """
    hosts = [domain.domain for domain in organization.domains.all()]
    apps = [f"android:apk-key-hash:{encoded(digest)}" for _package, digest in android_apps()]
    return [*(origin_of(host) for host in hosts), f"https://{relying_party(organization)}", *apps]


def related_origins() -> list[str]:
    """Origins outside the RP ID's domain whose pages may ask for its passkeys (`/.well-known/webauthn`)."""
    rp_id = settings.PASSKEY_RP_ID or settings.PLATFORM_HOST
    hosts = Domain.objects.filter(tenant__status=OrganizationStatus.ACTIVE).order_by("domain")
    names = hosts.values_list("domain", flat=True)
    return [origin_of(host) for host in names if host != rp_id and not host.endswith(f".{rp_id}")]


def android_apps() -> Iterator[tuple[str, bytes]]:
    """Package and SHA-256 of the signing certificate, of each "no.example.app=AB:CD:…" of the setting."""
    for entry in settings.ANDROID_APPS:
        package, _equals, fingerprint = entry.partition("=")
        yield package.strip(), bytes.fromhex(fingerprint.replace(":", ""))


def apple_apps() -> list[str]:
    """Apps on Apple's systems that may use the platform's passkeys: "<team id>.<bundle id>"."""
    return list(settings.APPLE_APPS)


def read_client_data(credential: Mapping[str, Any]) -> ClientData:
    """The client data of an answer. Raises PasskeyFault if it can't be read, or says it was embedded."""
    raw = decoded(_response(credential).get("clientDataJSON"))
    try:
        data = json.loads(raw.decode("utf-8"), object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError) as error:
        raise PasskeyFault("passkey-malformed") from error
    if not isinstance(data, dict):
        raise PasskeyFault("passkey-malformed")
    kind, challenge, origin = data.get("type"), data.get("challenge"), data.get("origin")
    if not isinstance(kind, str) or not isinstance(origin, str):
        raise PasskeyFault("passkey-malformed")
    # Absent in older browsers; anything but false says that another site's page had framed ours.
    if data.get("crossOrigin", False) is not False or "topOrigin" in data:
        raise PasskeyFault("passkey-cross-origin")
    return ClientData(kind, decoded(challenge), origin)


def check_registration(
    credential: Mapping[str, Any],
    client: ClientData,
    *,
    challenge: bytes,
    rp_id: str,
    origins: list[str],
) -> NewCredential:
    """Every check of a registration (section 7.1). Raises PasskeyFault.

    No attestation is asked for: `none` is taken, and a signature with the new key itself; statements with
    certificates are refused, since nothing here says whom to trust.
    """
    _check_client(client, "webauthn.create", challenge, origins)
    with _reading():
        statement = parse_attestation_object(decoded(_response(credential).get("attestationObject")))
        _check_authenticator(statement.auth_data, rp_id)
        attested = statement.auth_data.attested_credential_data
        if attested is None or not 0 < len(attested.credential_id) <= LONGEST_CREDENTIAL_ID:
            raise PasskeyFault("passkey-malformed")
        if attested.credential_id != decoded(credential.get("rawId")):
            raise PasskeyFault("passkey-malformed")
        _check_key(attested.credential_public_key)
    if statement.fmt not in ("none", "packed") or statement.att_stmt.x5c:
        raise PasskeyFault("passkey-attestation")
    with _reading():
        verified = verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origins,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
        aaguid = UUID(verified.aaguid)
    named = _response(credential).get("transports")
    return NewCredential(
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        aaguid=aaguid if aaguid.int else None,
        transports=sorted(TRANSPORTS.intersection(t for t in named if isinstance(t, str)))
        if isinstance(named, list)
        else [],
        backup_eligible=statement.auth_data.flags.be,
        backed_up=statement.auth_data.flags.bs,
    )


def check_assertion(
    credential: Mapping[str, Any],
    client: ClientData,
    *,
    challenge: bytes,
    rp_id: str,
    origins: list[str],
    public_key: bytes,
) -> Assertion:
    """Every check of a signature but those of owner, sign count and backup (section 7.2).

    The caller compares the sign count: an alarm is only worth raising over what was truly signed, and the
    library would compare before it verifies. Raises PasskeyFault.
    """
    _check_client(client, "webauthn.get", challenge, origins)
    with _reading():
        data = parse_authenticator_data(decoded(_response(credential).get("authenticatorData")))
        decoded(_response(credential).get("signature"))
        _check_authenticator(data, rp_id)
        verified = verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origins,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    return Assertion(verified.new_sign_count, data.flags.be, data.flags.bs)


def user_handle(credential: Mapping[str, Any]) -> bytes | None:
    """Whose the authenticator says the credential is; None where it doesn't say."""
    handle = _response(credential).get("userHandle")
    return None if handle is None else decoded(handle)


def raw_id(credential: Mapping[str, Any]) -> bytes:
    return decoded(credential.get("rawId"))


def decoded(value: Any) -> bytes:
    """base64url without padding, strictly. Raises PasskeyFault."""
    if not isinstance(value, str) or not _BASE64URL.match(value):
        raise PasskeyFault("passkey-malformed")
    try:
        plain = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except binascii.Error as error:
        raise PasskeyFault("passkey-malformed") from error
    if encoded(plain) != value:  # Bits beyond the last byte: two spellings of one value.
        raise PasskeyFault("passkey-malformed")
    return plain


def encoded(value: bytes) -> str:
    return bytes_to_base64url(value)


def _response(credential: Mapping[str, Any]) -> Mapping[str, Any]:
    response = credential.get("response")
    if not isinstance(response, dict):
        raise PasskeyFault("passkey-malformed")
    return response


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _value in pairs}) != len(pairs):
        raise ValueError("a name is repeated")
    return dict(pairs)


def _check_client(client: ClientData, kind: str, challenge: bytes, origins: list[str]) -> None:
    if client.type != kind:
        raise PasskeyFault("passkey-type")
    if not hmac.compare_digest(client.challenge, challenge):
        raise PasskeyFault("passkey-challenge")
    if client.origin not in origins:
        raise PasskeyFault("passkey-origin")


def _check_authenticator(data: AuthenticatorData, rp_id: str) -> None:
    if data.rp_id_hash != hashlib.sha256(rp_id.encode()).digest():
        raise PasskeyFault("passkey-relying-party")
    if not data.flags.up or not data.flags.uv:
        raise PasskeyFault("passkey-not-verified")
    if data.flags.bs and not data.flags.be:
        raise PasskeyFault("passkey-backup")


def _check_key(public_key: bytes) -> None:
    """The key is of an algorithm we offered, and can verify: it would otherwise fail at the first sign-in."""
    key = decode_credential_public_key(public_key)
    if key.alg not in _KEYS:
        raise PasskeyFault("passkey-algorithm")
    loaded = decoded_public_key_to_cryptography(key)
    if not isinstance(loaded, _KEYS[key.alg]):
        raise PasskeyFault("passkey-algorithm")
    # Only P-256 goes with ES256 (RFC 9053, section 2.1).
    if isinstance(loaded, EllipticCurvePublicKey) and not isinstance(loaded.curve, SECP256R1):
        raise PasskeyFault("passkey-algorithm")
    # Short ones are weak; with giant numbers every sign-in would be slow.
    if isinstance(loaded, RSAPublicKey) and not (
        2048 <= loaded.key_size <= 8192 and loaded.public_numbers().e < 2**32
    ):
        raise PasskeyFault("passkey-algorithm")


@contextmanager
def _reading() -> Iterator[None]:
    """Says of whatever can't be parsed or verified that it was refused."""
    try:
        yield
    except InvalidSignature as error:
        raise PasskeyFault("passkey-signature") from error
    except _PARSE_ERRORS as error:
        code = "passkey-signature" if "signature" in str(error) else "passkey-malformed"
        raise PasskeyFault(code) from error
