"""What a set of counting rules would say of sample cases, beside the rules that hold: nothing is written."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from .choices import RuleSetStatus
from .models import CountingRule, RuleSet
from .vectors import vectors
from .verdict import NO_RULES, Facts, Verdict, judge


@dataclass(frozen=True)
class Tried:
    """A case, its verdict by the rules that hold on the day (`now`), and by those that are tried (`then`)."""

    title: str
    now: Verdict
    then: Verdict

    @property
    def differs(self) -> bool:
        """Whether it counts or not, or for another reason."""
        return (self.now.counts, self.now.unmet) != (self.then.counts, self.then.unmet)


def try_rules(rule_set: RuleSet) -> list[Tried]:
    """Judge each sample case by the set, and by what holds on the set's first day without it."""
    rules = list(rule_set.rules.all())
    others = RuleSet.objects.exclude(pk=rule_set.pk)
    present = others.on(rule_set.valid_from).prefetch_related("rules").first()
    held: list[CountingRule] | None = list(present.rules.all()) if present else None
    if rule_set.status == RuleSetStatus.PUBLISHED:
        present, held = rule_set, rules
    return [
        Tried(
            titles()[case["title"]],
            judge(Facts(**case["facts"]), held, name=present.name if present else ""),
            judge(Facts(**case["facts"]), rules, name=rule_set.name),
        )
        for case in vectors()
        # A case about the time before there were any rules says nothing of these.
        if NO_RULES not in case["unmet"]
    ]


def titles() -> dict[str, Any]:
    """What the cases are called in the language of now, by what they are called in `vectors.json`."""
    return {
        "A visit at home": _("A visit at home"),
        "A visit whose duration nobody wrote down": _("A visit whose duration nobody wrote down"),
        "A conversation by phone": _("A conversation by phone"),
        "A visit abroad": _("A visit abroad"),
        "A visit by someone who is no approved peer mentor": _(
            "A visit by someone who is no approved peer mentor"
        ),
        "A visit where nobody was at home": _("A visit where nobody was at home"),
        "A group of three for 45 minutes": _("A group of three for 45 minutes"),
        "A group that met on screen": _("A group that met on screen"),
        "A group of two": _("A group of two"),
        "A group of 44 minutes": _("A group of 44 minutes"),
        "A group without a duration": _("A group without a duration"),
        "A group of two for half an hour": _("A group of two for half an hour"),
        "A group led by no approved peer mentor": _("A group led by no approved peer mentor"),
        "A course day of 90 minutes led by a lecturer": _("A course day of 90 minutes led by a lecturer"),
        "A course evening of 60 minutes": _("A course evening of 60 minutes"),
        "A course abroad": _("A course abroad"),
        "A board meeting": _("A board meeting"),
    }
