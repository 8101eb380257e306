"""Fields as clients of the API see them."""

import re
from datetime import UTC

from rest_framework import serializers

from domain.identity.emails import LONGEST, canonical


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
