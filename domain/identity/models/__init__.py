"""People, the organisations they belong to, and how they sign in. Tables of the public schema."""

from .credentials import PasskeyChallenge, PasskeyCredential, RecoveryCode
from .limits import RateCounter
from .people import Membership, User, UserManager
from .sessions import DeviceKey, KnownDevice, RefreshToken, UserSession
from .support import SupportAccessGrant

__all__ = [
    "DeviceKey",
    "KnownDevice",
    "Membership",
    "PasskeyChallenge",
    "PasskeyCredential",
    "RateCounter",
    "RecoveryCode",
    "RefreshToken",
    "SupportAccessGrant",
    "User",
    "UserManager",
    "UserSession",
]
