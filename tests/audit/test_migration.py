"""What was recorded before the record was sealed gets a detail with salts, and is sealed like any other."""

import json
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db import connection as django_connection
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django_tenants.utils import tenant_context

from domain.audit import payload
from domain.audit.models import AuditDetail, AuditEvent, AuditSeal
from domain.audit.tree import event_payload
from tenants.db import connection
from tenants.models import Organization
from tests.audit.sealed import check, seal_and_anchor

BEFORE, NOW = ("audit", "0002_append_only"), ("audit", "0006_find_by_principal")
OLD = [
    {
        "action": "faq.published",
        "actor_label": "Astrid Moen",
        "object_label": "Hva koster det?",
        "reason": "",
    },
    {
        "action": "settings.changed",
        "actor_label": "Karim Haddad",
        "object_label": "NHF",
        "reason": "Asked by phone ✆",
        "changes": {"language": ["nb", "nn"], "expense_limit": [None, "1200.50"], "open": [True, False]},
    },
    {"action": "demo_booking.received", "actor_label": "system", "object_label": "", "actor_id": None},
]


def migrate(target: tuple[str, str]) -> None:
    """With what the record's migrations build on and no more: the rest takes a minute to render."""
    executor = MigrationExecutor(django_connection)
    needed = set(executor.loader.graph.forwards_plan(NOW))
    applied = executor.loader.applied_migrations
    executor.loader.applied_migrations = {key: row for key, row in applied.items() if key in needed}
    executor.migrate([target])


def insert_old(number: int, values: dict) -> None:
    row = {
        "id": UUID(int=number + 1),
        "at": timezone.now(),
        "actor_id": UUID(int=77),
        "session_id": None,
        "object_type": "cms.faqentry",
        "object_id": str(number),
        "changes": {},
        "reason": "",
        **values,
    }
    row["changes"] = json.dumps(row["changes"])
    columns, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO audit_auditevent ({columns}) VALUES ({marks})", list(row.values()))


def test_events_of_before_are_moved_and_sealed(own_database):
    organization = Organization.objects.get(schema_name="nhf")
    with tenant_context(organization), connection.as_owner():
        with connection.cursor() as cursor:
            for model in (AuditDetail, AuditEvent):
                cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
                cursor.execute(f"DELETE FROM {model._meta.db_table}")
                cursor.execute(f"ALTER TABLE {model._meta.db_table} ENABLE TRIGGER USER")
        migrate(BEFORE)
        for number, values in enumerate(OLD):
            insert_old(number, values)
        migrate(NOW)
        for number, values in enumerate(OLD):
            event = AuditEvent.objects.select_related("detail").get(object_id=str(number))
            detail = event.detail
            assert (event.action, event.actor_label) == (values["action"], values["actor_label"])
            assert (event.object_label, event.reason) == (values["object_label"], values.get("reason", ""))
            assert event.changes == values.get("changes", {})
            assert (event.subject_ids, event.grant_id, event.on_behalf_of_id) == ([], None, None)
            assert (detail.network, detail.on_behalf_of_label, detail.erased) == ("", "", {})
            parts = payload.parts_of(values, event.changes)
            assert set(detail.salts) == set(parts), "a salt for each part that has a value"
            hashes = {
                name: payload.part_hash(detail.salts[name], name, value) for name, value in parts.items()
            }
            assert event_payload(event)["commitment"] == payload.commitment(hashes).hex()
        assert len({salt for detail in AuditDetail.objects.all() for salt in detail.salts.values()}) == 9
        with pytest.raises(IntegrityError, match="kept for ever"):
            AuditEvent._base_manager.update(action="faq.deleted")
        seal_and_anchor(organization)
        assert AuditSeal.objects.count() == len(OLD)
        result = check(organization)
        assert (result.ok, result.events) == (True, len(OLD)), result.first
        with pytest.raises(IrreversibleError, match="their proof would go"):
            migrate(BEFORE)
        migrate(NOW)
        assert check(organization).ok
