"""Whether an activity counts: the one function that judges it, and its verdict in words."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.certification.queries import is_in_use, lacking_kinds
from domain.grants.queries import verdict_on
from domain.grants.verdict import Facts, Unmet, Verdict, mend, reason

from .choices import FlagStatus, Mode
from .models import Activity

# Beside the requirements of the grant.
FLAGGED = "flagged"
HOME = "NO"


def was_approved(user: Any, day: Any) -> bool:
    """Whether somebody was an approved peer mentor on a day: by role, and by what must be certified.

    A pause or an unsigned declaration keeps people from being assigned; it takes no approval away.
    """
    if user is None:
        return False
    if not RoleAssignment.objects.filter(user=user, role=Role.PEER_MENTOR).holding(day).exists():
        return False
    return not (is_in_use() and lacking_kinds(user, day))


def facts_of(activity: Activity, *, led_by_mentor: bool) -> Facts:
    return Facts(
        category=activity.type.category,
        minutes=activity.duration_minutes,
        participants=activity.participants,
        led_by_mentor=led_by_mentor,
        in_person=activity.mode == Mode.PHYSICAL,
        in_norway=activity.country == HOME,
    )


def judge(activity: Activity) -> None:
    """Count participants, stamp leaders, and set the verdict by the rules of the day; it isn't saved."""
    leaders = list(activity.leaders.select_related("user"))
    for leader in leaders:
        approved = was_approved(leader.user, activity.day) if leader.user_id else leader.approved_on_day
        if approved != leader.approved_on_day:
            leader.approved_on_day = approved
            leader.save(update_fields=["approved_on_day"])
    activity.participants = activity.contact_links.count() + activity.further_participants
    led = any(leader.approved_on_day for leader in leaders)
    keep(activity, verdict_on(activity.day, facts_of(activity, led_by_mentor=led)))


def keep(activity: Activity, verdict: Verdict, *, is_flagged: bool | None = None) -> None:
    """Write a verdict into the columns of an activity; it isn't saved.

    `is_flagged` says whether a doubt about it was confirmed, where that is known already.
    """
    activity.rule_set = verdict.rules
    activity.unmet = [each.as_json() for each in verdict.unmet]
    if is_flagged is None:
        is_flagged = bool(activity.pk) and activity.flags.filter(status=FlagStatus.CONFIRMED).exists()
    if is_flagged:
        activity.unmet = [*activity.unmet, Unmet(FLAGGED).as_json()]
    settle(activity)


def settle(activity: Activity) -> None:
    """Whether it counts in the end, from what is missing and what was decided otherwise."""
    flagged = any(each["requirement"] == FLAGGED for each in activity.unmet)
    decided = activity.override if activity.override is not None else not activity.unmet
    activity.counts = bool(decided) and not flagged


@dataclass(frozen=True)
class Explanation:
    """A verdict in the reader's language; `mend` is the one thing that would make it count, or empty."""

    counts: bool
    words: str
    reasons: list[str] = field(default_factory=list)
    mend: str = ""
    is_overridden: bool = False


def explain(activity: Activity) -> Explanation:
    """“Counts” or “does not count”, why, and what would mend it."""
    unmet = [
        Unmet(each["requirement"], each.get("value"), each.get("got"), each.get("paragraph", ""))
        for each in activity.unmet
    ]
    reasons = [words_of(each) for each in unmet]
    words = _("Counts for the grant.") if activity.counts else _("Does not count for the grant.")
    if activity.override is not None:
        said = _("Decided otherwise by an administrator: %(reason)s") % {"reason": activity.override_reason}
        return Explanation(activity.counts, words, [*reasons, said], "", True)
    missing = mend(Verdict(activity.counts, activity.rule_set, tuple(unmet)))
    return Explanation(activity.counts, words, reasons, missing)


def words_of(unmet: Unmet) -> str:
    """Why it doesn't count, with the paragraph that says so."""
    if unmet.requirement == FLAGGED:
        return _("A doubt about it was confirmed.")
    said = reason(unmet)
    return f"{said} ({unmet.paragraph})" if unmet.paragraph else said
