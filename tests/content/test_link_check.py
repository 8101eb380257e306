"""Links are looked at, and administrators learn which no longer work."""

import http.server
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django_tenants.utils import schema_context

from cms import link_check, rules
from cms.models import LinkCheck, ResourceLink
from cms.models.resource_links import LinkStatus
from domain.core.outgoing import Answer, OutgoingClient, UnreachableError
from tenants.models import JobRun
from tenants.schedules import schedules

pytestmark = pytest.mark.django_db
REPORT = "/admin/content/broken-links/"
LIST = "/admin/content/resource-links/"
READ_BY_APPS = ("/api/v1/content/resource-links/", "/api/v1/content/bundle/")


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def client():
    """A client for which https://example.org/404 is a page of the test's own server that answers 404."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield LocalClient(server.server_address[1])
    server.shutdown()
    server.server_close()


class LocalClient(OutgoingClient):
    """The real client, sent to the test's own server instead of the host that is named."""

    def __init__(self, port: int):
        super().__init__(schemes=frozenset({"http"}), ports=None, allows=lambda address: True, timeout=3)
        object.__setattr__(self, "port", port)

    def fetch(self, url: str, *, method: str = "GET") -> Answer:
        if "nowhere" in url:
            raise UnreachableError("the name is unknown")
        return super().fetch(
            url.replace("https://example.org", f"http://127.0.0.1:{self.port}"), method=method
        )


def run(client) -> dict[str, int]:
    return link_check.check(link_check.links_due(timezone.now()), client=client)


def status(link: ResourceLink) -> tuple[str, str]:
    row = ResourceLink.objects.get(pk=link.pk)
    return row.link_status, row.link_error


def age(link: ResourceLink, **delta) -> None:
    LinkCheck.objects.filter(link=link).update(checked_at=timezone.now() - timedelta(**delta))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (200, ("ok", "")),
        (403, ("ok", "")),
        (429, ("ok", "")),
        (404, ("broken", "gone 404")),
        (410, ("broken", "gone 410")),
    ],
)
def test_a_link_works_or_is_broken_by_what_it_answers(nhf, make, client, code, expected):
    link = make.link("Siden", url=f"https://example.org/{code}")
    run(client)
    assert status(link) == expected


@pytest.mark.parametrize(
    ("url", "error"), [("https://example.org/503", "unwell 503"), ("https://nowhere.example/", "no-answer")]
)
def test_a_server_that_is_unwell_once_is_looked_at_again_before_the_link_is_broken(
    nhf, make, client, url, error
):
    link = make.link("Siden", url=url)
    run(client)
    assert status(link) == ("unchecked", error)
    age(link, hours=25)
    run(client)
    assert status(link) == ("broken", error)
    rules.edit(_with_url(link, "https://example.org/200"), by=None, publish=True)
    assert status(link) == ("unchecked", "")
    run(client)
    assert status(link) == ("ok", "")


def _with_url(link: ResourceLink, url: str) -> ResourceLink:
    draft = ResourceLink.objects.get(pk=link.pk)
    draft.url = url
    return draft


def test_links_are_looked_at_weekly_and_failed_ones_daily(nhf, make, client):
    good, bad = (
        make.link("God", url="https://example.org/200"),
        make.link("Dårlig", url="https://example.org/404"),
    )
    make.link("Utkast", url="https://example.org/404", live=False)
    assert run(client) == {"ok": 1, "broken": 1, "unchecked": 0}
    assert run(client) == {"ok": 0, "broken": 0, "unchecked": 0}
    age(good, days=2)
    age(bad, days=2)
    assert run(client) == {"ok": 0, "broken": 1, "unchecked": 0}
    age(good, days=8)
    assert run(client) == {"ok": 1, "broken": 0, "unchecked": 0}


def test_when_nothing_answers_at_all_it_is_our_own_network_and_no_link_is_blamed(nhf, make, client):
    links = [make.link(f"Side {number}", url=f"https://nowhere{number}.example/") for number in range(3)]
    assert run(client) == {"ok": 0, "broken": 0, "unchecked": 0}
    assert {status(link) for link in links} == {("unchecked", "")}
    make.link("Siden", url="https://example.org/200")
    run(client)
    assert {status(link) for link in links} == {("unchecked", "no-answer")}


