"""The site as people meet it: granian over HTTP, on a database of the test's own.

The web process logs in to PostgreSQL as its own role, which owns nothing, exactly as in production.
"""

import http.client
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@dataclass(frozen=True)
class LiveSite:
    """A running site. Organisations are named by schema: "platform", "nhf", "blindeforbundet"."""

    port: int
    log: Path

    def host(self, organization: str) -> str:
        """What the organisation's Host header says."""
        name = "localhost" if organization == "platform" else f"{organization}.localhost"
        return f"{name}:{self.port}"

    def url(self, organization: str, path: str = "/") -> str:
        """An address for a browser (browsers resolve *.localhost by themselves)."""
        return f"http://{self.host(organization)}{path}"

    @contextmanager
    def client(self, organization: str, **options) -> Iterator[httpx.Client]:
        """An HTTP client on the organisation's host, without asking any resolver."""
        headers = {"Host": self.host(organization), **options.pop("headers", {})}
        with httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers=headers,
            timeout=30,
            trust_env=False,
            verify=False,  # There is no TLS on loopback, so nobody's certificates need be read.
            **options,
        ) as client:
            yield client


@pytest.fixture
def live_site(own_database, tmp_path, settings, monkeypatch) -> Iterator[LiveSite]:
    """The site on `own_database`. What the test writes to the database (committed) the site shows.

    Uploads of the test and of the site meet in one folder.
    """
    data = tmp_path / "data"
    settings.MEDIA_ROOT = data / "media"
    with serving(own_database, data, monkeypatch) as site:
        yield site


@pytest.fixture(scope="module")
def shared_site(
    template_database, django_db_setup, django_db_blocker, tmp_path_factory
) -> Iterator[LiveSite]:
    """As `live_site`, one for all tests of a module: they leave alone what others of them rely on."""
    from django.conf import settings

    from tests.support.databases import cloned_database

    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        cloned_database(template_database, f"shared_{os.getpid()}") as name,
    ):
        data = tmp_path_factory.mktemp("site")
        patch.setattr(settings, "MEDIA_ROOT", data / "media")
        with serving(name, data, patch) as site:
            yield site


@contextmanager
def serving(database: str, data: Path, monkeypatch, **environment: str) -> Iterator[LiveSite]:
    """Serve a database that already exists (see `tests.support.databases.cloned_database`)."""
    data.mkdir(parents=True, exist_ok=True)
    owner, web = addresses(database)
    # Roles of this process' making (a new organisation's, for one) are granted to the web login too.
    monkeypatch.setenv("WEB_DATABASE_URL", web)
    grant_web_login()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = data / "web.log"
    variables = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cms.settings.test",
        "DATABASE_URL": owner,
        "WEB_DATABASE_URL": web,
        "MEANDER_DATA": str(data),
        "PORT": str(port),
        "DATABASE_POOL_SIZE": "8",
        **environment,
    }
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", "1", "--blocking-threads", "8", "--no-ws"),
        "cms.wsgi:application",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=output, stderr=output)
        try:
            _wait_until_live(process, port, log)
            yield LiveSite(port=port, log=log)
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def addresses(database: str) -> tuple[str, str]:
    """DATABASE_URL of a database for its owner, and WEB_DATABASE_URL for the web processes' login."""
    from tenants.names import role_prefix

    parts = urlsplit(os.environ["DATABASE_URL"])
    owner = urlunsplit(parts._replace(path=f"/{quote(database)}"))
    # Named after the database, so that the role is dropped together with it.
    user, place = f"{role_prefix(database)}__web", parts.netloc.rpartition("@")[2]
    password = f":{secrets.token_urlsafe(18)}" if parts.password else ""
    return owner, urlunsplit(parts._replace(path=f"/{quote(database)}", netloc=f"{user}{password}@{place}"))


def grant_web_login() -> None:
    """Make the login of WEB_DATABASE_URL and let it into every organisation of the current database."""
    from tenants.models import Organization
    from tenants.roles import grant_schema, grant_shared, install_roles

    install_roles()
    grant_shared()
    for organization in Organization.objects.all():
        grant_schema(organization.schema_name, platform=organization.is_platform)


def _wait_until_live(process: subprocess.Popen, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if _is_live(port):
            return
        time.sleep(0.05)
    raise RuntimeError(f"the site did not start:\n{log.read_text(errors='replace')[-4000:]}")


def _is_live(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
