"""Which counting rules hold when."""

from datetime import date

from .models import CountingRule, RuleSet
from .verdict import Facts, Verdict, judge


def rules_on(day: date) -> tuple[str, list[CountingRule]] | None:
    """Name and rules of the published set that holds on a day, or None."""
    found = RuleSet.objects.on(day).prefetch_related("rules").first()
    return (found.name, list(found.rules.all())) if found else None


def verdict_on(day: date, facts: Facts) -> Verdict:
    """The verdict by the rules of the day on which it took place."""
    found = rules_on(day)
    return judge(facts, found[1], name=found[0]) if found else judge(facts, None)
