"""A phone that keeps what it is told, and the people's world (tests/people)."""

from typing import Any

import pytest

from tests.people.conftest import contacts, east, east_coordinator, mentor, register, tree

__all__ = ["contacts", "east", "east_coordinator", "mentor", "register", "tree"]

PULL = "/api/v1/sync/pull/"


class Phone:
    """Keeps rows, the last checkpoint, and why something was taken back."""

    def __init__(self, api: Any):
        self.api = api
        self.checkpoint: str | None = None
        self.rows: dict[tuple[str, str], Any] = {}
        self.reasons: dict[tuple[str, str], str] = {}

    def ask(self, **query):
        known = {} if self.checkpoint is None else {"checkpoint": self.checkpoint}
        return self.api.get(PULL, {**known, **query})

    def take(self, answer) -> list[tuple[str, str]]:
        """What an answer brings, as (resource, op)."""
        assert answer.status_code in (200, 204), answer.content
        if answer.status_code == 204:
            return []
        told = answer.json()
        for change in told["changes"]:
            key = change["resource"], change["id"]
            if change["op"] == "upsert":
                self.rows[key] = change["data"]
            else:
                del self.rows[key]
                self.reasons[key] = change["reason"]
        self.checkpoint = told["checkpoint"]
        return [(change["resource"], change["op"]) for change in told["changes"]]

    def pull(self, **query) -> list[tuple[str, str]]:
        """All there is now."""
        changes: list[tuple[str, str]] = []
        while True:
            answer = self.ask(**query)
            changes += self.take(answer)
            if answer.status_code == 204 or not answer.json()["has_more"]:
                return changes

    def held(self, resource: str) -> dict[str, Any]:
        return {key: row for (name, key), row in self.rows.items() if name == resource}

    def names(self) -> set[str]:
        """First names of the contacts it holds."""
        return {row["first_name"] for row in self.held("contacts").values()}


@pytest.fixture
def phone(east, api_of) -> Phone:
    """The phone of the coordinator of Øst."""
    return Phone(api_of("nhf", "coordinator@nhf.example"))
