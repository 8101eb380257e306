"""Two that send the same at the same time, and two that change the same row."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django_tenants.utils import schema_context
from rest_framework.test import APIClient

from domain.audit.models import AuditEvent
from domain.identity.models import User
from domain.identity.sessions import open_session
from domain.people.models import Note
from domain.sync.models import SyncDevice, SyncMutation
from tenants.models import Organization
from tests.sync.pushing import Outbox, change

WRITERS = 4


@pytest.fixture
def new_api(own_database):
    """Clients of the coordinator, each signed in by itself."""

    def make() -> APIClient:
        with schema_context("nhf"):
            person = User.objects.get(email="coordinator@nhf.example")
            tokens = open_session(person, Organization.objects.get(schema_name="nhf"))
        client = APIClient(HTTP_HOST="nhf.localhost")
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access_token}")
        return client

    return make


def at_once(work, arguments):
    """Runs `work` with each argument in a thread of its own, all begun together."""
    barrier = Barrier(len(arguments))

    def run(argument):
        try:
            barrier.wait(10)
            return work(argument)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(run, arguments))


def test_the_same_change_sent_at_once_is_done_once_and_answered_alike(new_api):
    apis = [new_api() for _number in range(WRITERS)]
    sent = [
        change("notes", "create", client_id=f"n{n}", data={"title": str(n), "body": "b"}) for n in range(5)
    ]
    answers = at_once(lambda api: Outbox(api).send(*sent), apis)
    for number in range(len(sent)):
        results = [answer[number] for answer in answers]
        assert sorted(each["outcome"] for each in results) == ["applied"] + ["duplicate"] * (WRITERS - 1)
        assert len({(each["id"], each["version"]) for each in results}) == 1
    with schema_context("nhf"):
        assert Note.objects.count() == SyncMutation.objects.count() == len(sent)
        assert AuditEvent.objects.filter(action="note.created").count() == len(sent)
        assert SyncDevice.objects.count() == 1


def test_of_two_phones_that_change_a_row_at_once_neither_change_is_lost(new_api):
    apis = [new_api() for _number in range(2)]
    [made] = Outbox(apis[0]).send(change("notes", "create", data={"title": "t", "body": "b"}))
    given = {"id": made["id"], "base_version": made["version"]}
    sent = [
        change("notes", "update", data={"title": "New"}, **given),
        change("notes", "update", data={"is_pinned": True}, **given),
    ]
    results = at_once(
        lambda each: Outbox(*each[:2]).send(each[2])[0],
        [
            (apis[0], "phone", sent[0]),
            (apis[1], "tablet", sent[1]),
        ],
    )
    assert sorted(each["outcome"] for each in results) == ["applied", "merged"]
    with schema_context("nhf"):
        row = Note.objects.get()
        assert (row.title, row.is_pinned) == ("New", True)
