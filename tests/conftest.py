"""A real PostgreSQL with the platform and two organisations in it, for every test.

A template database is made once per state of the schema (migrations, role table, defaults) and kept; each
test process clones its own from it within a second, so nothing one run left behind reaches the next.
`db` rolls back as usual; tests that must commit (several connections, other processes, live servers) take
`own_database`.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
# How quick a machine is, is no matter of any test.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
pytest_plugins = ["tests.support.gathering", "tests.support.server", "tests.support.smtp"]


# Walks over every address, role and entity, of which a run asks a part (tests/support/turns.py).
SWEEPS = (
    "tests/rights/",
    "tests/content/test_admin_urls.py",
    "tests/api/core/test_compiled.py",
    "tests/api/core/test_kept.py",
    "tests/fuzz/test_every_operation.py",
    "tests/browser/test_story.py",
)
# The longest tests that are one case each: a minute or two of both processors.
LONGEST = (
    "tests/local/test_make_run.py",
    "tests/jobs/test_killed.py",
    "tests/sync/test_push_killed.py",
    "tests/sync/test_soak.py",
    "tests/audit/test_tampering.py::test_every_tampering_is_found_and_placed",
    "tests/clients/test_typescript_client.py::test_what_the_document_does_not_know_does_not_compile",
)


def take_turns(config, items) -> None:
    from tests.support import turns

    turns.begin(config)
    kept, left = [], []
    for item in items:
        is_of_sweep = hasattr(item, "callspec") and item.nodeid.startswith(SWEEPS)
        waits = is_of_sweep or item.nodeid.startswith(LONGEST)
        (left if waits and not turns.is_its_turn(item.nodeid) else kept).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)


MIGRATIONS = ("*/migrations/*.py", "domain/*/migrations/*.py")
# What makes the schema besides migrations: another state of these starts from nothing.
MAKERS = ("requirements/base.txt", "tenants/template.py", "tenants/backend/schema.py", "cms/provisioning.py")


def migration_digests() -> dict[str, str]:
    """A digest per file that decides what a migrated database without organisations holds."""
    return {
        str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for pattern in (*MIGRATIONS, *MAKERS)
        for path in sorted(ROOT.glob(pattern))
    }


def schema_digest() -> str:
    """Changes whenever what a freshly provisioned organisation holds may have changed."""
    patterns = [
        "requirements/base.txt",
        *MIGRATIONS,
        "domain/*/defaults.py",
        "domain/access/roles.py",
        "tenants/roles.py",
        "tenants/template.py",
        "tenants/backend/schema.py",
        "cms/provisioning.py",
        "cms/demo/organizations.py",
        "tests/conftest.py",
        "tests/support/databases.py",
    ]
    digest = hashlib.sha256()
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def template() -> str:
    """Name of the database that test databases are cloned from; made if this state has none yet."""
    from tests.support.databases import make_template

    return make_template(f"meander_tests_{schema_digest()}", migration_digests())


@pytest.fixture(scope="session")
def template_database(django_db_blocker) -> str:
    with django_db_blocker.unblock():
        return template()


@pytest.fixture(scope="session")
def django_db_setup(request, template_database, django_db_blocker, tmp_path_factory):
    """One database per test process, cloned from the template."""
    from django.conf import settings

    from tests.support.databases import cloned_database

    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    settings.DUMP_DIR = tmp_path_factory.mktemp("dumps")
    settings.KEY_DUMP_DIR = tmp_path_factory.mktemp("key-dumps")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with django_db_blocker.unblock(), cloned_database(template_database, f"{worker}_{os.getpid()}"):
        yield


@pytest.fixture(scope="session")
def demo_template(
    template_database, django_db_setup, django_db_blocker, tmp_path_factory
) -> tuple[str, Path]:
    """(name of a database with the demo in it, to be cloned; folder of its files), made once per run."""
    from tests.support.databases import make_demo

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "demo-files"
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    with django_db_blocker.unblock():
        return make_demo(template_database, run, folder), folder


@pytest.fixture(scope="module")
def demo_database(demo_template, django_db_blocker, tmp_path_factory) -> Iterator[str]:
    """A copy of the demo for a module's tests, which only read it; yields its name."""
    from django.conf import settings

    from tests.support.databases import cloned_database

    template, files = demo_template
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        cloned_database(template, f"demo_{os.getpid()}") as name,
    ):
        patch.setattr(settings, "MEDIA_ROOT", tmp_path_factory.mktemp("demo"))
        shutil.copytree(files, settings.MEDIA_ROOT, dirs_exist_ok=True)
        yield name


