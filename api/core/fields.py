"""Fields as clients of the API see them."""

import re
from datetime import UTC
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from domain.identity.emails import LONGEST, canonical

# Kind of field → the types of JSON (as Python has them) it is read from, and how the refusal says so. The
# first that fits counts.
_TEXT = (str,), _("A text (in quotation marks) is expected here.")
EXPECTED: list[tuple[type[serializers.Field], tuple[tuple[type, ...], object]]] = [
    (serializers.BooleanField, ((bool,), _("true or false is expected here, without quotation marks."))),
    (serializers.IntegerField, ((int,), _("A whole number is expected here, without quotation marks."))),
    (serializers.FloatField, ((int, float), _("A number is expected here, without quotation marks."))),
    # Also amounts: a number would have lost digits before we see it.
    (serializers.DecimalField, _TEXT),
    (serializers.ChoiceField, _TEXT),
    (serializers.CharField, _TEXT),
    (serializers.UUIDField, _TEXT),
    (serializers.DateTimeField, _TEXT),
    (serializers.DateField, _TEXT),
    (serializers.TimeField, _TEXT),
    (serializers.PrimaryKeyRelatedField, _TEXT),
]


def wrong_types(field: serializers.Field, value: object) -> list[ErrorDetail] | dict[str, Any]:
    """What is wrong with the type of a body's member, and of those inside a list; empty where it fits.

    `1` is no text, `"true"` no truth value, `1.0` no whole number: what two readers could take for two
    things is refused.
    """
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        found = ((str(at), wrong_types(field.child, one)) for at, one in enumerate(value))
        return {at: wrong for at, wrong in found if wrong}
    if value is None or isinstance(field, serializers.MultipleChoiceField):
        return []  # Whether null, or which list, is the field's affair.
    for kind, (types, message) in EXPECTED:
        if isinstance(field, kind):
            if type(value) in types or (kind is serializers.ChoiceField and _counts(field)):
                return []
            return [ErrorDetail(str(message), code="wrong-type")]
    return []


def _counts(field: Any) -> bool:
    """Whether its choices aren't texts."""
    return not all(isinstance(choice, str) for choice in field.choices)


class UtcDateTimeField(serializers.DateTimeField):
    """A point in time, out in UTC with `Z`; in, with any offset."""

    def __init__(self, **kwargs):
        super().__init__(default_timezone=UTC, **kwargs)


class LocalTimeField(serializers.TimeField):
    """A time of day where the organisation is: `22:00` or `22:00:00`, without an offset."""

    PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$"

    def to_internal_value(self, value):
        if isinstance(value, str) and not re.fullmatch(self.PATTERN, value):
            self.fail("invalid", format="hh:mm[:ss]")
        return super().to_internal_value(value)


class EmailAddressField(serializers.EmailField):
    """An e-mail address, in its one spelling (`domain.identity.emails`)."""

    def __init__(self, **kwargs):
        super().__init__(**{"max_length": LONGEST, **kwargs})

    def to_internal_value(self, data):
        return canonical(super().to_internal_value(data))


class MarkedNamesField(serializers.ListField):
    """The names whose mark is true, in declared order; the marks are annotations `may_<name>` of the row."""

    child = serializers.CharField()

    def __init__(self, *, names: tuple[str, ...], **kwargs):
        self.names = names
        super().__init__(read_only=True, source="*", **kwargs)

    @staticmethod
    def attribute(name: str) -> str:
        return f"may_{name}"

    def to_representation(self, row):
        return [name for name in self.names if getattr(row, self.attribute(name))]
