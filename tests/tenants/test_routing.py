"""Suspensions and changes of hosts bite at once in every process, whatever it remembers."""

import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.identity.models import User
from tenants import routing
from tenants.choices import OrganizationStatus
from tenants.hosts import add_host, remove_host
from tenants.lifecycle import (
    close_organization,
    reopen_organization,
    resume_organization,
    suspend_organization,
)
from tenants.models import Domain, Organization
from tests.support.server import serving

# Shows the name of the organisation, in any of its pages' heads.
LOGIN = "/admin/login/"


@pytest.fixture
def two_sites(own_database, tmp_path, settings, monkeypatch):
    """Two web processes on one database; this process, which makes the changes, is a third."""
    settings.MEDIA_ROOT = tmp_path / "media"
    with (
        serving(own_database, tmp_path / "one", monkeypatch) as one,
        serving(own_database, tmp_path / "two", monkeypatch) as two,
    ):
        yield one, two


def asked(sites, host: str, path: str = LOGIN) -> list[int]:
    """What each process answers, twice: before and after it may have looked up the host anew."""
    statuses = []
    for site in sites:
        with site.client("nhf", headers={"Accept-Language": "en"}) as client:
            headers = {"Host": f"{host}:{site.port}"}
            statuses += [client.get(path, headers=headers).status_code for _ in range(2)]
    return statuses


def test_each_process_sees_at_once_whether_an_organisation_may_be_used(two_sites):
    nhf = Organization.objects.get(schema_name="nhf")
    owner = User.objects.get(email="owner@meander.example")
    host, other = "nhf.localhost", "blindeforbundet.localhost"
    assert asked(two_sites, host) == [200] * 4

    suspend_organization(nhf, by=owner, reason="Unpaid")
    assert asked(two_sites, host) == [403] * 4
    with two_sites[1].client("nhf") as client:
        problem = client.get("/api/v1/me/")
    assert (problem.status_code, problem.json()["type"]) == (403, "/problems/organization-suspended")
    assert asked(two_sites, other) == [200] * 4
    resume_organization(nhf, by=owner)
    assert asked(two_sites, host) == [200] * 4

    close_organization(nhf, by=owner, reason="Moved elsewhere")
    assert asked(two_sites, host) == [403] * 4
    with two_sites[0].client("nhf") as client:
        assert client.get("/api/v1/me/").json()["type"] == "/problems/organization-closed"
    reopen_organization(nhf, by=owner)
    assert asked(two_sites, host) == [200] * 4


def test_each_process_sees_at_once_whose_a_host_is(two_sites):
    nhf = Organization.objects.get(schema_name="nhf")
    other = Organization.objects.get(schema_name="blindeforbundet")
    owner = User.objects.get(email="owner@meander.example")
    assert asked(two_sites, "shared.example") == [404] * 4
    add_host(nhf, "shared.example", by=owner)

    def names() -> list[str]:
        found = []
        for site in two_sites:
            with site.client("nhf") as client:
                page = client.get(LOGIN, headers={"Host": f"shared.example:{site.port}"}).text
                found.append(next((name for name in (nhf.name, other.name, "Renamed") if name in page), page))
        return found

    assert names() == [nhf.name] * 2
    remove_host(Domain.objects.get(domain="shared.example"), by=owner)
    assert asked(two_sites, "shared.example") == [404] * 4
    add_host(nhf, "shared.example", by=owner)
    assert names() == [nhf.name] * 2
    Domain.objects.filter(domain="shared.example").update(tenant=other)
    assert names() == [other.name] * 2
    with connection.as_owner():
        Organization.objects.filter(pk=other.pk).update(name="Renamed")
    assert names() == ["Renamed"] * 2


def remembered(host: str) -> str:
    """The schema of whoever answers, with what this process remembers; checks what is selected then."""
    connection.set_schema_to_public()
    organization, _row = routing.enter(host)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), current_user::text")
        schema, user = cursor.fetchone()
    if organization is not None and organization.status == OrganizationStatus.ACTIVE:
        assert (schema, user.rpartition("_")[2]) == (organization.schema_name, organization.schema_name)
        assert connection.tenant == organization
    else:
        assert schema == "public"
        assert connection.schema_name == "public"
    connection.set_schema_to_public()
    return organization.schema_name if organization else ""


def test_what_is_remembered_costs_no_query_of_its_own(db):
    remembered("nhf.localhost")
    with CaptureQueriesContext(connection) as captured:
        connection.set_schema_to_public()
        organization, _row = routing.enter("nhf.localhost")
        assert Organization.objects.filter(pk=organization.pk).exists()
    switches = [query for query in captured if query["sql"].startswith("SET search_path")]
    assert (len(switches), len(captured)) == (1, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"status": OrganizationStatus.SUSPENDED},
        {"status": OrganizationStatus.CLOSED, "drop_after": timezone.now()},
        {"status": OrganizationStatus.PROVISIONING},
        {"name": "Another name"},
        {"logo": "logo.png"},
    ],
)
def test_no_update_of_the_row_goes_unnoticed_whoever_makes_it(db, change):
    remembered("nhf.localhost")
    Organization.objects.filter(schema_name="nhf").update(**change)
    assert remembered("nhf.localhost") == "nhf"
    connection.set_schema_to_public()
    seen, _row = routing.enter("nhf.localhost")
    connection.set_schema_to_public()
    assert {name: getattr(seen, name) for name in change} == change


def test_a_host_that_was_moved_or_removed_is_not_served_from_memory(db):
    other = Organization.objects.get(schema_name="blindeforbundet")
    Domain.objects.create(
        domain="x.example", tenant=Organization.objects.get(schema_name="nhf"), is_primary=False
    )
    assert remembered("x.example") == "nhf"
    Domain.objects.filter(domain="x.example").update(tenant=other)
    assert remembered("x.example") == "blindeforbundet"
    Domain.objects.filter(domain="x.example").delete()
    assert remembered("x.example") == ""


def test_a_change_that_is_rolled_back_changes_nothing(own_database):
    """And one that isn't committed yet makes nobody wait."""
    assert remembered("nhf.localhost") == "nhf"
    nhf = Organization.objects.get(schema_name="nhf")
    answers: list[str] = []

    def ask() -> None:
        answers.append(remembered("nhf.localhost"))
        connection.close()

    with transaction.atomic():
        suspend_organization(nhf, by=None, reason="Perhaps")
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(timeout=20)
        transaction.set_rollback(True)
    assert answers == ["nhf"]
    assert remembered("nhf.localhost") == "nhf"


def test_a_request_under_way_when_the_organisation_is_suspended_ends_as_it_began(own_database):
    """The check is made when a request begins; the transaction it is in isn't torn apart."""
    organization, _row = routing.enter("nhf.localhost")

    def suspend() -> None:
        suspend_organization(organization, by=None, reason="Unpaid")
        connection.close()

    thread = threading.Thread(target=suspend)
    thread.start()
    thread.join(timeout=20)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        assert cursor.fetchone() == ("nhf",)
    connection.set_schema_to_public()
    assert routing.enter("nhf.localhost")[0].status == OrganizationStatus.SUSPENDED
    with schema_context("public"), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        assert cursor.fetchone() == ("public",)


def test_the_web_login_may_ask_and_an_organisations_role_left_behind_does_not_matter(web_login):
    with web_login():
        for _round in range(2):  # The second time from memory, and from the other organisation's role.
            assert remembered("nhf.localhost") == "nhf"
            assert remembered("blindeforbundet.localhost") == "blindeforbundet"
