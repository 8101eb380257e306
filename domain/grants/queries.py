"""Which counting rules hold when."""

from collections.abc import Callable
from datetime import date

from .models import CountingRule, RuleSet
from .verdict import Facts, Verdict, judge


def rules_on(day: date) -> tuple[str, list[CountingRule]] | None:
    """Name and rules of the published set that holds on a day, or None."""
    found = RuleSet.objects.on(day).prefetch_related("rules").first()
    return (found.name, list(found.rules.all())) if found else None


def rules_by_day() -> Callable[[date], tuple[str, list[CountingRule] | None]]:
    """A question of any day: name and rules of the set that holds ("", None without one)."""
    sets = [
        (row.valid_from, row.valid_to, row.name, list(row.rules.all()))
        for row in RuleSet.objects.published().prefetch_related("rules")
    ]

    def on(day: date) -> tuple[str, list[CountingRule] | None]:
        for begun, ended, name, rules in sets:
            if begun <= day and (ended is None or day <= ended):
                return name, rules
        return "", None

    return on


def verdict_on(day: date, facts: Facts) -> Verdict:
    """The verdict by the rules of the day on which it took place."""
    found = rules_on(day)
    return judge(facts, found[1], name=found[0]) if found else judge(facts, None)
