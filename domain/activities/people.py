"""What other areas ask of this one about a person: moments of a contact, their export, their erasure."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from domain.config.terminology import term
from domain.core.scope import Scope
from domain.encryption.reading import read_sealed_rows
from domain.encryption.rules import shred_rows
from domain.files.rules import destroy_bytes
from domain.people.models import Contact
from domain.people.timeline import Moment

from .models import Activity, ActivityAttachment, ActivityDocument, HomeVisitReport

# On a contact's timeline.
MOST_MOMENTS = 100


def contact_moments(contact: Contact, scope: Scope) -> Iterable[Moment]:
    """The activities with a contact that the caller may see, the latest of them."""
    rows = Activity.objects.visible_to(scope).filter(contact_links__contact=contact)
    for row in rows.select_related("type", "mentor").order_by("-started_at")[:MOST_MOMENTS]:
        words = f"{row.type} ({row.get_status_display()})"
        yield Moment(row.started_at, "calendar", words, str(row.mentor or ""), row._meta.label_lower, row.pk)


def export_part(contact: Contact) -> tuple[str, list[dict[str, Any]]]:
    """What was done with a contact, and what was written of it."""
    rows = list(Activity.objects.filter(contact_links__contact=contact).select_related("type", "mentor"))
    reports = list(HomeVisitReport.objects.filter(activity__in=rows))
    said = read_sealed_rows(Activity, [row.pk for row in rows], ["summary"], by=None, scope=None)
    sealed = ["health_status", "assistive_devices"]
    found = read_sealed_rows(HomeVisitReport, [row.pk for row in reports], sealed, by=None, scope=None)
    visits = {report.activity_id: found.get(report.pk, {}) for report in reports}
    lines = []
    for row in rows:
        visit = visits.get(row.pk, {})
        line = {
            _("Type"): str(row.type),
            _("Day"): row.day.isoformat(),
            _("Duration"): row.duration_minutes,
            _("How"): row.get_mode_display(),
            _("Place"): row.place,
            str(term("peer_mentor")): str(row.mentor or ""),
            _("Summary"): said.get(row.pk, {}).get("summary"),
            _("Health"): visit.get("health_status"),
            _("Assistive devices"): visit.get("assistive_devices"),
        }
        lines.append({label: value for label, value in line.items() if value not in ("", None)})
    return str(term("activity", "plural")), lines


def forget_contact(*, contact: Contact, by: Any) -> None:
    """When a contact is erased: what was written of their visits goes, with files; that they were stays.

    They are still counted, as one of the further participants.
    """
    rows = Activity.objects.filter(contact_links__contact=contact)
    keys = list(rows.order_by().values_list("pk", flat=True))
    reason = _("A person taking part was erased.")
    shred_rows(rows, by=by, reason=reason)
    shred_rows(HomeVisitReport.objects.filter(activity__in=keys), by=by, reason=reason)
    for model in (ActivityAttachment, ActivityDocument):
        for evidence in model.objects.filter(activity__in=keys).select_related("file"):
            destroy_bytes(evidence.file, by=by, reason=reason)
    for row in Activity.objects.filter(pk__in=keys):
        row.contact_links.filter(contact=contact).delete()
        row.theme, row.place, row.further_participants = "", "", F("further_participants") + 1
        row.save(update_fields=["theme", "place", "further_participants"])
