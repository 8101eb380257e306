"""A passkey after the password, where the organisation asks people with wide access over it for one.

Whom it is asked of says `privileged`, which later areas fill. A passkey alone is enough anywhere (it is two
things: the device and its owner's finger or PIN); a recovery code stands in for it.

What is left open, knowingly: somebody who has no passkey yet must be able to make one. The admin lets them in
by password to that page alone; the app refuses. Until then a stolen password is as good as theirs.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils.translation import gettext_lazy as _

from domain.config.queries import current_settings
from domain.core.errors import NotAllowed
from tenants.models import Organization

from . import passkeys
from .devices import Device
from .errors import AuthenticationRefused
from .models import User
from .passkeys import Asker
from .recovery import person_of_code
from .rules import admit, person_of_password
from .sessions import Tokens

# Whether a person has power over the organisation that is selected. Areas add theirs in ready().
privileged: list[Callable[[User], bool]] = []
# Seconds between the password and the passkey.
WITHIN = 5 * 60
_SALT = "meander.second-step"


@dataclass(frozen=True)
class SecondStep:
    """What an app has to answer before it gets tokens: it shows `ceremony` again, with the answer."""

    ceremony: str
    options: dict[str, Any]


class SecondStepUnavailable(NotAllowed):
    """The organisation asks for a passkey, and the person has none yet."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Your organisation asks you for a passkey. Sign in to the admin once to make one, or use a "
                "recovery code."
            ),
            code="second-step-unavailable",
        )


class SecondStepOver(AuthenticationRefused):
    """Too late, or not what was asked for: begin with the password again."""

    def __init__(self) -> None:
        super().__init__(_("This took too long. Sign in again."), code="second-step-over")


def is_asked_of(person: User) -> bool:
    """Whether the organisation that is selected asks this person for a passkey after the password."""
    if not current_settings().second_step:
        return False
    return person.may_support or any(has_power(person) for has_power in privileged)


def sign_in(
    *, email: str, password: str, organization: Organization, device: Device, address: str
) -> Tokens | SecondStep:
    """Open a session by password, or ask for the second step first.

    Raises TooManyAttempts, SignInRefused and SecondStepUnavailable.
    """
    person = person_of_password(
        email=email,
        password=password,
        organization=organization,
        address=address,
        device_secret=device.secret,
    )
    if not is_asked_of(person):
        return admit(person, organization, device=device, address=address, method="password")
    if not passkeys.passkeys_of(person).exists():
        raise SecondStepUnavailable
    ceremony = signing.dumps(
        [person.pk.hex, organization.pk.hex, secrets.token_urlsafe(16)], salt=_SALT, compress=False
    )
    return SecondStep(ceremony, question(person, asker=asker(organization, ceremony, address=address)))


def finish(
    *,
    ceremony: str,
    organization: Organization,
    device: Device,
    address: str,
    credential: Mapping[str, Any] | None = None,
    code: str = "",
) -> Tokens:
    """Open the session that a password began, by a passkey or else a recovery code.

    Raises TooManyAttempts, SecondStepOver, PasskeySignInRefused and SignInRefused.
    """
    try:
        person_hex, organization_hex, _nonce = signing.loads(ceremony, salt=_SALT, max_age=WITHIN)
        person = User.objects.get(pk=UUID(person_hex))
    except (signing.BadSignature, ValueError, User.DoesNotExist) as error:
        raise SecondStepOver from error
    if organization_hex != organization.pk.hex:
        raise SecondStepOver
    if credential is not None:
        answer(person, credential=credential, asker=asker(organization, ceremony, address=address))
        method = "password+passkey"
    else:
        check_code(person, code=code, organization=organization, address=address, secret=device.secret)
        method = "recovery-code"
    return admit(person, organization, device=device, address=address, method=method)


def asker(organization: Organization, secret: str, *, address: str) -> Asker:
    """Whom the question is put to: whoever can show the secret again."""
    return Asker(organization, f"second-step {secret}", address=address)


def question(person: User, *, asker: Asker) -> dict[str, Any]:
    """The question for one of this person's passkeys."""
    return passkeys.second_step_options(person, asker=asker)


def answer(person: User, *, credential: Mapping[str, Any], asker: Asker) -> None:
    """Raises TooManyAttempts, and PasskeySignInRefused unless one of this person's passkeys signed."""
    if passkeys.recognise(credential=credential, asker=asker, asked=person).pk != person.pk:
        raise SecondStepOver


def check_code(
    person: User, *, code: str, organization: Organization, address: str, secret: str = ""
) -> None:
    """Use up one of this person's recovery codes. Raises TooManyAttempts and SignInRefused."""
    person_of_code(
        email=person.email or "",
        code=code,
        organization=organization,
        address=address,
        device_secret=secret,
    )
