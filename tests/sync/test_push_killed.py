"""Killed in the middle: the process that takes a push (SIGKILL), and its session with the database. The phone
sends again what it has no answer for; in the end each change has taken effect once, and is recorded once."""

import json
import os
import random
import signal
import time
from uuid import UUID

import pytest
from django.db import OperationalError, connection, connections
from django_tenants.utils import schema_context
from rest_framework.test import APIClient

from domain.audit.models import AuditEvent
from domain.identity.models import User
from domain.identity.sessions import open_session
from domain.people.models import Note
from domain.sync.models import SyncMutation
from tenants.models import Organization
from tests.sync.pushing import Outbox, change

CHANGES, PER_PUSH = 40, 8
# Seconds after which it is killed; a push of so many takes longer.
EARLIEST, LATEST = 0.01, 0.25


@pytest.fixture
def outbox(own_database) -> Outbox:
    with schema_context("nhf"):
        person = User.objects.get(email="mentor@nhf.example")
        tokens = open_session(person, Organization.objects.get(schema_name="nhf"))
    api = APIClient(HTTP_HOST="nhf.localhost", raise_request_exception=False)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access_token}")
    return Outbox(api)


def in_process_of_its_own(outbox: Outbox, changes: list[dict], killed_after: float | None) -> list[dict]:
    """The results, of a push in a process that may be killed before it has answered: then none."""
    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = outbox.post(changes)
            told = answer.json()["results"] if answer.status_code == 200 else []
            os.write(writing, json.dumps([each["mutation_id"] for each in told]).encode())
        finally:
            os._exit(0)
    os.close(writing)
    if killed_after is not None:
        time.sleep(killed_after)
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    return json.loads(text) if text else []


def everything_was_done_once(changes: list[dict]) -> None:
    ids = {UUID(each["mutation_id"]) for each in changes}
    with schema_context("nhf"):
        titles = list(Note.objects.filter(title__startswith="Nr ").values_list("title", flat=True))
        assert sorted(titles) == sorted(each["data"]["title"] for each in changes)
        kept = SyncMutation.objects.filter(mutation_id__in=ids)
        assert kept.count() == CHANGES
        assert {each.outcome for each in kept} == {"applied"}
        rows = {str(each.row_id) for each in kept}
        events = AuditEvent.objects.filter(action="note.created", object_id__in=rows)
        assert events.count() == CHANGES == len(rows)


def new_notes() -> list[dict]:
    return [
        change("notes", "create", client_id=f"n{number}", data={"title": f"Nr {number}", "body": "Ord"})
        for number in range(CHANGES)
    ]


def send_all(outbox: Outbox, changes: list[dict], send) -> int:
    """Until each has an answer; how often there was none."""
    waiting, lost, dice = list(changes), 0, random.Random(7)
    for _turn in range(60):
        if not waiting:
            break
        some = waiting[:PER_PUSH]
        answered = set(send(some, dice.uniform(EARLIEST, LATEST) if lost < 6 else None))
        lost += not answered
        waiting = [each for each in waiting if each["mutation_id"] not in answered]
    assert not waiting
    return lost


def test_a_process_that_is_killed_leaves_nothing_done_twice_or_lost(outbox):
    changes = new_notes()
    lost = send_all(
        outbox, changes, lambda some, after: in_process_of_its_own(outbox, some, killed_after=after)
    )
    assert lost >= 3
    everything_was_done_once(changes)


def test_a_session_with_the_database_that_is_ended_leaves_nothing_done_twice_or_lost(outbox):
    from threading import Timer

    changes = new_notes()

    def send(some: list[dict], after: float | None) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = cursor.fetchone()[0]
        timer = Timer(after or 0, end_session_of, [backend])
        if after is not None:
            timer.start()
        try:
            answer = outbox.post(some)
            told = answer.json().get("results", []) if answer.status_code == 200 else []
        except OperationalError:
            told = []
        if after is not None:
            timer.join()
        connections.close_all()
        return [each["mutation_id"] for each in told]

    lost = send_all(outbox, changes, send)
    assert lost >= 2
    everything_was_done_once(changes)


def end_session_of(backend: int) -> None:
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    connection.close()
