"""What a phone gets, and when: tests/sync/test_missing.py has what happens at the same time."""

from typing import Any

import pytest

from domain.people.rules import create_contact

pytestmark = pytest.mark.django_db

PULL = "/api/v1/sync/pull/"


class Phone:
    """A phone that keeps what it is told, and nothing else."""

    def __init__(self, api: Any):
        self.api, self.checkpoint = api, None
        self.rows: dict[tuple[str, str], Any] = {}
        self.reasons: dict[tuple[str, str], str] = {}

    def ask(self, **query):
        return self.api.get(PULL, query if self.checkpoint is None else {"checkpoint": self.checkpoint, **query})

    def take(self, answer) -> list[dict]:
        assert answer.status_code in (200, 204), answer.content
        if answer.status_code == 204:
            return []
        told = answer.json()
        for change in told["changes"]:
            key = change["resource"], change["id"]
            if change["op"] == "upsert":
                self.rows[key] = change["data"]
            else:
                self.rows.pop(key, None)
                self.reasons[key] = change["reason"]
        self.checkpoint = told["checkpoint"]
        return told["changes"]

    def pull(self, **query) -> list[dict]:
        """Until there is nothing more."""
        changes = []
        while True:
            answer = self.ask(**query)
            changes += self.take(answer)
            if answer.status_code == 204 or not answer.json()["has_more"]:
                return changes

    def held(self, resource: str) -> dict[str, Any]:
        return {key: row for (name, key), row in self.rows.items() if name == resource}


@pytest.fixture
def phone(nhf, api_of) -> Phone:
    return Phone(api_of("nhf", "coordinator@nhf.example"))


def test_a_new_phone_gets_all_that_its_person_sees_once(phone):
    first = phone.ask().json()
    assert first["estimates"]["local-associations"] >= 1
    assert phone.take(phone.ask())
    phone.pull()
    assert phone.held("me") and phone.held("terminology")
    shown = phone.api.get("/api/v1/local-associations/", {"page_size": 200}).json()["results"]
    held = phone.held("local-associations")
    assert {row["id"] for row in shown} <= held.keys()
    one = shown[0]["id"]
    assert held[one] == phone.api.get(f"/api/v1/local-associations/{one}/").json()
    assert phone.ask().status_code == 204
