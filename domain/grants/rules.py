"""Writing the counting rules: by the platform's staff alone, on the platform's record."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from domain.audit.entities import create_entity, delete_entity, update_entity
from domain.audit.rules import differences, record
from domain.core.errors import InvalidInput, InvalidState, NotAllowed, StaleVersion
from tenants.db import connection

from .choices import RuleSetStatus
from .models import ADD, CHANGE, CountingRule, RuleSet

RULE_FIELDS = ("category", "requirement", "value", "paragraph")


@transaction.atomic
def draft_rules(
    *,
    name: str,
    source: str,
    valid_from: date,
    by: Any,
    asked: Iterable[Mapping[str, Any]] | None = None,
) -> RuleSet:
    """A new draft that asks what is `asked`, else what the set asks that came last.

    Raises NotAllowed, and ValidationError for a name that is taken.
    """
    if asked is None:
        latest = RuleSet.objects.published().order_by("-valid_from").first()
        asked = rules_of(latest) if latest else ()
    draft = create_entity(RuleSet(name=name, source=source, valid_from=valid_from), by=by, permission=ADD)
    for values in asked:
        create_entity(CountingRule(rule_set=draft, **values), by=by, permission=ADD)
    return draft


def rules_of(rule_set: RuleSet) -> list[dict[str, Any]]:
    """What a set asks, as values from which another can be made."""
    return list(rule_set.rules.values(*RULE_FIELDS))


@transaction.atomic
def rewrite_draft(
    rule_set: RuleSet,
    *,
    changes: Mapping[str, Any],
    asked: Iterable[Mapping[str, Any]],
    by: Any,
    version: int | None = None,
) -> RuleSet:
    """Change name, source or first day, and let a draft ask what is `asked` and nothing else.

    Raises InvalidState for a published set, NotAllowed, StaleVersion, and ValidationError.
    """
    stored = _require_draft(rule_set)
    row = update_entity(stored, by=by, values=changes, version=version, permission=CHANGE)
    held = {(rule.category, rule.requirement): rule for rule in stored.rules.all()}
    wanted = {(values["category"], values["requirement"]): values for values in asked}
    said = _said(row)
    for key in held.keys() - wanted.keys():
        delete_entity(held[key], by=by, permission=CHANGE)
    for key, values in wanted.items():
        if key in held:
            update_entity(held[key], by=by, values=values, permission=CHANGE)
        else:
            create_entity(CountingRule(rule_set=row, **values), by=by, permission=CHANGE)
    changed = differences({"rules": said}, {"rules": _said(row)})
    if changed:
        # Whoever has read the set must learn that it asks something else by now.
        row.updated_by = by
        row.save(update_fields=["updated_by"])
        record("rule-set.changed", row, by=by, changes=changed)
    row.refresh_from_db()
    return row


def _said(rule_set: RuleSet) -> list[str]:
    """What a set asks, in words for the record."""
    return [
        f"{rule} {rule.paragraph}".rstrip() for rule in rule_set.rules.order_by("category", "requirement")
    ]


def change_draft(
    rule_set: RuleSet, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> RuleSet:
    """Change name, source or first day. Raises InvalidState for a published set."""
    with transaction.atomic():
        _require_draft(rule_set)
        return update_entity(rule_set, by=by, values=changes, version=version, permission=CHANGE)


def add_rule(rule_set: RuleSet, *, values: Mapping[str, Any], by: Any) -> CountingRule:
    """Ask one more thing of a category. Raises InvalidState for a published set, ValidationError."""
    with transaction.atomic():
        _require_draft(rule_set)
        return create_entity(CountingRule(rule_set=rule_set, **values), by=by, permission=CHANGE)


def change_rule(
    rule: CountingRule, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> CountingRule:
    """Change what a draft asks. Raises as `add_rule`, and StaleVersion."""
    with transaction.atomic():
        _require_draft(rule.rule_set)
        return update_entity(rule, by=by, values=changes, version=version, permission=CHANGE)


def remove_rule(rule: CountingRule, *, by: Any, version: int | None = None) -> None:
    """No longer ask it. Raises as `change_rule`."""
    with transaction.atomic():
        _require_draft(rule.rule_set)
        delete_entity(rule, by=by, version=version, permission=CHANGE)


@transaction.atomic
def publish_rules(rule_set: RuleSet, *, by: Any, version: int | None = None) -> RuleSet:
    """Let a draft hold from its first day on; the set before it ends the day before.

    Raises NotAllowed, StaleVersion, InvalidState where it is published already or asks nothing, and
    InvalidInput where its first day isn't after the first day of the set that came last: days that passed
    under one set stay with it.
    """
    if by is not None and not by.has_perm(CHANGE):
        raise NotAllowed(_("You may not do this."))
    stored = _require_draft(rule_set)
    if version is not None and stored.version != version:
        raise StaleVersion(_("Someone else has changed this meanwhile. Look at it again before you save."))
    if not stored.rules.exists():
        raise InvalidState(_("It has no rules yet: nothing would count."), code="no-rules")
    # One at a time: whoever comes second must see what the first one published.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('grants.publish_rules'))")
    latest = RuleSet.objects.select_for_update().published().order_by("-valid_from").first()
    if latest is not None:
        if stored.valid_from <= latest.valid_from:
            raise InvalidInput(
                _("The rules before these hold from %(day)s: choose a later first day.")
                % {"day": latest.valid_from.isoformat()},
                field="valid_from",
            )
        last_day = stored.valid_from - timedelta(days=1)
        if latest.valid_to is None or latest.valid_to > last_day:
            before, latest.valid_to, latest.updated_by = latest.valid_to, last_day, by
            latest.save()
            record(
                "rule-set.ended",
                latest,
                by=by,
                changes=differences({"valid_to": before}, {"valid_to": last_day}),
            )
    stored.status, stored.updated_by = RuleSetStatus.PUBLISHED, by
    stored.save()
    record("rule-set.published", stored, by=by, changes={"valid_from": (None, stored.valid_from)})
    return stored


def _require_draft(rule_set: RuleSet) -> RuleSet:
    stored = RuleSet.objects.select_for_update().get(pk=rule_set.pk)
    if stored.status != RuleSetStatus.DRAFT:
        raise InvalidState(
            _("Published rules are never changed: make a new draft that holds from a later day."),
            code="published",
        )
    return stored
