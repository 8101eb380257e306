"""Reports of home visits, and what is to follow. Part of the area's rules."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.access.rules import check_version
from domain.audit.entities import HIDDEN, create_entity
from domain.audit.rules import record
from domain.config.queries import current_organization
from domain.core.errors import InvalidInput, InvalidState
from domain.core.reminding import Delivery, check_repeatable
from domain.people.standing import check_text, validate
from tenants.jobs import enqueue

from .models import Activity, HomeVisitFollowUp, HomeVisitReport
from .standing import check_may_keep, locked, people_of

REMIND = "activities.remind_of_follow_up"
ALERT = "activities.tell_of_urgent_visit"
FIELDS = ("health_status", "assistive_devices", "course_interest", "is_urgent")
SEALED = ("health_status", "assistive_devices")
MOST_FOLLOW_UPS = 20


@transaction.atomic
def write_report(
    activity: Activity, *, by: Any, follow_ups: Iterable[Mapping[str, Any]] = (), **values: Any
) -> HomeVisitReport:
    """Write the report of a visit; an urgent one is told to the coordinators at once.

    `follow_ups` are of `what` and `due_on`. Raises InvalidState where there is one, InvalidInput, NotAllowed.
    """
    row = locked(activity)
    check_may_keep(by, row)
    if HomeVisitReport.objects.filter(activity=row).exists():
        raise InvalidState(_("There is a report of this visit already."), code="exists")
    report = HomeVisitReport(activity=row)
    _assign(report, values)
    create_entity(report, by=by)
    _set_follow_ups(report, follow_ups)
    return _alert(report)


@transaction.atomic
def change_report(
    report: HomeVisitReport, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> HomeVisitReport:
    """Change a report; `follow_ups` replaces those that aren't done. Raises as writing, StaleVersion."""
    row = HomeVisitReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    check_version(row, version)
    check_may_keep(by, row.activity)
    _assign(row, {name: value for name, value in changes.items() if name in FIELDS})
    validate(row, without=("activity", *SEALED))
    row.updated_by = by
    row.save()
    if "follow_ups" in changes:
        _set_follow_ups(row, changes["follow_ups"])
    record(
        "home-visit-report.changed",
        row,
        by=by,
        changes=dict.fromkeys(changes, (HIDDEN, HIDDEN)),
        subject_ids=people_of(row.activity),
    )
    return _alert(row)


@transaction.atomic
def finish_follow_up(
    report: HomeVisitReport, *, follow_up: Any, by: Any, version: int | None = None
) -> HomeVisitReport:
    """Say that something was done. Raises InvalidInput, InvalidState when it was done already."""
    row = HomeVisitReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    check_version(row, version)
    check_may_keep(by, row.activity)
    each = row.follow_ups.filter(pk=follow_up).first()
    if each is None:
        raise InvalidInput(_("There is no such choice."), field="follow_up")
    if each.done_at is not None:
        raise InvalidState(_("This is done already."), code="done")
    each.done_at, each.done_by = timezone.now(), by
    each.save()
    row.updated_by = by
    row.save(update_fields=["updated_by"])
    record("home-visit-report.followed-up", row, by=by, subject_ids=people_of(row.activity))
    return row


@transaction.atomic
def remind_again(
    report: HomeVisitReport, *, follow_up: Any, by: Any, version: int | None = None
) -> HomeVisitReport:
    """Let the coordinators be mailed of a follow-up again, where the first mail may not have arrived.

    The mail has the same Message-ID as the first. Raises InvalidInput, NotAllowed, InvalidState where it was
    sent, or is done.
    """
    row = HomeVisitReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    check_version(row, version)
    check_may_keep(by, row.activity)
    each = row.follow_ups.select_for_update(of=("self",)).filter(pk=follow_up).first()
    if each is None:
        raise InvalidInput(_("There is no such choice."), field="follow_up")
    if each.done_at is not None:
        raise InvalidState(_("This is done already."), code="done")
    check_repeatable(each.reminder)
    before = each.reminder
    each.reminded_at, each.reminder = None, Delivery.NONE
    each.save()
    row.updated_by = by
    row.save(update_fields=["updated_by"])
    record(
        "home-visit-report.reminder-repeated",
        row,
        by=by,
        changes={"reminder": (before, Delivery.NONE.value)},
        subject_ids=people_of(row.activity),
    )
    enqueue(REMIND, current_organization(), key=str(each.pk), follow_up_id=str(each.pk))
    return row


def _assign(row: HomeVisitReport, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, ((value or "").strip() or None) if name in SEALED else value)
    check_text(row)


def _set_follow_ups(report: HomeVisitReport, wanted: Iterable[Mapping[str, Any]]) -> None:
    lines = list(wanted)
    if len(lines) > MOST_FOLLOW_UPS:
        raise InvalidInput(_("At most %(most)d at once.") % {"most": MOST_FOLLOW_UPS}, field="follow_ups")
    # Those that stay as they are stay the same rows: nobody is reminded of one twice.
    known = {(each.what, each.due_on): each for each in report.follow_ups.filter(done_at=None)}
    for line in lines:
        what, due = " ".join(str(line["what"]).split()), line["due_on"]
        if not what or not isinstance(due, date):
            raise InvalidInput(_("Say what, and by which day."), code="required", field="follow_ups")
        if known.pop((what[:200], due), None) is None:
            HomeVisitFollowUp(report=report, what=what[:200], due_on=due).save(force_insert=True)
    report.follow_ups.filter(pk__in=[each.pk for each in known.values()]).delete()


def _alert(report: HomeVisitReport) -> HomeVisitReport:
    """Let the coordinators be told of an urgent one, once."""
    if report.is_urgent and report.alerted_at is None:
        report.alerted_at = timezone.now()
        report.save(update_fields=["alerted_at"])
        enqueue(ALERT, current_organization(), key=str(report.pk), report_id=str(report.pk))
    return report