def test_an_answer_about_an_address_that_was_changed_meanwhile_is_dropped(nhf, make):
    link = make.link("Siden", url="https://example.org/404")
    ResourceLink.objects.filter(pk=link.pk).update(url="https://example.org/200")
    link_check.note(link, link_check.Finding("gone 404"), timezone.now())
    assert status(link) == ("unchecked", "")


def test_a_check_changes_nothing_that_readers_see_or_compare(nhf, make, client, api_of):
    link = make.link("Siden", url="https://example.org/404", audience="public")
    before = ResourceLink.objects.filter(pk=link.pk).values()[0]
    reader = api_of("nhf")
    etags = [reader.get(address)["ETag"] for address in READ_BY_APPS]
    run(client)
    assert status(link) == ("broken", "gone 404")
    assert ResourceLink.objects.filter(pk=link.pk).values()[0] == before
    for address, etag in zip(READ_BY_APPS, etags, strict=True):
        assert reader.get(address, headers={"If-None-Match": etag}).status_code == 304
    rules.edit(_with_url(link, "https://example.org/200"), by=None, publish=True)
    assert [reader.get(address)["ETag"] for address in READ_BY_APPS] != etags


@pytest.mark.parametrize(
    ("shown", "expected"), [("unchecked", {"Ny", "Uvel"}), ("broken", {"Borte"}), ("ok", {"God"})]
)
def test_the_list_is_filtered_by_the_last_check(nhf, make, client, browser_of, shown, expected):
    for title, url in (("God", "200"), ("Borte", "404"), ("Uvel", "503")):
        make.link(title, url=f"https://example.org/{url}")
    run(client)
    make.link("Ny", url="https://example.org/200?ny")
    page = browser_of("nhf", "admin@nhf.example").get(LIST, {"link_status": shown})
    assert {item.title for item in page.context["object_list"]} == expected


def test_no_link_makes_the_server_talk_to_itself(nhf, make):
    link = make.link("Ondsinnet", url="https://169.254.169.254/latest/meta-data/")
    link_check.check(link_check.links_due(timezone.now()))
    assert status(link) == ("broken", "not-public")


def test_the_check_comes_back_for_organisations_with_links_due(nhf, make):
    make.link("Siden")
    schedule = schedules["resource-links.check"]

    def due() -> list[str]:
        with schema_context("public"), connection.as_owner():
            return [organization.schema_name for organization in schedule.due(timezone.now())]

    assert due() == ["nhf"]
    for link in ResourceLink.objects.all():
        LinkCheck.objects.create(link=link, checked_at=timezone.now())
    assert due() == []


def test_the_report_says_what_is_wrong(nhf, make, browser_of, client):
    make.link("God", url="https://example.org/200")
    make.link("Borte", url="https://example.org/404")
    run(client)
    for email in ("admin@nhf.example", "coordinator@nhf.example"):
        page = browser_of("nhf", email).get(REPORT).content.decode()
        assert "The page is gone (404)." in page
        assert "God" not in page.split("<main")[1]
    export = browser_of("nhf", "admin@nhf.example").get(f"{REPORT}?export=csv")
    assert b"The page is gone (404)." in b"".join(export.streaming_content)
    assert browser_of("nhf", "mentor@nhf.example").get(REPORT).status_code == 302
    assert (
        "Borte"
        not in browser_of("blindeforbundet", "admin@blindeforbundet.example").get(REPORT).content.decode()
    )


def test_an_administrator_asks_to_look_again_now(nhf, make, browser_of):
    address = reverse("broken_links:check")
    assert browser_of("nhf", "admin@nhf.example").get(address).status_code == 405
    assert browser_of("nhf", "admin@nhf.example").post(address).status_code == 302
    assert browser_of("nhf", "mentor@nhf.example").post(address).status_code == 302
    runs = JobRun.objects.filter(name="resource-links.check")
    assert [run.arguments for run in runs] == [{"failed": True}]


def test_every_stored_problem_has_a_sentence(nhf):
    for code in ("not-public", "no-answer", "gone 404", "unwell 503"):
        assert link_check.describe(code) != code
    with schema_context("nhf"):
        assert {choice for choice, _label in LinkStatus.choices} == {"unchecked", "ok", "broken"}
