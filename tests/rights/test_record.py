"""Every address that can write, asked by whoever may most: what it writes is on the record, and what it
refuses leaves neither row nor event."""

import json
from contextlib import ExitStack

import pytest
from django.template.response import SimpleTemplateResponse

from domain.audit.models import AuditEvent
from domain.audit.queries import READING_VERBS
from tenants.db import connection
from tenants.fields import uuid7
from tests.audit.watching import unsaid, watched, written

from .asking import _form, ids_of, word
from .matrix import entries
from .test_matrix import body_for
from .world import undone

# Who asks: the organisation's administrator, and the platform's own staff.
MOST = ("admin", "staff")
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
# Of the API, what succeeds and changes nothing that the record is about: address → why.
SILENT = {
    "api/v1/auth/passkeys/authentication/options/": "a challenge",
    "api/v1/auth/passkeys/registration/options/": "a challenge",
    "api/v1/auth/step-up/passkey/options/": "a challenge",
    "api/v1/feature-areas/<uuid:id>/": "the area is on already",
    "api/v1/local-association-memberships/<uuid:id>/make-primary/": "it is the primary one already",
    "api/v1/local-associations/<uuid:id>/reopen/": "it is open",
    "api/v1/me/": "an empty body",
    "api/v1/memberships/<uuid:id>/": "an empty body",
    "api/v1/role-assignments/<uuid:id>/": "an empty body",
    "api/v1/role-assignments/bulk/update/": "nothing in it to change",
}
# What is recorded of an attempt though it was refused.
ATTEMPTS: set[str] = set()


class Answer:
    """What became of one request, all of which is undone."""

    def __init__(self, world, entry, person, ids):
        client, address = person.client(entry.filled(ids)), entry.filled(ids)
        body, since = body_for(entry, person, world), uuid7()
        with undone():
            if client is person.app:
                response = client.generic(entry.method, address, json.dumps(body or {}), "application/json")
            else:
                form = "application/x-www-form-urlencoded"
                response = client.generic(entry.method, address, _form(body), form)
            self.word, self.status = word(response), response.status_code
            self.rows, self.unnamed = written(person.host), unsaid(person.host, since)
            with connection.as_owner():
                made = AuditEvent.objects.filter(pk__gt=since).order_by("pk")
                self.actions = list(made.values_list("action", flat=True))

    @property
    def changes(self) -> list[str]:
        return [action for action in self.actions if action.rpartition(".")[2] not in READING_VERBS]


@pytest.fixture
def watching(world):
    with ExitStack() as stack:
        for name in MOST:
            stack.enter_context(watched(world.people[name].host))
        yield


def test_every_write_is_on_the_record_and_what_is_refused_is_not_done(world, watching, monkeypatch):
    # What a page looks like takes most of the time, and is nobody's business here.
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", property(lambda response: ""))
    faults, counted = [], 0
    for entry in entries():
        if entry.method not in UNSAFE:
            continue
        # The platform's staff where the administrator of an organisation isn't let in.
        for name in MOST if entry.answer("admin")[0] != "yes" else MOST[:1]:
            person = world.people[name]
            ids = ids_of(world, person, entry.rows, "own")
            if ids is None or entry.answer(name)[0] not in ("yes", "judged"):
                continue
            answer = Answer(world, entry, person, ids)
            if answer.unnamed:
                faults.append(f"{name}, {entry.name}: wrote {answer.unnamed} that no event names")
            if answer.status >= 400 and (answer.rows or set(answer.changes) - ATTEMPTS):
                faults.append(f"{name}, {entry.name}: {answer.status}, yet {answer.rows} {answer.actions}")
            if entry.is_api and answer.word == "yes":
                counted += bool(answer.changes)
                if not answer.changes and entry.address not in SILENT:
                    faults.append(f"{name}, {entry.name}: {answer.status} and nothing recorded")
    assert not faults, "\n".join(faults)
    assert counted > 20
