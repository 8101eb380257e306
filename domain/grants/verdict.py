"""Whether an activity counts for the grant, why, and the one thing that would mend it.

Pure: no database, no clock. Phones carry the same rules and judge offline; `vectors.json` holds cases with
their verdicts that every implementation must agree with (`GET /api/v1/counting-rules/`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .choices import Requirement

# Instead of a requirement: nothing an activity of this kind, or of this day, could do.
NOT_IN_GRANT = "not_in_grant"
NO_RULES = "no_rules"


class Rule(Protocol):
    category: str
    requirement: str
    value: int | None
    paragraph: str


@dataclass(frozen=True)
class Facts:
    """What the verdict depends on.

    `participants` are the people other than those who led it; `led_by_mentor` that at least one leader was an
    approved peer mentor on the day. None: not known yet, which never counts.
    """

    category: str
    minutes: int | None = None
    participants: int | None = None
    led_by_mentor: bool | None = None
    in_person: bool | None = None
    in_norway: bool | None = None


@dataclass(frozen=True)
class Unmet:
    """A requirement that isn't met: `value` is what is asked for, `got` what there is (None: not known)."""

    requirement: str
    value: int | None = None
    got: int | None = None
    paragraph: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "requirement": self.requirement,
            "value": self.value,
            "got": self.got,
            "paragraph": self.paragraph,
        }


@dataclass(frozen=True)
class Verdict:
    """`rules` names the set that was applied, "" where none holds on the day."""

    counts: bool
    rules: str = ""
    unmet: tuple[Unmet, ...] = ()


_JUDGES: dict[str, Callable[[Facts, int], bool]] = {
    Requirement.IN_PERSON: lambda facts, _value: facts.in_person is True,
    Requirement.IN_NORWAY: lambda facts, _value: facts.in_norway is True,
    Requirement.LED_BY_MENTOR: lambda facts, _value: facts.led_by_mentor is True,
    Requirement.MIN_PARTICIPANTS: lambda facts, value: (facts.participants or 0) >= value,
    Requirement.MIN_MINUTES: lambda facts, value: (facts.minutes or 0) >= value,
}
_COUNTED: dict[str, Callable[[Facts], int | None]] = {
    Requirement.MIN_PARTICIPANTS: lambda facts: facts.participants,
    Requirement.MIN_MINUTES: lambda facts: facts.minutes,
}


def judge(facts: Facts, rules: Sequence[Rule] | None, *, name: str = "") -> Verdict:
    """The verdict by the rules of one set, which is called `name`; None where no set holds on the day.

    A category that the set asks nothing of does not count: the grant lists what it pays for.
    """
    if rules is None:
        return Verdict(False, "", (Unmet(NO_RULES),))
    asked = [rule for rule in rules if rule.category == facts.category]
    if not asked:
        return Verdict(False, name, (Unmet(NOT_IN_GRANT),))
    order = list(Requirement.values)
    unmet = tuple(
        Unmet(rule.requirement, rule.value, _got(facts, rule), rule.paragraph)
        for rule in sorted(asked, key=lambda rule: order.index(rule.requirement))
        if not _JUDGES[rule.requirement](facts, rule.value or 0)
    )
    return Verdict(not unmet, name, unmet)


def _got(facts: Facts, rule: Rule) -> int | None:
    counted = _COUNTED.get(rule.requirement)
    return counted(facts) if counted else None


def asked(rule: Rule) -> str:
    """What a rule asks, in the language of now: “at least 3 participants”."""
    value = rule.value or 0
    if rule.requirement == Requirement.MIN_PARTICIPANTS:
        return ngettext("At least %(value)d participant", "At least %(value)d participants", value) % {
            "value": value
        }
    if rule.requirement == Requirement.MIN_MINUTES:
        return ngettext("Lasts at least %(value)d minute", "Lasts at least %(value)d minutes", value) % {
            "value": value
        }
    return str(Requirement(rule.requirement).label)


def reason(unmet: Unmet) -> str:
    """Why it doesn't count, as a sentence in the language of now."""
    value = unmet.value or 0
    if unmet.requirement == Requirement.MIN_PARTICIPANTS:
        return ngettext(
            "The grant asks for at least %(value)d participant; there were %(got)d.",
            "The grant asks for at least %(value)d participants; there were %(got)d.",
            value,
        ) % {"value": value, "got": unmet.got or 0}
    if unmet.requirement == Requirement.MIN_MINUTES:
        if unmet.got is None:
            return _("The grant asks for at least %(value)d minutes; the duration is missing.") % {
                "value": value
            }
        return _("The grant asks for at least %(value)d minutes; it lasted %(got)d.") % {
            "value": value,
            "got": unmet.got,
        }
    return {
        Requirement.IN_PERSON: _("The grant counts it only when people met in person."),
        Requirement.IN_NORWAY: _("The grant counts only what takes place in Norway."),
        Requirement.LED_BY_MENTOR: _("No one who led it was an approved peer mentor on that day."),
        NO_RULES: _("There are no counting rules for that day."),
    }.get(unmet.requirement, _("This kind of activity is not part of the grant."))


def mend(verdict: Verdict) -> str:
    """The one thing that would make it count, or "" where nothing or more than one thing is missing.

    Never an invitation to write down what wasn't so: it says what to check, or what to do next time.
    """
    if len(verdict.unmet) != 1:
        return ""
    (missing,) = verdict.unmet
    if missing.requirement == Requirement.MIN_MINUTES and missing.got is None:
        return _("Fill in how long it lasted.")
    if missing.requirement == Requirement.MIN_PARTICIPANTS:
        return _("Check that everyone who took part is on the list.")
    if missing.requirement == Requirement.LED_BY_MENTOR:
        return _("Check who led it: an approved peer mentor must have been among them.")
    if missing.requirement == Requirement.MIN_MINUTES:
        return _("Check that the duration is right; next time, plan for at least %(value)d minutes.") % {
            "value": missing.value or 0
        }
    return ""
