"""Judging many activities that aren't stored yet: an import, the demo. Part of the area's rules.

As `judging.judge` does it for one, but all that verdicts depend on is read once, and kept in memory.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.certification.queries import certified_on, is_in_use
from domain.grants.queries import rules_by_day
from domain.grants.verdict import judge

from .judging import facts_of, keep
from .models import Activity, ActivityLeader


class ManyJudged:
    """`of(activity, leaders, contacts)` judges one; `people` are the keys of all who may have led one."""

    def __init__(self, people: Iterable[Any]):
        keys = list(people)
        self._rules = rules_by_day()
        self._certified = certified_on(keys) if is_in_use() else lambda _key, _day: True
        self._held: dict[Any, list[tuple[date, date | None]]] = {}
        roles = RoleAssignment.objects.filter(user__in=keys, role=Role.PEER_MENTOR).order_by()
        for key, begun, ended in roles.values_list("user", "valid_from", "valid_to"):
            self._held.setdefault(key, []).append((begun, ended))

    def was_approved(self, key: Any, day: date) -> bool:
        """As `judging.was_approved`, of somebody by key."""
        held = self._held.get(key, [])
        return any(
            begun <= day and (ended is None or day <= ended) for begun, ended in held
        ) and self._certified(key, day)

    def of(
        self,
        activity: Activity,
        leaders: Sequence[ActivityLeader],
        *,
        contacts: int = 0,
        is_flagged: bool = False,
    ) -> None:
        """Count participants, stamp leaders, and set the verdict by the rules of the day; nothing is saved.

        `contacts` is how many are named, `is_flagged` whether a doubt about it was confirmed.
        """
        for leader in leaders:
            leader.approved_on_day = self.was_approved(leader.user_id, activity.day)
        activity.participants = contacts + activity.further_participants
        facts = facts_of(activity, led_by_mentor=any(leader.approved_on_day for leader in leaders))
        name, rules = self._rules(activity.day)
        keep(activity, judge(facts, rules, name=name), is_flagged=is_flagged)
