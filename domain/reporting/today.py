"""What waits for somebody today: of each kind how many there are, and the first few.

One query per kind, however many rows there are: what is counted is counted beside the rows that are shown.
Only what the caller sees (`visible_to`), and only kinds that are their business and in use here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet, Window
from django.utils import timezone

from domain.activities.models import HomeVisitFollowUp, HomeVisitReport
from domain.activities.models.activities import APPROVE, LOG, READ_SUMMARY
from domain.activities.queries import to_review, with_flagged
from domain.assignments.choices import AssignmentStatus
from domain.assignments.models import VIEW as VIEW_ASSIGNMENTS
from domain.assignments.models import Assignment
from domain.assignments.queries import waiting_since
from domain.assignments.recent import answered_since, yesterday_began
from domain.audit.reading import Seen, note_seen, subjects_of
from domain.certification.choices import REMINDER_DAYS
from domain.certification.models import VIEW as VIEW_CERTIFICATES
from domain.certification.models import VIEW_STATUS, MentorCertification, MentorStatus
from domain.certification.queries import paused_on, to_renew, zone_here
from domain.config.choices import Area
from domain.config.queries import enabled_areas
from domain.core.scope import Scope
from domain.people.models import Contact, ContactNote, NoteRequest
from domain.people.models.contacts import MEET, READ_HEALTH

# So many rows of each kind; the lists show all.
SHOWN = 5


@dataclass(frozen=True)
class Section:
    """One kind: `counts` by name, "total" among them; `rows` are the first ones."""

    key: str
    counts: dict[str, int]
    rows: list[Any] = field(default_factory=list)


def sections(scope: Scope, *, day: date | None = None) -> list[Section]:
    """What waits for the caller on a day (without one: today), the most urgent first.

    Kinds that are none of their business are left out.
    """
    zone = zone_here()
    day = day or timezone.localdate(timezone=zone)
    areas = enabled_areas()

    def concerns(area: Area, *permissions: str) -> bool:
        return area in areas and any(scope.can(permission) for permission in permissions)

    found = []
    if concerns(Area.ASSIGNMENTS, VIEW_ASSIGNMENTS):
        found.append(answers(scope, yesterday_began(zone)))
    if concerns(Area.ASSIGNMENTS, VIEW_ASSIGNMENTS, MEET):
        found.append(unopened(scope))
    if Area.CONTACTS in areas and scope.is_member:
        asked = note_requests(scope, day)
        # Hardly ever: a person has asked to see what is kept about them.
        found += [asked] if asked.counts["total"] else []
    notes = concerns(Area.CONTACTS, READ_HEALTH, MEET)
    visits = concerns(Area.ACTIVITIES, READ_SUMMARY, LOG)
    if notes or visits:
        found.append(follow_ups(scope, day, notes=notes, visits=visits))
    if concerns(Area.ACTIVITIES, APPROVE):
        found.append(reviews(scope))
    if concerns(Area.CERTIFICATION, VIEW_CERTIFICATES, LOG):
        found.append(certificates(scope, day))
    if concerns(Area.CERTIFICATION, VIEW_STATUS):
        found.append(pauses(scope, day))
    return found


def answers(scope: Scope, since: datetime) -> Section:
    """Assignments that were answered since then, the declined ones first."""
    rows = answered_since(Assignment.objects.visible_to(scope), since)
    return _section("answers", rows.select_related("recipient"), declined=Q(is_refused=True))


def unopened(scope: Scope) -> Section:
    """Sent and not opened, the oldest first; `late`: for longer than the organisation's limit."""
    rows = Assignment.objects.visible_to(scope).filter(status=AssignmentStatus.SENT)
    since = waiting_since()
    found = _section(
        "unopened", rows.select_related("recipient").order_by("sent_at", "pk"), late=Q(sent_at__lte=since)
    )
    for row in found.rows:
        row.is_late = row.sent_at <= since
    return found


def note_requests(scope: Scope, day: date) -> Section:
    """Private notes that the caller is asked for, whichever has to be answered first.

    Each row has `shown_contact`: whom it is about, where the caller sees them still.
    """
    seen = Contact.objects.visible_to(scope).filter(pk=OuterRef("contact"))
    rows = NoteRequest.objects.open().filter(author=scope.user_id).annotate(sees_contact=Exists(seen))
    found = _section(
        "note_requests", rows.select_related("contact").order_by("due_on", "pk"), overdue=Q(due_on__lt=day)
    )
    for row in found.rows:
        row.is_late = row.due_on < day
        row.shown_contact = row.contact if row.sees_contact else None
    return found


