"""What becomes of an activity: submitted, withdrawn, approved, rejected; flags and overrides.

Part of the area's rules. States move here alone, by the one table (`choices.TRANSITIONS`).
"""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.access.rules import check_version
from domain.audit.rules import record
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.people.standing import check_may

from .checking import check
from .choices import ActivityStatus, DocumentType, FlagKind, FlagSource, FlagStatus
from .evidence import missing_documents
from .judging import judge, settle
from .models import Activity, ActivityFlag, ActivityLeader
from .models.activities import APPROVE, OVERRIDE
from .models.flags import CHANGE_FLAG
from .standing import check_may_keep, check_transition, locked, people_of


@transaction.atomic
def submit_activity(activity: Activity, *, by: Any, version: int | None = None) -> Activity:
    """Hand it in. Raises InvalidInput for what its type asks for, InvalidState, NotAllowed, StaleVersion."""
    row = locked(activity, version)
    check_may_keep(by, row)
    return send_in(row, by=by)


def send_in(row: Activity, *, by: Any) -> Activity:
    """Submit a row that is locked or new, in the caller's transaction; doubts about it are flagged."""
    target = check_transition(row, "submit")
    if row.type.needs_contact and not row.contact_links.exists() and not row.further_participants:
        raise InvalidInput(_("Say whom it was with."), code="required", field="contacts")
    if row.type.needs_duration and row.duration_minutes is None:
        raise InvalidInput(_("Say how long it lasted."), code="required", field="duration_minutes")
    judge(row)
    row.submitted_at, row.decided_at, row.decided_by, row.decision_reason = timezone.now(), None, None, ""
    _move(row, target, "submitted", by=by)
    check(row, by=by)
    return row


@transaction.atomic
def withdraw_activity(activity: Activity, *, by: Any, version: int | None = None) -> Activity:
    """Take it back as a draft, to be mended. Raises InvalidState, NotAllowed, StaleVersion."""
    row = locked(activity, version)
    check_may_keep(by, row)
    target = check_transition(row, "withdraw")
    row.submitted_at = row.decided_at = row.decided_by = None
    row.decision_reason = ""
    return _move(row, target, "withdrawn", by=by)


@transaction.atomic
def approve_activity(activity: Activity, *, by: Any, version: int | None = None) -> Activity:
    """Approve it: the verdict and the path of its local association are stamped.

    Raises InvalidState with open flags or without documents that its type asks for, NotAllowed for one's own
    and where the right doesn't hold, StaleVersion.
    """
    row = locked(activity, version)
    _check_decider(row, by)
    target = check_transition(row, "approve")
    if row.flags.open().exists():
        raise InvalidState(_("There are open flags: decide on them first."), code="open-flags")
    missing = lacking_documents(row)
    if missing:
        raise InvalidState(
            _("Documents are missing: %(names)s.") % {"names": ", ".join(missing)}, code="documents-missing"
        )
    judge(row)
    row.stamped_path = row.local_association.path
    row.decided_at, row.decided_by = timezone.now(), by
    return _move(row, target, "approved", by=by)


@transaction.atomic
def reject_activity(activity: Activity, *, reason: str, by: Any, version: int | None = None) -> Activity:
    """Send it back, with a reason its mentor reads. Raises InvalidInput without one, and as approving."""
    row = locked(activity, version)
    _check_decider(row, by)
    target = check_transition(row, "reject")
    row.decision_reason = _words(reason, "reason")
    row.decided_at, row.decided_by = timezone.now(), by
    return _move(row, target, "rejected", by=by, reason=row.decision_reason)


@transaction.atomic
def reopen_activity(activity: Activity, *, reason: str, by: Any, version: int | None = None) -> Activity:
    """Take an approval back, for a mistake. Raises InvalidInput without a reason, and as approving."""
    row = locked(activity, version)
    _check_decider(row, by)
    target = check_transition(row, "reopen")
    why = _words(reason, "reason")
    row.decided_at = row.decided_by = None
    row.stamped_path = ""
    judge(row)
    return _move(row, target, "reopened", by=by, reason=why)


@transaction.atomic
def override_verdict(
    activity: Activity,
    *,
    counts: bool | None,
    by: Any,
    reason: str = "",
    evidence: str = "",
    version: int | None = None,
) -> Activity:
    """Decide otherwise than the rules whether it counts; None takes that back.

    A confirmed flag still keeps it out. Raises InvalidInput without reason and evidence, NotAllowed,
    StaleVersion.
    """
    row = locked(activity, version)
    check_may(by, OVERRIDE, row.local_association.path)
    before = row.counts
    if counts is None:
        row.override = row.overridden_at = row.overridden_by = None
        row.override_reason = row.override_evidence = ""
    else:
        row.override, row.overridden_at, row.overridden_by = counts, timezone.now(), by
        row.override_reason = _words(reason, "reason")
        row.override_evidence = _words(evidence, "evidence")
    settle(row)
    row.updated_by = by
    row.save()
    record(
        "activity.overridden",
        row,
        by=by,
        reason=row.override_reason,
        changes={"override": (None, row.override), "counts": (before, row.counts)},
        subject_ids=people_of(row),
    )
    return row


# --- Flags


