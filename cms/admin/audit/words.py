"""Events as people read them."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.audit.models import AuditEvent
from domain.audit.queries import READING_VERBS

ICONS = {
    "created": "plus",
    "added": "plus",
    "uploaded": "upload",
    "imported": "upload",
    "deleted": "bin",
    "removed": "bin",
    "dropped": "bin",
    "erased": "bin",
    "published": "check",
    "approved": "check",
    "locked": "lock",
    "unlocked": "lock-open",
    "opened": "user",
    "ended": "logout",
    "exported": "download",
    "suspended": "warning",
    "used": "key",
}


# Of what is recorded beside the fields of a model.
FIGURES = {
    "rows": gettext_lazy("Rows"),
    "records": gettext_lazy("Events"),
    "events": gettext_lazy("Events"),
    "filters": gettext_lazy("Filters"),
    "method": gettext_lazy("Way of signing in"),
    "request": gettext_lazy("Request"),
}


@dataclass(frozen=True)
class Change:
    """One changed field; `erased` when its values were taken out later."""

    label: str
    old: str
    new: str
    erased: bool = False


def icon(event: AuditEvent) -> str:
    verb = event.action.partition(".")[2]
    return ICONS.get(verb, "view" if verb in READING_VERBS else "edit")


def changes_of(event: AuditEvent, erased: dict[str, str] | None = None) -> list[Change]:
    """The changed fields in words, those that were erased last."""
    rows = [
        Change(
            _label(event.object_type, name),
            _value(event.object_type, name, old),
            _value(event.object_type, name, new),
        )
        for name, (old, new) in event.changes.items()
    ]
    prefix = "changes."
    for part in sorted(erased or {}):
        if part.startswith(prefix):
            rows.append(Change(_label(event.object_type, part.removeprefix(prefix)), "", "", erased=True))
    return rows


def object_url(event: AuditEvent) -> str:
    """The timeline of the event's object."""
    if not event.object_id:
        return ""
    try:
        return reverse("audit:object", args=[event.object_type, event.object_id])
    except NoReverseMatch:
        return ""


def _field(object_type: str, name: str) -> Any:
    try:
        return apps.get_model(object_type)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return None


def _label(object_type: str, name: str) -> str:
    field = _field(object_type, name)
    words = getattr(field, "verbose_name", None) or FIGURES.get(name) or name.replace("_", " ")
    return capfirst(str(words))


def _value(object_type: str, name: str, value: Any) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_value(object_type, name, item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_value(object_type, name, item)}" for key, item in value.items())
    choices = dict(getattr(_field(object_type, name), "flatchoices", None) or [])
    if value in choices:
        return str(choices[value])
    if (
        isinstance(value, str)
        and len(value) >= 19
        and value[4:5] == "-"
        and (moment := parse_datetime(value))
    ):
        return date_format(localtime(moment) if moment.tzinfo else moment, "SHORT_DATETIME_FORMAT")
    return str(value)
