"""The coordinator's today as panels: what waits, the first few of each, and where all of them are."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from domain.activities.models import HomeVisitFollowUp
from domain.certification.choices import MentorState
from domain.config.choices import Term
from domain.config.terminology import term
from domain.people.models import ContactNote
from domain.reporting.today import Section, note_shown, sections

from .certification.forms import WITHIN
from .dashboard_panels import Entry, Link, Panel
from .scoped.access import scope_of


def today_panels(request: Any) -> list[Panel]:
    """A panel per kind that is this person's business; that its rows were shown is on the record."""
    found = sections(scope_of(request))
    note_shown(found, by=request.user)
    return [_PANELS[section.key](section) for section in found]


def _address(name: str, query: str = "") -> str:
    return f"{reverse(name)}?{query}" if query else reverse(name)


def _day(day: Any) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def _all(section: Section, name: str, query: str = "") -> Link:
    return Link(_("See all"), _address(name, query), section.counts["total"])


def _some(section: Section, count: str, label: str, name: str, query: str) -> list[Link]:
    """A link to a part of them, where there are any."""
    number = section.counts[count]
    return [Link(label, _address(name, query), number)] if number else []


def _answers(section: Section) -> Panel:
    entries = [
        Entry(
            str(row.recipient or _("nobody any more")),
            reverse("assignments:inspect", args=[row.pk]),
            mark=_("Declined") if row.is_refused else "",
            note="" if row.is_refused else _("Accepted"),
            at=row.answered_at,
        )
        for row in section.rows
    ]
    return Panel(
        section.key,
        _("Answered since yesterday"),
        "mail",
        entries,
        _("Nobody has answered since yesterday."),
        count=section.counts["total"],
        links=[_all(section, "assignments:index", "waiting=answered")],
    )


def _unopened(section: Section) -> Panel:
    entries = []
    for row in section.rows:
        days = (timezone.now() - row.sent_at).days
        waited = ngettext("Unopened for %(days)d day", "Unopened for %(days)d days", days) % {"days": days}
        entries.append(
            Entry(
                str(row.recipient or _("nobody any more")),
                reverse("assignments:inspect", args=[row.pk]),
                mark=waited if row.is_late else "",
                note=_("Sent %(day)s") % {"day": _day(timezone.localtime(row.sent_at))},
            )
        )
    return Panel(
        section.key,
        _("Sent, not opened yet"),
        "time",
        entries,
        _("Everything that was sent has been opened."),
        warns=bool(section.counts["late"]),
        count=section.counts["total"],
        links=[
            _all(section, "assignments:index", "status=sent"),
            *_some(section, "late", _("For too long"), "assignments:index", "waiting=yes"),
        ],
    )


def _note_requests(section: Section) -> Panel:
    entries = [
        Entry(
            str(row.shown_contact or _("Somebody whom you followed up before")),
            reverse("note_requests:inspect", args=[row.pk]),
            mark=_("Overdue") if row.is_late else "",
            note=_("By %(day)s") % {"day": _day(row.due_on)},
        )
        for row in section.rows
    ]
    return Panel(
        section.key,
        _("Private notes asked for"),
        "lock",
        entries,
        warns=bool(section.counts["overdue"]),
        count=section.counts["total"],
        links=[_all(section, "note_requests:index", "state=mine")],
    )


def _follow_ups(section: Section) -> Panel:
    return Panel(
        section.key,
        _("To follow up today"),
        "tasks",
        [_follow_up(row) for row in section.rows],
        _("Nothing is due today."),
        warns=bool(section.counts["overdue"]),
        count=section.counts["total"],
        links=[
            *_some(section, "notes", _("After notes"), "contact_notes:index", "open=due"),
            *_some(section, "visits", _("After home visits"), "home_visit_follow_ups:index", "state=open"),
        ],
    )


def _follow_up(row: Any) -> Entry:
    due = _("By %(day)s") % {"day": _day(row.due_on)}
    mark = _("Overdue") if row.is_late else ""
    if isinstance(row, HomeVisitFollowUp):
        activity = row.report.activity
        who = str(activity.mentor or "")
        note = ", ".join(part for part in (who, due) if part)
        kind = capfirst(term(Term.HOME_VISIT))
        return Entry(row.what, reverse("activities:inspect", args=[activity.pk]), kind, note, mark=mark)
    assert isinstance(row, ContactNote)
    address = reverse("contact_notes:inspect", args=[row.pk])
    return Entry(str(row.contact), address, row.get_kind_display(), due, mark=mark)


def _reviews(section: Section) -> Panel:
    entries = [
        Entry(
            f"{row.type}, {_day(row.day)}",
            reverse("activities:inspect", args=[row.pk]),
            mark=_("Flagged") if row.is_flagged else "",
            note=str(row.mentor or ""),
        )
        for row in section.rows
    ]
    return Panel(
        section.key,
        _("%(activities)s to review") % {"activities": capfirst(term(Term.ACTIVITY, "plural"))},
        "clipboard-list",
        entries,
        _("Nothing is waiting for review."),
        count=section.counts["total"],
        links=[
            _all(section, "activities:review"),
            *_some(section, "flagged", _("Flagged"), "activities:index", "status=submitted&flags=open"),
        ],
    )


def _certificates(section: Section) -> Panel:
    entries = [
        Entry(
            str(row.user),
            reverse("certifications:inspect", args=[row.pk]),
            kind=str(row.kind),
            mark=_("Expired") if row.is_late else "",
            note=_("Valid until %(day)s") % {"day": _day(row.valid_until)},
        )
        for row in section.rows
    ]
    links = _some(section, "expired", _("Expired"), "certifications:index", "renew=expired")
    for days, label in WITHIN.items():
        links += _some(section, f"within_{days}", str(label), "certifications:index", f"renew={days}")
    return Panel(
        section.key,
        _("Certificates that end"),
        "success",
        entries,
        _("All certificates are valid for more than 90 days."),
        warns=bool(section.counts["expired"]),
        count=section.counts["total"],
        links=links,
    )


def _pauses(section: Section) -> Panel:
    entries = [
        Entry(
            str(row.user),
            reverse("mentor_statuses:inspect", args=[row.pk]),
            mark=_("Certificate ran out") if row.status == MentorState.AUTO_PAUSED else "",
            note=_return_of(row),
        )
        for row in section.rows
    ]
    return Panel(
        section.key,
        _("%(mentors)s on a break") % {"mentors": capfirst(term(Term.PEER_MENTOR, "plural"))},
        "user",
        entries,
        _("Nobody is on a break."),
        count=section.counts["total"],
        links=[_all(section, "mentor_statuses:index", "now=paused")],
    )


def _return_of(row: Any) -> str:
    if row.returns_on:
        return _("Back on %(day)s") % {"day": _day(row.returns_on)}
    if row.status == MentorState.AUTO_PAUSED:
        return _("Back when it is renewed")
    return _("No day of return yet")


_PANELS: dict[str, Callable[[Section], Panel]] = {
    "answers": _answers,
    "unopened": _unopened,
    "note_requests": _note_requests,
    "follow_ups": _follow_ups,
    "reviews": _reviews,
    "certificates": _certificates,
    "pauses": _pauses,
}
