"""The demo site as a visitor's browser meets it, with the sales website beside it."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.server import LiveSite, serving

SALES_SITE = Path(__file__).resolve().parents[2] / "examples" / "sales-site"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@contextmanager
def _website(folder: Path) -> Iterator[str]:
    """Files of a folder over HTTP; yields the origin."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class DemoSite(LiveSite):
    """The site with the demo's content. `website` is the sales website's origin, which may use the API."""

    website: str

    @property
    def sales_page(self) -> str:
        return f"{self.website}/?api={self.url('platform', '')}"


@pytest.fixture(scope="package")
def demo_site(demo_template, django_db_blocker, tmp_path_factory) -> Iterator[DemoSite]:
    """One site for all browser tests: each changes only what no other looks at."""
    from django.conf import settings

    from tests.support.databases import cloned_database

    data = tmp_path_factory.mktemp("site")
    template, files = demo_template
    shutil.copytree(files, data / "media")
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        _website(SALES_SITE) as website,
        cloned_database(template, f"browser_{os.getpid()}") as name,
    ):
        patch.setattr(settings, "MEDIA_ROOT", data / "media")
        _make_a_suspended_organization()
        with serving(name, data, patch, CORS_ALLOWED_ORIGINS=website) as site:
            yield DemoSite(port=site.port, log=site.log, website=website)


def _make_a_suspended_organization() -> None:
    from domain.identity.models import User
    from tenants.lifecycle import suspend_organization
    from tenants.provisioning import NewOrganization, create_organization

    organization = create_organization(
        NewOrganization(
            schema_name="hvilende", name="Hvilende forening", short_name="Hvilende", host="hvilende.localhost"
        )
    )
    owner = User.objects.get(email="owner@meander.example")
    suspend_organization(organization, by=owner, reason="Avtalen er utløpt.")