def follow_ups(scope: Scope, day: date, *, notes: bool, visits: bool) -> Section:
    """What is to be done after a note or a home visit and due by the day; `later` is what has time.

    `notes` are those due of the one kind, `visits` all that are open of the other: as their lists have them.
    """
    parts = []
    counts = {"notes": 0, "visits": 0}
    if notes:
        rows = ContactNote.objects.visible_to(scope).filter(
            follow_up_on__isnull=False, followed_up_at__isnull=True
        )
        rows = rows.annotate(due_on=F("follow_up_on")).select_related("contact").order_by("due_on", "pk")
        parts.append(_due_by(day, rows))
        counts["notes"] = parts[-1].counts["total"]
    if visits:
        reports = HomeVisitReport.objects.visible_to(scope).order_by().values("pk")
        open_ones = HomeVisitFollowUp.objects.filter(done_at=None, report__in=reports)
        parts.append(
            _due_by(day, open_ones.select_related("report__activity__mentor").order_by("due_on", "pk"))
        )
        counts["visits"] = parts[-1].counts["total"] + parts[-1].counts["later"]
    rows_of_all = sorted((row for part in parts for row in part.rows), key=lambda row: row.due_on)
    return Section(
        "follow_ups",
        {name: sum(part.counts[name] for part in parts) for name in ("total", "overdue", "later")} | counts,
        rows_of_all[:SHOWN],
    )


def _due_by(day: date, rows: QuerySet) -> Section:
    found = _section("", rows, overdue=Q(due_on__lt=day), later=Q(due_on__gt=day))
    counts = {**found.counts, "total": found.counts["total"] - found.counts["later"]}
    due = [row for row in found.rows if row.due_on <= day]
    for row in due:
        row.is_late = row.due_on < day
    return Section("", counts, due)


def reviews(scope: Scope) -> Section:
    """Activities that the caller may decide on; `flagged`: about which there is a doubt."""
    rows = with_flagged(to_review(scope)).select_related("type", "mentor")
    return _section("reviews", rows, flagged=Q(is_flagged=True))


def certificates(scope: Scope, day: date) -> Section:
    """Certificates of mentors that have ended or end soon: `within_30` holds those of `within_7` as well."""
    most = max(REMINDER_DAYS)
    rows = to_renew(MentorCertification.objects.visible_to(scope), day, within=most)
    ends = {
        f"within_{days}": Q(valid_until__gte=day, valid_until__lte=day + timedelta(days=days))
        for days in sorted(REMINDER_DAYS)
    }
    found = _section(
        "certificates",
        rows.select_related("user", "kind").order_by("valid_until", "pk"),
        expired=Q(valid_until__lt=day),
        **ends,
    )
    for row in found.rows:
        row.is_late = row.valid_until < day
    return found


def pauses(scope: Scope, day: date) -> Section:
    """Mentors who take no assignments now, whoever is back first; `automatic`: a certificate ended."""
    rows = paused_on(MentorStatus.objects.visible_to(scope), day)
    rows = rows.select_related("user").order_by(F("returns_on").asc(nulls_last=True), "since", "pk")
    return _section("pauses", rows, automatic=Q(status="auto_paused"))


def note_shown(found: Iterable[Section], *, by: Any) -> None:
    """Put on the record whose rows were shown: an event per kind of row, as a list of them would."""
    by_model: dict[type[Model], list[Seen]] = {}
    for section in found:
        for row in section.rows:
            about = row.report if isinstance(row, HomeVisitFollowUp) else row
            by_model.setdefault(type(about), []).append(Seen(frozenset(subjects_of(about))))
    for model, seen in by_model.items():
        note_seen(model, seen, by=by, verb="listed")


def _section(key: str, rows: QuerySet, **counted: Q) -> Section:
    """The first rows and, from the same query, how many there are in all and of each sort."""
    counts = {"total": Q(), **counted}
    found: list[Any] = list(
        rows.annotate(
            **{
                f"counted_{name}": Window(Count("pk", filter=condition) if condition else Count("pk"))
                for name, condition in counts.items()
            }
        )[:SHOWN]
    )
    numbers = {name: getattr(found[0], f"counted_{name}") if found else 0 for name in counts}
    return Section(key, numbers, found)
