"""A phone of Meander without a screen: works offline, and synchronises when there is a line."""

from .client import OfflineClient
from .connection import Offline, ProblemError, SignedOut, UpdateNeeded, Wiped
from .store import Store

__all__ = ["Offline", "OfflineClient", "ProblemError", "SignedOut", "Store", "UpdateNeeded", "Wiped"]
