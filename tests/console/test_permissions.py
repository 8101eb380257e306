"""Who gets into the console: the platform's staff, on the platform's host, and nobody else."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django_tenants.utils import schema_context

from domain.access.choices import Role
from domain.access.rules import assign_role
from domain.identity.models import Membership, User
from tenants.models import JobRun, Organization

pytestmark = pytest.mark.django_db


def addresses() -> list[str]:
    organization = Organization.objects.get(schema_name="nhf")
    run = JobRun.objects.create(organization=organization, name="worker.heartbeat", key="x")
    host = organization.domains.get()
    return [
        reverse("organizations:index"),
        reverse("organizations:results"),
        reverse("organizations:index") + "?export=csv",
        reverse("organizations:new"),
        reverse("organizations:detail", args=[organization.pk]),
        reverse("organizations:action", args=[organization.pk, "suspend"]),
        reverse("organizations:add_host", args=[organization.pk]),
        reverse("organizations:remove_host", args=[organization.pk, host.pk]),
        reverse("organizations:primary_host", args=[organization.pk, host.pk]),
        reverse("organizations:run", args=[run.pk]),
        reverse("organizations:run_state", args=[run.pk]),
        reverse("jobs:index"),
        reverse("jobs:results"),
    ]


def test_the_platforms_staff_open_every_page(browser_of):
    browser = browser_of("platform", "owner@meander.example")

    for address in addresses():
        assert browser.get(address).status_code == 200, address


@pytest.mark.parametrize("email", ["admin@nhf.example", "coordinator@nhf.example"])
def test_in_another_organisations_admin_the_console_does_not_exist(browser_of, email):
    browser = browser_of("nhf", email)

    for address in addresses():
        assert browser.get(address).status_code == 404, address
        assert browser.post(address).status_code == 404, address


def test_platform_staff_who_belong_to_an_organisation_too_do_not_find_it_there(browser_of, person):
    owner, nhf = person("owner@meander.example"), Organization.objects.get(schema_name="nhf")
    Membership.objects.create(user=owner, organization=nhf)
    with schema_context("nhf"):
        assign_role(owner, Role.PLATFORM_STAFF, by=None)

    browser = browser_of("nhf", "owner@meander.example")

    assert browser.get(reverse("organizations:index")).status_code == 404
    assert reverse("organizations:index") not in browser.get("/admin/").content.decode()


@pytest.mark.parametrize("email", ["mentor@nhf.example", None])
def test_who_has_no_admin_is_sent_to_sign_in(browser_of, email):
    pages = addresses()
    for organization in ("nhf", "platform"):
        browser = browser_of(organization, email if organization == "nhf" else None)
        for address in pages:
            answer = browser.get(address)
            assert answer.status_code == 302, address
            assert "/admin/login/" in answer.headers["Location"], address


def test_someone_with_another_role_at_the_platform_is_refused(browser_of, platform):
    writer = User.objects.create_user("writer@meander.example", "x" * 16)
    Membership.objects.create(user=writer, organization=platform)
    assign_role(writer, Role.ORG_ADMIN, by=None)
    browser = browser_of("platform", "writer@meander.example")

    for address in addresses():
        answer = browser.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/"), address
    assert reverse("organizations:index") not in browser.get("/admin/").content.decode()


def test_the_menu_leads_the_platforms_staff_to_it(browser_of):
    page = browser_of("platform", "owner@meander.example").get("/admin/").content.decode()

    assert reverse("organizations:index") in page
    assert reverse("jobs:index") in page


def test_unknown_organisations_actions_and_runs_are_not_found(browser_of, platform):
    browser = browser_of("platform", "owner@meander.example")
    known = Organization.objects.get(schema_name="nhf").pk
    template = Organization.objects.get(kind="template").pk

    for address in (
        reverse("organizations:detail", args=[uuid4()]),
        reverse("organizations:detail", args=[template]),
        reverse("organizations:action", args=[known, "explode"]),
        reverse("organizations:run", args=[uuid4()]),
        reverse("organizations:remove_host", args=[known, platform.domains.get().pk]),
    ):
        assert browser.get(address).status_code == 404, address
