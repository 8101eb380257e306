"""Relations between organisations, from the console."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from tenants.models import Organization, OrganizationHierarchy

pytestmark = pytest.mark.django_db


@pytest.fixture
def nhf_page(browser):
    return reverse("organizations:detail", args=[Organization.objects.get(schema_name="nhf").pk])


def add(browser, page: str, **fields):
    other = Organization.objects.get(schema_name="blindeforbundet")
    return browser.post(
        f"{page}relations/add/",
        {"direction": "parent", "other": other.pk, "kind": "national", "valid_from": "2026-01-01", **fields},
    )


def test_a_parent_is_added_shown_and_ended(browser, nhf_page):
    assert add(browser, nhf_page).headers["Location"] == nhf_page
    edge = OrganizationHierarchy.objects.get()
    assert (edge.parent.schema_name, edge.child.schema_name) == ("blindeforbundet", "nhf")
    assert "Norges Blindeforbund" in browser.get(nhf_page).content.decode()

    today = timezone.localdate()
    browser.post(f"{nhf_page}relations/{edge.pk}/end/", {"last_day": today.isoformat()})

    edge.refresh_from_db()
    assert edge.valid_to == today
    with schema_context("platform"):
        actions = list(AuditEvent.objects.order_by("at").values_list("action", flat=True))
    assert actions[-2:] == ["organization.linked", "organization.unlinked"]


def test_a_child_is_added_from_the_parents_page(browser, nhf_page):
    add(browser, nhf_page, direction="child")

    assert OrganizationHierarchy.objects.get().parent.schema_name == "nhf"


def test_a_second_parent_at_the_same_time_is_refused_in_words(browser, nhf_page):
    add(browser, nhf_page)

    answer = add(browser, nhf_page, valid_from="2026-05-01")

    assert "another parent in that period" in answer.content.decode()
    assert OrganizationHierarchy.objects.count() == 1


def test_a_circle_is_refused_in_words(browser, nhf_page):
    add(browser, nhf_page)

    answer = add(browser, nhf_page, direction="child")

    assert "below its own child" in answer.content.decode()


def test_a_relation_cannot_end_before_it_began(browser, nhf_page):
    add(browser, nhf_page)
    edge = OrganizationHierarchy.objects.get()

    answer = browser.post(
        f"{nhf_page}relations/{edge.pk}/end/",
        {"last_day": (date(2026, 1, 1) - timedelta(days=1)).isoformat()},
    )

    assert "before the first" in answer.content.decode()
