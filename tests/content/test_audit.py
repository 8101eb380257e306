"""Every change of content is in the audit, once, in the transaction that made it."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from wagtail.actions.edit import EditAction
from wagtail.models import ModelLogEntry

from cms import rules
from cms.models import FaqEntry
from domain.audit.models import AuditEvent

from .conftest import locale

pytestmark = pytest.mark.django_db


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("at", "id").values_list("action", flat=True))


def test_the_life_of_an_item_is_recorded_step_by_step(nhf, make, person):
    admin = person("admin@nhf.example")
    category, other = make.category(), make.category("Annet")
    first = make.faq("Først?", category)
    before = AuditEvent.objects.count()
    item = rules.create(
        FaqEntry(question="Hva?", answer="<p>Ja.</p>", category=category, locale=locale()), by=admin
    )
    rules.publish(item, by=admin)
    rules.reorder(item, 0, by=admin)
    rules.move(item, other, by=admin)
    rules.change_audience(item, "public", by=admin)
    rules.translate(item, locale("en"), by=admin)
    rules.unpublish(item, by=admin)
    rules.delete(item, by=admin)
    assert actions()[before:] == [
        "faq.created",
        "faq.published",
        "faq.reordered",
        "faq.moved",
        "faq.audience-changed",
        "faq-category.translated",
        "faq.translated",
        "faq.unpublished",
        "faq.deleted",
    ]
    events = AuditEvent.objects.filter(object_id=str(item.pk))
    assert {event.actor_label for event in events} == {str(admin)}
    assert events.get(action="faq.moved").changes == {"category": ["Om oss", "Annet"]}
    assert events.get(action="faq.reordered").changes == {"order": [2, 1]}
    assert first.pk


def test_publishing_records_what_readers_see_changed(nhf, make, person):
    item = make.faq("Hva?")
    draft = FaqEntry.objects.get(pk=item.pk)
    draft.question = "Hva nå?"
    rules.edit(draft, by=person("admin@nhf.example"))
    rules.publish(item, by=person("admin@nhf.example"))
    assert AuditEvent.objects.filter(action="faq.published").first().changes == {
        "question": ["Hva?", "Hva nå?"]
    }


def test_an_event_that_cannot_be_written_takes_the_change_back(nhf, make, person):
    item = make.faq("Hva?", live=False)
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RAISE EXCEPTION ''full''; END'"
        )
        cursor.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON audit_auditevent EXECUTE FUNCTION pg_temp.refuse()"
        )
    with pytest.raises(DatabaseError, match="full"), transaction.atomic():
        rules.publish(item, by=person("admin@nhf.example"))
    assert not FaqEntry.objects.get(pk=item.pk).live
    assert not ModelLogEntry.objects.filter(action="wagtail.publish").exists()


def test_scheduled_publishing_and_expiry_are_recorded_as_the_systems(nhf, make):
    soon = make.faq("Snart?", live=False, go_live_at=timezone.now() + timezone.timedelta(hours=1))
    rules.publish(soon, by=None)
    over = make.faq("Over?", expire_at=timezone.now() + timezone.timedelta(hours=1))
    soon.revisions.update(approved_go_live_at=timezone.now() - timezone.timedelta(minutes=1))
    FaqEntry.objects.filter(pk=over.pk).update(expire_at=timezone.now() - timezone.timedelta(minutes=1))
    draft = soon.revisions.get(approved_go_live_at__isnull=False)
    draft.content["go_live_at"] = (timezone.now() - timezone.timedelta(minutes=1)).isoformat()
    draft.save()
    call_command("publish_scheduled")
    assert FaqEntry.objects.get(pk=soon.pk).live
    assert not FaqEntry.objects.get(pk=over.pk).live
    recorded = AuditEvent.objects.filter(actor_id=None).values_list("action", "object_label")
    assert {("faq.scheduled", "Snart?"), ("faq.published", "Snart?"), ("faq.expired", "Over?")} <= set(
        recorded
    )


def test_saving_the_same_draft_again_and_again_is_one_event(nhf, make, person):
    admin = person("admin@nhf.example")
    item = make.faq("Hva?")
    before = AuditEvent.objects.count()
    revision = None
    for number in range(4):
        draft = FaqEntry.objects.get(pk=item.pk).get_latest_revision_as_object()
        draft.question = f"Hva {number}?"
        action = EditAction(draft, user=admin, overwrite_revision=revision)
        action.execute()
        revision = action.revision
    assert actions()[before:] == ["faq.edited"]