@transaction.atomic
def flag_activity(
    activity: Activity,
    *,
    reason: str,
    by: Any,
    kind: str = FlagKind.OTHER,
    version: int | None = None,
) -> Activity:
    """Say that it needs a second look, and why. Raises InvalidInput, NotAllowed, StaleVersion."""
    row = locked(activity, version)
    check_may(by, CHANGE_FLAG, row.local_association.path)
    if kind not in FlagKind.values:
        raise InvalidInput(_("There is no such choice."), field="kind")
    flag = ActivityFlag(
        activity=row,
        kind=kind,
        source=FlagSource.PERSON,
        reason=_words(reason, "reason"),
        created_by=by,
        updated_by=by,
    )
    flag.save(force_insert=True)
    people = people_of(row)
    record(
        "activity-flag.created",
        flag,
        by=by,
        changes={"kind": (None, str(FlagKind(kind).label))},
        subject_ids=people,
    )
    record("activity.flagged", row, by=by, reason=flag.reason, subject_ids=people)
    row.updated_by = by
    row.save(update_fields=["updated_by"])
    return row


def dismiss_flag(flag: ActivityFlag, *, by: Any, note: str = "", version: int | None = None) -> ActivityFlag:
    """Say that all is well. Raises InvalidState once it is decided, NotAllowed, StaleVersion."""
    return _decide_flag(flag, FlagStatus.DISMISSED, "dismissed", by=by, note=note, version=version)


def confirm_flag(flag: ActivityFlag, *, by: Any, note: str = "", version: int | None = None) -> ActivityFlag:
    """Say that the doubt is right: the activity doesn't count. Raises as dismissing."""
    return _decide_flag(flag, FlagStatus.CONFIRMED, "confirmed", by=by, note=note, version=version)


@transaction.atomic
def join_as_co_leader(flag: ActivityFlag, *, by: Any, version: int | None = None) -> ActivityFlag:
    """Two registered what they led together: the leaders of this one lead the other, and this is rejected.

    Raises InvalidState unless the flag says so and both are submitted, NotAllowed, StaleVersion.
    """
    stored = ActivityFlag.objects.get(pk=flag.pk)
    if stored.kind not in (FlagKind.JOINT, FlagKind.DUPLICATE) or stored.other is None:
        raise InvalidState(_("There is no other activity to join."), code="no-other")
    first, second = sorted([stored.activity, stored.other], key=lambda each: str(each.pk))
    rows = {each.pk: locked(each) for each in (first, second)}
    row, other = rows[stored.activity_id], rows[stored.other.pk]
    if {row.status, other.status} != {ActivityStatus.SUBMITTED.value}:
        raise InvalidState(_("Both have to be waiting for a decision."), code="wrong-status")
    decided = confirm_flag(stored, by=by, version=version)
    held = set(other.leaders.values_list("user", flat=True))
    for leader in row.leaders.exclude(user=None):
        if leader.user_id not in held:
            ActivityLeader(activity=other, user=leader.user).save(force_insert=True)
    judge(other)
    other.updated_by = by
    other.save()
    record("activity.joined", other, by=by, subject_ids=people_of(other))
    reject_activity(row, reason=_("Registered together: “%(name)s”.") % {"name": other}, by=by)
    return decided


def _decide_flag(
    flag: ActivityFlag, status: FlagStatus, verb: str, *, by: Any, note: str, version: int | None
) -> ActivityFlag:
    with transaction.atomic():
        flag.check_schema()
        activity = locked(flag.activity)
        stored = ActivityFlag.objects.select_for_update(of=("self",)).get(pk=flag.pk)
        check_version(stored, version)
        check_may(by, CHANGE_FLAG, activity.local_association.path)
        if stored.status != FlagStatus.OPEN:
            raise InvalidState(_("This is decided already."), code="decided")
        stored.status, stored.decided_by, stored.decided_at = status, by, timezone.now()
        stored.note, stored.updated_by = " ".join(note.split())[:500], by
        stored.save()
        record(
            f"activity-flag.{verb}",
            stored,
            by=by,
            reason=stored.note,
            changes={"status": (FlagStatus.OPEN.value, status.value)},
            subject_ids=people_of(activity),
        )
        before = activity.counts
        judge(activity)
        activity.updated_by = by
        activity.save()
        # Also where it counts as before: its flags are part of what it shows.
        record(
            "activity.changed",
            activity,
            by=by,
            changes={"counts": (before, activity.counts)} if before != activity.counts else {},
            subject_ids=people_of(activity),
        )
        return stored


# --- What they have in common


def lacking_documents(activity: Activity) -> list[str]:
    """What the type of an activity asks for and isn't there, in words."""
    return [str(DocumentType(key).label) for key in missing_documents(activity)]


def _check_decider(row: Activity, by: Any) -> None:
    check_may(by, APPROVE, row.local_association.path)
    if by is not None and row.leaders.filter(user=by).exists():
        raise NotAllowed(_("Somebody else decides on what you led yourself."), code="own-activity")


def _words(text: str, field: str) -> str:
    words = " ".join(text.split())[:500]
    if not words:
        raise InvalidInput(_("Say why."), code="required", field=field)
    return words


def _move(row: Activity, target: ActivityStatus, verb: str, *, by: Any, reason: str = "") -> Activity:
    before, row.status, row.updated_by = row.status, target, by
    row.save()
    record(
        f"activity.{verb}",
        row,
        by=by,
        reason=reason,
        changes={"status": (before, target.value)},
        subject_ids=people_of(row),
    )
    return row
