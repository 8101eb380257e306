"""Phones: fetching all, fetching what changed, fetching nothing, handing in.

In one process through the whole stack of a request (Django's test client), in turns with the usual way behind
the same sign-in (`bench/tools/sync_peers.py`), which knows neither whose phone holds what, nor what left
their sight, nor whether something came before, and records nothing. Ratios are medians of each round's own.
`BENCH_ROUNDS` (default 7); `BENCH_ROWS` (default 100000) contacts, a tenth of them of one chapter.
"""

import itertools
import os
import statistics
import time
import tracemalloc
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context

from .common import own_database, report
from .operations import HOST

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
ROWS = int(os.environ.get("BENCH_ROWS", "100000"))
PULL, PUSH = "/api/v1/sync/pull/", "/api/v1/sync/push/"
MUTATIONS = 100


def main() -> None:
    mail = "django.core.mail.backends.dummy.EmailBackend"
    with (
        own_database("sync"),
        override_settings(
            ROOT_URLCONF="bench.tools.sync_peers",
            ALLOWED_HOSTS=["*"],
            SECURE_SSL_REDIRECT=False,
            EMAIL_BACKEND=mail,
        ),
        # A phone on its own isn't kept from sending; here one stands for many.
        unlimited(),
    ):
        report("sync", measure(*world()))


def unlimited() -> Any:
    from unittest.mock import patch

    return patch("domain.identity.limits.count", lambda *_given: None)


def measure(chapter: Client, everyone: Client, contact: Any) -> dict[str, object]:
    figures: dict[str, object] = {"contacts": ROWS}
    whole = Phone(chapter)
    ours, plain = in_turns(whole.begin_anew, lambda: expect(chapter.get("/peers/sync/contacts/"), 200))
    compare(figures, f"all {ROWS // 10:,} of a chapter", ours, plain, goal=7)
    figures["kB that fetching a page of 2,000 takes at most"] = peak(Phone(chapter).page) // 1024
    big = Phone(everyone)
    begin = time.perf_counter()
    big.begin_anew()
    figures[f"all {ROWS:,}, s"] = time.perf_counter() - begin
    since = change_ten(everyone)
    big.pull()
    ours, plain = in_turns(
        lambda: big.pull(),
        lambda: expect(everyone.get("/peers/sync/contacts/", {"updated_since": since}), 200),
        before=lambda: change_ten(everyone),
    )
    compare(figures, f"10 changed of {ROWS:,}", ours, plain)
    ours, plain = in_turns(
        lambda: expect(big.ask(), 204),
        lambda: expect(everyone.get("/peers/sync/contacts/", {"updated_since": "2100-01-01"}), 200),
    )
    compare(figures, "nothing new", ours, plain)
    with CaptureQueriesContext(connection) as asked:
        expect(big.ask(), 204)
    figures["questions of a call with nothing new (goal 2)"] = len(asked.captured_queries)
    outbox: list[dict[str, Any]] = []

    def hand_in() -> None:
        outbox[:] = [caregiver(contact) for _ in range(MUTATIONS)]
        expect(push(chapter, outbox), 200)

    plain_rows = [caregiver(contact)["data"] for _ in range(MUTATIONS)]
    ours, plain = in_turns(
        hand_in,
        lambda: expect(
            chapter.post("/peers/sync/caregivers/", plain_rows, content_type="application/json"), 201
        ),
    )
    compare(figures, f"{MUTATIONS} handed in", ours, plain, goal=5)
    again, _plain = in_turns(lambda: expect(push(chapter, outbox), 200), lambda: None)
    figures[f"the same {MUTATIONS} once more, ms"] = statistics.median(again) * 1000
    return figures


