"""No write without its event: every row of an entity that changes is named by an event of its transaction.

A trigger, installed for these tests only, notes each row written to an entity's table. Whatever the API and
the admin can write is written here, and after each request the notes are compared with the events.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone
from psycopg import sql

from domain.config.choices import Area
from domain.config.rules import change_settings
from domain.core.models import Entity
from domain.sales.models import DemoSlot
from tenants.backend.schema import is_shared
from tenants.db import connection

pytestmark = pytest.mark.django_db

# Written with, and named by, the event of another object: model -> what names it.
NAMED_BY = {
    "access.roleassignment": "the person who has the role",
    "access.invitation": "the person or address that is invited",
    "cms.faqentry": "Wagtail's log entry of the same save",
}
_NOTE = """
    CREATE TABLE zz_written (kind text, id text);
    GRANT ALL ON zz_written TO PUBLIC;
    CREATE FUNCTION zz_note_write() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO zz_written VALUES (TG_ARGV[0], coalesce(NEW.id::text, OLD.id::text));
      RETURN NULL;
    END $$;
"""


def entities() -> list[type[Entity]]:
    """Entities that live in an organisation's schema."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, Entity) and not is_shared(model._meta.app_label)
    ]


@contextmanager
def watched(schema: str) -> Iterator[None]:
    """Note every row of an entity that is written in this schema."""
    connection.set_schema(schema)
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(_NOTE)
        for model in entities():
            cursor.execute(
                sql.SQL(
                    "CREATE TRIGGER zz_note AFTER INSERT OR UPDATE OR DELETE ON {} "
                    "FOR EACH ROW EXECUTE FUNCTION zz_note_write({})"
                ).format(sql.Identifier(schema, model._meta.db_table), sql.Literal(model._meta.label_lower))
            )
    yield


def unsaid(schema: str) -> set[tuple[str, str]]:
    """Rows written since the last call that no event of the record names."""
    with connection.cursor() as cursor:
        connection.set_schema(schema)
        cursor.execute(
            "SELECT DISTINCT w.kind, w.id FROM zz_written w "
            "WHERE NOT EXISTS (SELECT FROM audit_auditevent e WHERE e.object_type = w.kind "
            "AND e.object_id = w.id AND e.xid = pg_current_xact_id())"
        )
        return {(kind, pk) for kind, pk in cursor.fetchall() if kind not in NAMED_BY}


def written(schema: str) -> set[str]:
    """The kinds of rows written so far."""
    with connection.cursor() as cursor:
        connection.set_schema(schema)
        cursor.execute("SELECT DISTINCT kind FROM zz_written")
        return {kind for (kind,) in cursor.fetchall()}


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
