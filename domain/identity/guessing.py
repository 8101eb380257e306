"""How often somebody may try to prove who they are.

Attempts are counted before anything is looked at: per network address, per device and per account. A device
the account's owner has signed in from counts for itself, so that strangers' guesses don't lock the owner out.
Whether an account exists makes no difference to what is asked and counted.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError

from .devices import is_known, secret_digest
from .emails import canonical
from .limits import Limit, count, forgive

# Guesses at one account from devices it doesn't know, and at any account from one network address.
ACCOUNT_ATTEMPTS = Limit("sign-in-account", attempts=10, seconds=15 * 60)
ADDRESS_ATTEMPTS = Limit("sign-in-address", attempts=100, seconds=15 * 60)
# From one device, whichever account: a secret that was copied opens no second way to guess.
DEVICE_ATTEMPTS = Limit("sign-in-device", attempts=10, seconds=15 * 60)
# Confirming that it is still oneself, in one session.
CONFIRMATION_ATTEMPTS = Limit("confirmation", attempts=5, seconds=15 * 60)


@dataclass(frozen=True)
class Attempt:
    """One attempt that was counted; `succeeded` forgets those before it."""

    counted: tuple[tuple[Limit, str], ...]

    def succeeded(self) -> None:
        for limit, subject in self.counted:
            forgive(limit, subject)


def account_of(email: str) -> str:
    """How an e-mail address is counted and looked up; what is none is counted as well, and nobody's."""
    try:
        return canonical(email)
    except ValidationError:
        return f" {email.strip().casefold()}"


def begin_attempt(account: str, *, address: str, device_secret: str = "") -> Attempt:
    """Count an attempt at the account (see `account_of`) from a network address and a device.

    Call it outside a transaction. Raises TooManyAttempts when it is one too many for any of them.
    """
    digest = secret_digest(device_secret)
    known = is_known(account, digest)
    count(ADDRESS_ATTEMPTS, address)
    counted = [(DEVICE_ATTEMPTS, digest.hex())] if digest else []
    if not known:
        counted.append((ACCOUNT_ATTEMPTS, account))
    for limit, subject in counted:
        count(limit, subject)
    return Attempt(tuple(counted))
