"""Fields as clients of the API see them."""

from datetime import UTC

from rest_framework import serializers


class UtcDateTimeField(serializers.DateTimeField):
    """A point in time, out in UTC with `Z`; in, with any offset."""

    def __init__(self, **kwargs):
        super().__init__(default_timezone=UTC, **kwargs)
