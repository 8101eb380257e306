"""An organisation as large as `make demo SIZE=large`: lists, searches, pages, and what is done on them.

In one process through the whole stack of a request (Django's test client), in turns: organisation, session,
scope, permission, record. Peers do the same work the usual way behind the same sign-in
(`bench/tools/operation_peers.py`); ratios are the medians of each round's own.

`BENCH_ROUNDS` (default 15) says how often each is asked. Making the demo first takes some minutes.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from django.test import Client, override_settings
from django_tenants.utils import schema_context

from .common import own_database, report

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "15"))
HOST = "nhf.localhost"
COORDINATOR = "coordinator@nhf.example"
V1 = "/api/v1"
# What ours is compared with, and the goal of the ratio (docs: figures to reach), where there is one.
PEERS = {
    "API: list of 25": ("DRF: list of 25", 3),
    "API: list of 25 that wait": ("DRF: list of 25 that wait", None),
    "API: search": ("DRF: search", None),
    "API: one activity": ("DRF: one activity", 2),
    "API: contact made, duplicates looked for": ("DRF: contact made", None),
    "admin: list of activities": ("Django: page of 50 activities", None),
    # 0.97 s of the plain way, 0.4 s of ours.
    "admin: CSV of all activities": ("Django: CSV of all activities", 2.4),
}
# The same compared with peers that record nothing of what they show.
UNRECORDED = {
    "API: list of 25": "DRF, no record: list of 25",
    "API: one activity": "DRF, no record: one activity",
}
# Asked for twice in a row as well: in a round everything is unlike what came before it.
READS = {ours: (peer, UNRECORDED[ours]) for ours, (peer, _goal) in PEERS.items() if ours in UNRECORDED}
REPEATS = 100
Case = Callable[[], None]


def main() -> None:
    from django.core.management import call_command

    # Nobody is told of what the demo makes.
    mail = "django.core.mail.backends.dummy.EmailBackend"
    with own_database("operations"), override_settings(DEMO=True, EMAIL_BACKEND=mail):
        begin = time.perf_counter()
        call_command("seed_demo", size="large")
        measure({"the large demo made, s": time.perf_counter() - begin})


def measure(figures: dict[str, object] | None = None) -> None:
    with override_settings(
        ROOT_URLCONF="bench.tools.operation_peers", ALLOWED_HOSTS=["*"], SECURE_SSL_REDIRECT=False
    ):
        every = cases()
        reads = [label for ours, peers in READS.items() for label in (ours, *peers)]
        taken, again = rounds(every), repeated({label: every[label] for label in reads})
    found = dict(figures or {})
    for label, times in taken.items():
        found[f"{label}, ms"] = statistics.median(times) * 1000
    pairs = [*PEERS.items(), *((ours, (peer, None)) for ours, peer in UNRECORDED.items())]
    for ours, (peer, goal) in pairs:
        found[f"{peer} / {ours}" + (f" (goal {goal})" if goal else "")] = _ratio(taken, ours, peer)
    for ours, peers in READS.items():
        for peer in peers:
            found[f"{peer} / {ours}, repeated"] = _ratio(again, ours, peer)
    report("operations", found)


def rounds(all_cases: dict[str, Case]) -> dict[str, list[float]]:
    """Seconds of each, all of them once a round, after one round that isn't counted.

    Every other round goes backwards: of two that share much, the second finds it warm.
    """
    taken: dict[str, list[float]] = {label: [] for label in all_cases}
    for number in range(ROUNDS + 1):
        for label, case in list(all_cases.items())[:: -1 if number % 2 else 1]:
            begin = time.perf_counter()
            case()
            if number:
                taken[label].append(time.perf_counter() - begin)
    return taken


def repeated(some: dict[str, Case]) -> dict[str, list[float]]:
    """Seconds of each when it was asked just before, too."""
    taken: dict[str, list[float]] = {label: [] for label in some}
    for number in range(REPEATS):
        for label, case in list(some.items())[:: -1 if number % 2 else 1]:
            case()
            begin = time.perf_counter()
            case()
            taken[label].append(time.perf_counter() - begin)
    return taken


def _ratio(taken: dict[str, list[float]], ours: str, peer: str) -> float:
    return statistics.median(b / a for a, b in zip(taken[ours], taken[peer], strict=True))


def cases() -> dict[str, Case]:
    api, admin = bearer(COORDINATOR), browser(COORDINATOR)
    keys = known()
    one, waits, search = f"/activities/{keys['activity']}/", "?status=submitted", "?search=rettig"
    peers = "/peers/activities/"
    return {
        "API: list of 25": reading(api, f"{V1}/activities/"),
        "DRF: list of 25": reading(api, peers),
        "DRF, no record: list of 25": reading(api, "/peers/unrecorded/"),
        "API: list of 25 that wait": reading(api, f"{V1}/activities/{waits}"),
        "DRF: list of 25 that wait": reading(api, f"{peers}{waits}"),
        "API: search": reading(api, f"{V1}/activities/{search}"),
        "DRF: search": reading(api, f"{peers}{search}"),
        "API: one activity": reading(api, f"{V1}{one}"),
        "DRF: one activity": reading(api, f"/peers{one}"),
        "API: activities of a mentor's name": reading(api, f"{V1}/activities/?search=sorbo"),
        "DRF, no record: one activity": reading(api, f"/peers/unrecorded/{keys['activity']}/"),
        "API: contacts of a name": reading(api, f"{V1}/contacts/?search=brekke"),
        "API: contact made, duplicates looked for": making(api, f"{V1}/contacts/", keys["place"]),
        "DRF: contact made": making(api, "/peers/contacts/", keys["place"]),
        "API: one of many approved": approving(api),
        "API: assignment opened": opening(),
        "admin: list of activities": reading(admin, "/admin/activities/"),
        "Django: page of 50 activities": reading(admin, "/peers/pages/activities/"),
        "admin: search of activities": reading(admin, "/admin/activities/?q=sorbo"),
        "admin: CSV of all activities": taking(admin, "/admin/activities/?export=csv"),
        "Django: CSV of all activities": taking(admin, "/peers/pages/activities.csv"),
        "admin: search of contacts": reading(admin, "/admin/contacts/?q=brekke"),
        "admin: search of members": reading(admin, "/admin/members/?q=sorbo"),
        "admin: an activity": reading(admin, f"/admin/activities/inspect/{keys['activity']}/"),
        "admin: review queue": reading(admin, "/admin/activities/review/"),
        "admin: quick form sent": quick_form(admin),
        "admin: list of contacts": reading(admin, "/admin/contacts/"),
        "admin: a contact": reading(admin, f"/admin/contacts/inspect/{keys['contact']}/"),
        "admin: choosing among the mentors": reading(
            admin, f"/admin/assignments/dispatch/?role_context=mentor&contact={keys['contact']}"
        ),
    }


def known() -> dict[str, Any]:
    from domain.activities.models import Activity
    from domain.people.models import Contact

    with schema_context("nhf"):
        contact = Contact.objects.filter(phone="+4700200001").get()
        waiting = Activity.objects.waiting().order_by("-submitted_at", "pk")
        return {"activity": waiting[0].pk, "contact": contact.pk, "place": contact.local_association_id}


def reading(client: Client, path: str) -> Case:
    def case() -> None:
        expect(client.get(path), 200)

    return case


def taking(client: Client, path: str) -> Case:
    """A file, to its end."""

    def case() -> None:
        answer: Any = client.get(path)
        assert answer.status_code == 200, path
        for _block in answer.streaming_content if answer.streaming else [answer.content]:
            pass
        answer.close()

    return case


def making(client: Client, path: str, place: Any) -> Case:
    """Contacts of ever other names, of a year in which many were born."""
    number = count(int(time.time()) % 1_000_000 * 1000)
    name = "Benk" if path.startswith(V1) else "Peer"

    def case() -> None:
        body = {
            "first_name": "Amal",
            "last_name": f"{name} {next(number)}",
            "birth_year": 1970,
            "phone": "",
            "local_association": str(place),
        }
        expect(client.post(path, body, content_type="application/json"), 201)

    return case


def approving(client: Client) -> Case:
    """One after the other of those that wait and nothing speaks against."""
    from domain.activities.models import Activity

    with schema_context("nhf"):
        rows = Activity.objects.waiting().filter(flags__isnull=True).order_by("submitted_at", "pk")
        left = iter(list(rows.values_list("pk", flat=True)[: ROUNDS + 1]))

    def case() -> None:
        expect(client.post(f"{V1}/activities/{next(left)}/approve/", content_type="application/json"), 200)

    return case


def opening() -> Case:
    """Each by its recipient, who has just proved who they are."""
    left = iter(list(sessions()))

    def case() -> None:
        client, key = next(left)
        expect(client.post(f"{V1}/assignments/{key}/open/", content_type="application/json"), 200)

    return case


def sessions() -> Iterator[tuple[Client, Any]]:
    from domain.assignments.models import Assignment

    with schema_context("nhf"):
        rows = list(Assignment.objects.filter(status="sent").select_related("recipient")[: ROUNDS + 1])
    for row in rows:
        yield bearer(row.recipient), row.pk


def quick_form(client: Client) -> Case:
    """A phone call of one of the mentors, at ever other times."""
    from datetime import timedelta

    from django.utils import timezone

    from domain.access.models import RoleAssignment
    from domain.activities.models import ActivityType

    with schema_context("nhf"):
        kind = ActivityType.objects.get(key="other")
        role = RoleAssignment.objects.filter(role="peer_mentor").holding().order_by("pk").last()
        assert role is not None
    begun = timezone.now() - timedelta(days=200)
    number = count(int(time.time()) % 10_000)

    def case() -> None:
        body = {
            "mentor": str(role.user_id),
            "type": str(kind.pk),
            "started_at": (begun - timedelta(hours=3 * next(number))).strftime("%Y-%m-%d %H:%M"),
            "duration_minutes": "45",
            "mode": "physical",
            "further_participants": "3",
            "summary": "Fin prat.",
            "theme": "",
            "place": "",
        }
        expect(client.post(f"/admin/activities/new/?mentor={role.user_id}", body), 302)

    return case


def expect(answer: Any, status: int) -> None:
    assert answer.status_code == status, (answer.status_code, answer.content[:2000])


def person(email: str) -> Any:
    from domain.identity.models import User
    from tenants.db import connection

    with connection.as_owner():
        return User.objects.get(email=email)


def browser(email: str) -> Client:
    client = Client(HTTP_HOST=HOST)
    with schema_context("nhf"):
        client.force_login(person(email))
    return client


def bearer(whose: Any) -> Client:
    """An API client of somebody, in a session in which they have just confirmed who they are."""
    from domain.identity.sessions import open_session
    from domain.identity.verification import mark_verified
    from tenants.models import Organization

    with schema_context("nhf"):
        user = person(whose) if isinstance(whose, str) else whose
        tokens = open_session(user, Organization.objects.get(schema_name="nhf"))
        mark_verified(tokens.session)
    return Client(HTTP_HOST=HOST, HTTP_AUTHORIZATION=f"Bearer {tokens.access_token}")
