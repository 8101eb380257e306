"""Content over HTTP: the list of 25 questions, the bundle, and their 304, beside the plain ways.

Every server runs one process, production settings for ours; 16 keep-alive clients in a process of their own.
On a machine with two cores, the server has one and the clients and PostgreSQL share the other, so rates are
for comparing cases of one run. Rounds are interleaved, each case `SECONDS` long, the median of rounds counts.

`BENCH_ROUNDS` (default 7) and `BENCH_SECONDS` (default 2) say how long.
"""

import os
import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django_tenants.utils import schema_context

from .common import own_database, report
from .tools.load import Load, measure
from .tools.servers import NO_GUNICORN, has_gunicorn, serving

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "2"))
QUESTIONS = 60
LIST = "/api/v1/content/faqs/?page_size=25"
BUNDLE = "/api/v1/content/bundle/"
PLAIN = "bench.tools.plain:application"
OURS = "cms.wsgi:application"
Case = Callable[[], Load]


def main() -> None:
    from tests.support.server import addresses, grant_web_login

    with own_database("content") as database, tempfile.TemporaryDirectory() as data, ExitStack() as stack:
        fill()
        owner, web = addresses(database)
        os.environ["WEB_DATABASE_URL"] = web
        stack.callback(os.environ.pop, "WEB_DATABASE_URL")
        grant_web_login()
        ours = {
            "DJANGO_SETTINGS_MODULE": "cms.settings.production",
            "DATABASE_URL": owner,
            "WEB_DATABASE_URL": web,
            "MEANDER_DATA": data,
            "SECRET_KEY": settings.SECRET_KEY,
            "SECURE_SSL_REDIRECT": "false",
            "DATABASE_POOL_SIZE": "8",
        }
        plain = {"DATABASE_URL": owner, "PLAIN_SCHEMA": "nhf"}
        servers = ["granian", "gthread", "sync"] if has_gunicorn() else ["granian"]
        if len(servers) == 1:
            print(NO_GUNICORN)
        cases: dict[str, Case] = {}

        def start(server: str, application: str, ready: Load, environment: dict[str, str]) -> int:
            log = Path(data, f"{len(list(Path(data).iterdir()))}-{server}.log")
            return stack.enter_context(
                serving(server, application, log, ready=ready, environment=environment)
            ).port

        host = {"Host": "nhf.localhost", "Accept-Language": "nb"}
        for server in servers:
            port = start(server, PLAIN, Load(0, "/constant/", 200, {"Host": "x"}), plain)
            constant = Load(port, "/constant/", 200, {"Host": "x"})
            cases[f"plain Django view, {server}"] = lambda load=constant: load
            if server == "granian":
                for name, path in (
                    ("DRF ModelViewSet, list", "/drf/"),
                    ("json_agg in a view, list", "/json/"),
                ):
                    load = replace(constant, path=path)
                    cases[f"{name}, {server}"] = lambda load=load: load
            port = start(server, OURS, Load(0, LIST, 200, host), ours)
            read = Load(port, LIST, 200, host)
            cases[f"ours: list, 304, {server}"] = unchanged(read)
            if server == "granian":
                cases[f"ours: list, 304, member, {server}"] = unchanged(read, member=True)
                cases[f"ours: bundle, 304, {server}"] = unchanged(replace(read, path=BUNDLE))
                cases[f"ours: bundle, {server}"] = lambda load=read: replace(load, path=BUNDLE)
            cases[f"ours: list, {server}"] = lambda load=read: load
        # Every answer made anew, as after each change of the content.
        port = start("granian", OURS, Load(0, LIST, 200, host), {**ours, "CACHE_URL": "dummycache://"})
        uncached = Load(port, LIST, 200, host)
        cases["ours: list, nothing kept, granian"] = lambda: uncached

        rates: dict[str, list[float]] = {label: [] for label in cases}
        medians: dict[str, list[float]] = {label: [] for label in cases}
        for number in range(ROUNDS + 1):
            for label, case in cases.items():
                found = measure(replace(case(), seconds=SECONDS if number else 0.5, clients=16))
                if number:
                    rates[label].append(found["rate"])
                    medians[label].append(found["median_ms"])
    report("content", figures(rates, medians))


def figures(rates: dict[str, list[float]], medians: dict[str, list[float]]) -> dict[str, object]:
    """Requests a second, and ratios as the median of each round's own ratio."""

    def ratio(one: str, other: str) -> float:
        return statistics.median(a / b for a, b in zip(rates[one], rates[other], strict=True))

    found: dict[str, object] = {}
    for label, values in rates.items():
        found[f"{label}, a second"] = round(statistics.median(values))
        found[f"{label}, median ms"] = statistics.median(medians[label])
    gunicorn = [
        label for label in rates if label.startswith("plain Django view, ") and "granian" not in label
    ]
    if gunicorn:
        best = max(gunicorn, key=lambda label: statistics.median(rates[label]))
        for label in [name for name in rates if ", 304" in name]:
            found[f"{label} : {best} (goal ≥ 1)"] = ratio(label, best)
    for label in [name for name in rates if ", 304" in name and "granian" in name]:
        found[f"{label} : plain Django view, granian"] = ratio(label, "plain Django view, granian")
    for label in ("ours: list, granian", "ours: list, nothing kept, granian"):
        found[f"{label} : DRF"] = ratio(label, "DRF ModelViewSet, list, granian")
        found[f"{label} : json_agg in a view"] = ratio(label, "json_agg in a view, list, granian")
    return found


def unchanged(load: Load, *, member: bool = False) -> Case:
    """The same request with the entity tag of its answer, so that the answer is 304."""

    def case() -> Load:
        headers = {**load.headers}
        if member:
            # Made for each round: an access token lives ten minutes.
            headers["Authorization"] = f"Bearer {access_token()}"
        return replace(load, expect=304, headers={**headers, "If-None-Match": entity_tag(load, headers)})

    return case


def entity_tag(load: Load, headers: dict[str, str]) -> str:
    import httpx

    address = f"http://127.0.0.1:{load.port}{load.path}"
    answer = httpx.get(address, headers=headers, trust_env=False, timeout=30)
    answer.raise_for_status()
    return answer.headers["ETag"]


def access_token() -> str:
    from domain.identity.models import User
    from domain.identity.sessions import open_session
    from tenants.models import Organization

    with schema_context("nhf"):
        user = User.objects.get(email="mentor@nhf.example")
        return open_session(user, Organization.objects.get(schema_name="nhf")).access_token


def fill() -> None:
    """So many questions, links and cards, in NHF: text of the length that editors write."""
    from cms.models import CardDeck, FaqCategory, ResourceCategory
    from tests.api.content import card, faq, group, link

    answer = "<p>" + "Likepersonen har taushetsplikt, og lytter uten å dømme. " * 6 + "</p>"
    with schema_context("nhf"):
        categories = [group(FaqCategory, f"Emne {n}") for n in range(4)]
        links, deck = group(ResourceCategory, "Lenker"), group(CardDeck, "Begynne")
        for n in range(QUESTIONS):
            faq(f"Hva gjør en likeperson {n}?", answer=answer, category=categories[n % 4])
            if n < QUESTIONS // 2:
                link(f"Lenke {n}", category=links, description="En god side.")
                card(f"Kort {n}", deck=deck)
