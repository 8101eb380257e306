"""No write without its event: every row of an entity that changes is named by an event of its transaction.

A trigger, installed for these tests only, notes each row written to an entity's table; the notes are compared
with the events. That holds for every address that writes: tests/rights/test_record.py.
"""

import pytest
from django.urls import reverse
from django.utils import timezone

from domain.config.choices import Area
from domain.config.rules import change_settings
from domain.sales.models import DemoSlot
from tenants.db import connection
from tests.audit.watching import NAMED_BY, entities, unsaid, watched, written

pytestmark = pytest.mark.django_db


def test_a_write_that_nobody_records_is_noticed(platform):
    with watched("platform"):
        start = timezone.now() + timezone.timedelta(days=1)
        slot = DemoSlot.objects.create(starts_at=start, ends_at=start + timezone.timedelta(hours=1))
        assert unsaid("platform") == {("sales.demoslot", str(slot.pk))}


def test_what_the_platforms_admin_writes_is_recorded(platform, browser_of):
    browser = browser_of("platform", "owner@meander.example")
    with watched("platform"):
        starts = timezone.localtime() + timezone.timedelta(days=3)
        form = {
            "starts_at": f"{starts:%Y-%m-%d %H:%M}",
            "ends_at": f"{starts + timezone.timedelta(hours=1):%Y-%m-%d %H:%M}",
            "capacity": "2",
            "is_open": "on",
        }
        browser.post(reverse("demo-slots:add"), form)
        connection.set_schema("platform")
        slot = DemoSlot.objects.get(capacity=2)
        browser.post(reverse("demo-slots:edit", args=[slot.pk]), {**form, "capacity": "3"})
        browser.post(reverse("demo-slots:delete", args=[slot.pk]))
        connection.set_schema("platform")
        assert not DemoSlot.objects.filter(pk=slot.pk).exists()
        assert written("platform") == {"sales.demoslot"}
        assert unsaid("platform") == set()


def test_what_the_api_writes_is_recorded(nhf, api_of, person):
    client = api_of("nhf", "admin@nhf.example")
    with watched("nhf"):
        areas = client.get("/api/v1/feature-areas/").json()["results"]
        row = next(area for area in areas if area["area"] == Area.FAQS.value)
        answer = client.get(f"/api/v1/feature-areas/{row['id']}/")
        done = client.patch(
            f"/api/v1/feature-areas/{row['id']}/",
            {"enabled": not row["enabled"]},
            HTTP_IF_MATCH=answer["ETag"],
        )
        assert done.status_code == 200, done.content
        settings = client.get("/api/v1/organization-settings/")
        done = client.patch(
            "/api/v1/organization-settings/",
            {"escalation_days": settings.json()["escalation_days"] + 1},
            HTTP_IF_MATCH=settings["ETag"],
        )
        assert done.status_code == 200, done.content
        assert written("nhf") >= {"config.featurearea", "config.organizationsettings"}
        assert unsaid("nhf") == set()


def test_what_a_rule_writes_is_recorded(nhf, person):
    with watched("nhf"):
        change_settings(changes={"escalation_days": 9}, by=person("admin@nhf.example"))
        assert unsaid("nhf") == set()


def test_what_is_named_by_another_object_exists():
    labels = {model._meta.label_lower for model in entities()}
    assert NAMED_BY.keys() <= labels
