"""An entry of the inbox in words: its members by name, with what was sent beside what is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format, localize
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import relations, serializers
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput

from api.core.entities import entities
from api.sync.applying import bound_to, fields_of
from api.sync.mutations import Mutation
from domain.core.scope import Scope
from domain.sync.choices import Outcome
from domain.sync.models import SyncMutation

# What members are called that are no column.
NAMES = {
    "leader_ids": gettext_lazy("who led it"),
    "contact_ids": gettext_lazy("who took part"),
    "new_follow_ups": gettext_lazy("left to do"),
    "submit": gettext_lazy("submit it at once"),
    "duplicate_checked": gettext_lazy("compared with those there are"),
    "reason": gettext_lazy("reason"),
}
# Longer texts get a box of several lines.
_LONG = 300


@dataclass(frozen=True)
class Line:
    """A member: its name, what was sent, and what is there now."""

    name: str
    label: str
    sent: str
    here: str
    differs: bool
    problem: str = ""


def noun_of(resource: str) -> str:
    """What rows of a resource are called."""
    view = entities.get(resource)
    return capfirst(str(view.model()._meta.verbose_name)) if view is not None else resource


def members_of(entry: SyncMutation, request: Any, scope: Scope) -> Mapping[str, Any]:
    view_class = entities.get(entry.resource)
    if view_class is None:
        return {}
    view = bound_to(view_class, request, scope, entry.action or entry.op)
    return fields_of(view, Mutation(op=entry.op, action=entry.action))


def label_of(name: str, member: Any, model: Any) -> str:
    if name in NAMES:
        return capfirst(str(NAMES[name]))
    for known in (getattr(member, "source", None) or name, name):
        try:
            return capfirst(str(model._meta.get_field(known).verbose_name))
        except (FieldDoesNotExist, AttributeError):
            continue
    return capfirst(name.replace("_", " "))


def help_of(name: str, model: Any) -> str:
    """What its form says of a member."""
    try:
        return str(model._meta.get_field(name).help_text)
    except (FieldDoesNotExist, AttributeError):
        return ""


def lines_of(
    entry: SyncMutation, opened: Any, *, request: Any, scope: Scope, members: Mapping[str, Any]
) -> list[Line]:
    """What was sent, member by member, beside what is there."""
    model = entities[entry.resource].model() if entry.resource in entities else None
    wrong: dict[str, str] = {}
    for error in opened.errors:
        wrong.setdefault(name_in(error.get("pointer", "")), error.get("detail", ""))
    server, data = opened.server or {}, opened.data or {}
    lines = []
    for name in dict.fromkeys([*data, *(each for each in wrong if each in members)]):
        member = members.get(name)
        sent, here = data.get(name), server.get(name)
        lines.append(
            Line(
                name,
                label_of(name, member, model),
                shown(sent, member, scope) if name in data else "–",
                shown(here, member, scope) if name in server else "",
                name in server and name in data and sent != here,
                # Of a conflict both values say it.
                "" if entry.outcome == Outcome.CONFLICT else wrong.get(name, ""),
            )
        )
    return lines


def name_in(pointer: str) -> str:
    """The member of the data that an error points at; "" where it points at none."""
    parts = pointer.split("/")
    return parts[2].replace("~1", "/").replace("~0", "~") if parts[:2] == ["#", "data"] and parts[2:] else ""


def shown(value: Any, member: Any, scope: Scope) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, list):
        inner = getattr(member, "child_relation", getattr(member, "child", None))
        return ", ".join(shown(one, inner, scope) for one in value)
    if isinstance(value, dict):
        return ", ".join(shown(one, None, scope) for one in value.values())
    if isinstance(member, relations.PrimaryKeyRelatedField):
        return _row(value, member)
    if isinstance(member, serializers.ChoiceField):
        return str(dict(member.choices).get(value, value))
    if isinstance(member, serializers.DateTimeField) and isinstance(value, str):
        moment = _parsed(parse_datetime, value)
        return date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment and moment.tzinfo else value
    if isinstance(member, serializers.DateField) and isinstance(value, str):
        day = _parsed(parse_date, value)
        return date_format(day, "SHORT_DATE_FORMAT") if day else value
    return localize(value) if isinstance(value, int | float) else str(value)


def _row(value: Any, member: Any) -> str:
    """What a row is called, if the reader sees it; its id, where it isn't one of ours."""
    try:
        key = UUID(str(value))
    except ValueError:
        return str(value)
    queryset = member.get_queryset()
    row = queryset.filter(pk=key).first() if queryset is not None else None
    return str(row) if row is not None else "–"


def _parsed(parse: Any, value: str) -> Any:
    try:
        return parse(value)
    except ValueError:
        return None


# --- Editing


def form_field(member: Any, label: str) -> forms.Field | None:
    """A field of a form for a member; None for one that can't be typed, and stays as it was sent."""
    required = bool(getattr(member, "required", False)) and not getattr(member, "allow_blank", False)
    given: dict[str, Any] = {"label": label, "required": required}
    if isinstance(member, serializers.BooleanField):
        return forms.BooleanField(label=label, required=False)
    if isinstance(member, serializers.ChoiceField):
        choices = [(key, words) for key, words in member.choices.items() if key != ""]
        return forms.ChoiceField(choices=choices if required else [("", "–"), *choices], **given)
    if isinstance(member, serializers.IntegerField):
        return forms.IntegerField(**given)
    if isinstance(member, serializers.DateTimeField):
        return forms.DateTimeField(widget=AdminDateTimeInput, **given)
    if isinstance(member, serializers.DateField):
        return forms.DateField(widget=AdminDateInput, **given)
    if isinstance(member, serializers.DecimalField | serializers.CharField):
        long = (getattr(member, "max_length", None) or 0) > _LONG
        return forms.CharField(
            widget=forms.Textarea(attrs={"rows": 4}) if long else forms.TextInput, strip=False, **given
        )
    return None


def initial_of(value: Any, member: Any) -> Any:
    if isinstance(member, serializers.DateTimeField) and isinstance(value, str):
        moment = _parsed(parse_datetime, value)
        return localtime(moment) if moment and moment.tzinfo else None
    return value


def typed(value: Any, member: Any) -> Any:
    """What was typed, as JSON says it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if value == "" and not isinstance(member, serializers.CharField | serializers.ChoiceField):
        return None
    return value
