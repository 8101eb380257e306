"""The people and places of the tests of access."""

from tests.access.conftest import days, east_coordinator, join, membership_of, scope_of, tree

__all__ = ["days", "east_coordinator", "join", "membership_of", "scope_of", "tree"]