def in_turns(ours: Any, plain: Any, before: Any = lambda: None) -> tuple[list[float], list[float]]:
    """Seconds of both, in each round after the first."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS + 1):
        before()
        for place, work in enumerate((ours, plain)):
            begin = time.perf_counter()
            work()
            if number:
                taken[place].append(time.perf_counter() - begin)
    return taken


def compare(
    figures: dict[str, object], what: str, ours: list[float], plain: list[float], goal: int | None = None
) -> None:
    figures[f"{what}, ms"] = statistics.median(ours) * 1000
    figures[f"{what}, DRF, ms"] = statistics.median(plain) * 1000
    ratio = statistics.median(b / a for a, b in zip(ours, plain, strict=True))
    figures[f"{what}: × DRF" + (f" (goal {goal})" if goal else "")] = ratio


class Phone:
    """As a phone asks: pages of 2,000, until there are no more."""

    def __init__(self, client: Client):
        self.client, self.checkpoint = client, ""

    def ask(self) -> Any:
        known = {"checkpoint": self.checkpoint} if self.checkpoint else {}
        return self.client.get(PULL, {"limit": 2000, "resources": "contacts", **known})

    def page(self) -> bool:
        answer = self.ask()
        if answer.status_code == 204:
            return False
        expect(answer, 200)
        told = answer.json()
        self.checkpoint = told["checkpoint"]
        return told["has_more"]

    def pull(self) -> None:
        while self.page():
            pass

    def begin_anew(self) -> None:
        self.checkpoint = ""
        self.pull()


def peak(work: Any) -> int:
    """Bytes that Python took at most."""
    work()
    tracemalloc.start()
    work()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


_cities = itertools.count()


def change_ten(client: Client) -> str:
    """Changes ten contacts, far from each other; when that was."""
    from django.utils import timezone

    from domain.people.models import Contact

    since = timezone.now().isoformat()
    with schema_context("nhf"):
        keys = list(Contact.objects.order_by("pk").values_list("pk", flat=True))[:: max(1, ROWS // 10)]
        Contact.objects.filter(pk__in=keys).update(city=f"By {next(_cities)}")
    return since


def caregiver(contact: Any) -> dict[str, Any]:
    return {
        "mutation_id": str(uuid4()),
        "resource": "caregivers",
        "op": "create",
        "client_id": str(uuid4()),
        "occurred_at": "2026-11-20T09:30:00+01:00",
        "data": {"contact": str(contact), "first_name": "Gro", "last_name": "Dahl", "relation": "parent"},
    }


def push(client: Client, mutations: list[dict[str, Any]]) -> Any:
    body = {"device_id": "bench", "schema_version": 1, "mutations": mutations}
    answer = client.post(PUSH, body, content_type="application/json")
    for result in answer.json()["results"]:
        assert result["outcome"] in ("applied", "duplicate"), result
    return answer


def expect(answer: Any, status: int) -> None:
    assert answer.status_code == status, (answer.status_code, answer.content[:2000])


def world() -> tuple[Client, Client, Any]:
    """A chapter's coordinator and one of the whole organisation, and a contact of the chapter."""
    from domain.access.models import RoleAssignment
    from domain.access.rules import assign_role
    from domain.associations.models import LocalAssociation
    from domain.identity.models import User
    from domain.identity.sessions import open_session
    from domain.people.models import Contact
    from tenants.models import Organization
    from tests.support.rows import make_tree

    clients = []
    with schema_context("nhf"):
        tree = make_tree()
        for first, size in ((tree.grorud, ROWS // 10), (tree.bergen, ROWS - ROWS // 10)):
            rows = (
                Contact(first_name=f"Amal {number}", last_name=f"Benk {number}", local_association=first)
                for number in range(size)
            )
            while chunk := list(itertools.islice(rows, 5000)):
                Contact.objects.bulk_create(chunk)
        for email, place in (("coordinator@nhf.example", tree.grorud), ("mentor@nhf.example", None)):
            user = User.objects.get(email=email)
            RoleAssignment.objects.filter(user=user).delete()
            assign_role(user, "coordinator", local_association=place, by=None)
            tokens = open_session(user, Organization.objects.get(schema_name="nhf"))
            clients.append(Client(HTTP_HOST=HOST, HTTP_AUTHORIZATION=f"Bearer {tokens.access_token}"))
        contact = Contact.objects.filter(local_association=tree.grorud).order_by("pk").first()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        assert contact is not None
        assert isinstance(tree.grorud, LocalAssociation)
    return clients[0], clients[1], contact.pk