@pytest.fixture
def own_database(template_database, django_db_setup, django_db_blocker):
    """A database for this test alone, in which it may commit; yields its name."""
    from tests.support.databases import cloned_database

    with django_db_blocker.unblock(), cloned_database(template_database, f"own_{os.getpid()}") as name:
        yield name


@pytest.fixture(autouse=True)
def _fresh_process_state(monkeypatch):
    """What a process remembers between requests must not travel from test to test; nothing is by chance."""
    from django.core.cache import cache
    from django.db import connection
    from django.utils import translation

    from domain.identity import limits
    from tenants import routing

    # One request in hundreds clears away old counters: two that are compared query by query must not be it.
    monkeypatch.setattr(limits, "_PRUNE_EVERY", 10**9)
    routing.forget()
    with translation.override("en"):
        yield
    connection.set_schema_to_public()
    cache.clear()


@pytest.fixture
def nhf(db):
    """The organisation NHF, with its schema selected."""
    yield from _selected("nhf")


@pytest.fixture
def blindeforbundet(db):
    """The organisation Blindeforbundet, with its schema selected."""
    yield from _selected("blindeforbundet")


@pytest.fixture
def platform(db):
    """The platform's own organisation, with its schema selected."""
    yield from _selected("platform")


def _selected(schema: str):
    from django_tenants.utils import tenant_context

    from tenants.models import Organization

    organization = Organization.objects.get(schema_name=schema)
    with tenant_context(organization):
        yield organization


@pytest.fixture
def person(db):
    """The cast, by e-mail: `person("admin@nhf.example")`. Who is who: cms/demo/organizations.py.

    Whatever organisation is selected, whose role would see its own people alone.
    """
    return _person


def _person(email: str):
    from domain.identity.models import User
    from tenants.db import connection

    with connection.as_owner():
        return User.objects.get(email=email)


@pytest.fixture
def browser_of(db):
    """A Django test client on an organisation's host, signed in to the admin if an e-mail is given."""
    from django.test import Client
    from django_tenants.utils import schema_context

    def make(organization: str, email: str | None = None) -> Client:
        host = "localhost" if organization == "platform" else f"{organization}.localhost"
        client = Client(HTTP_HOST=host)
        if email:
            with schema_context(organization):
                client.force_login(_person(email))
        return client

    return make


@pytest.fixture
def api_of(db):
    """An API client on an organisation's host; with an e-mail, it sends that person's access token."""
    from django_tenants.utils import schema_context
    from rest_framework.test import APIClient

    from domain.identity.sessions import open_session
    from tenants.models import Organization

    def make(organization: str, email: str | None = None) -> APIClient:
        host = "localhost" if organization == "platform" else f"{organization}.localhost"
        client = APIClient(HTTP_HOST=host)
        if email:
            with schema_context(organization):
                tokens = open_session(_person(email), Organization.objects.get(schema_name=organization))
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access_token}")
        return client

    return make


def pytest_collection_modifyitems(config, items):
    """The longest first: one of them begun at the end would keep one process waiting for the other.

    All tests with browsers together: they share one demo site while no others come in between.
    """
    take_turns(config, items)
    longest = ("tests/local/test_make_run", "tests/browser/")
    items.sort(key=lambda item: [not item.nodeid.startswith(beginning) for beginning in longest])
