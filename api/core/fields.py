"""Fields as clients of the API see them."""

from datetime import UTC

from rest_framework import serializers

from domain.identity.emails import LONGEST, canonical


class UtcDateTimeField(serializers.DateTimeField):
    """A point in time, out in UTC with `Z`; in, with any offset."""

    def __init__(self, **kwargs):
        super().__init__(default_timezone=UTC, **kwargs)


class EmailAddressField(serializers.EmailField):
    """An e-mail address, in its one spelling (`domain.identity.emails`)."""

    def __init__(self, **kwargs):
        super().__init__(max_length=LONGEST, **kwargs)

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
