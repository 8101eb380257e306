"""Values that break careless formatting: for every kind of column, what hypothesis can think of."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import RangeField
from django.db import models
from hypothesis import strategies as st

NASTY = [
    "",
    " ",
    "æøåÆØÅ",
    'a"b',
    "a\\b",
    "a'b",
    "100 %s %%",
    "\u2028\u2029",
    "\x01\x1f\x7f",
    "🤝👩‍🦽",
    "{}",
    "null",
    "<b>&",
]
text = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
)
moments = st.one_of(
    st.sampled_from([datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, 23, 59, 59, 999999, UTC)]),
    st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=st.just(UTC)),
    st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
)
json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)


def values_of(field: models.Field) -> st.SearchStrategy | None:
    """What may stand in a column, or None for one that is left alone."""
    if field.primary_key or field.is_relation:
        return None
    strategy = _kind(field)
    if strategy is None:
        return None
    return st.none() | strategy if field.null else strategy


def _kind(field: Any) -> st.SearchStrategy | None:
    if field.choices and not hasattr(field, "base_field"):
        return st.sampled_from([key for key, _label in field.flatchoices])
    if isinstance(field, RangeField):
        return None  # No entity serves one.
    if hasattr(field, "base_field"):
        inner = _kind(field.base_field)
        return None if inner is None else st.lists(inner, max_size=4)
    limit = getattr(field, "max_length", None)
    match field:
        case models.UUIDField():
            return st.uuids()
        case models.CharField() | models.TextField():
            return text.map(lambda value: value[:limit] if limit else value)
        case models.BooleanField():
            return st.booleans()
        case models.DecimalField():
            largest = 10 ** (field.max_digits - field.decimal_places) - 1
            return st.decimals(-largest, largest, places=field.decimal_places)
        case models.SmallIntegerField():
            return (
                st.integers(-(2**15), 2**15 - 1)
                if "Positive" not in type(field).__name__
                else st.integers(0, 2**15 - 1)
            )
        case models.BigIntegerField():
            return st.integers(-(2**63), 2**63 - 1)
        case models.IntegerField():
            return st.integers(-(2**31) if "Positive" not in type(field).__name__ else 0, 2**31 - 1)
        case models.FloatField():
            return st.floats(allow_nan=True, allow_infinity=True)
        case models.DateTimeField():
            return moments
        case models.DateField():
            return st.dates()
        case models.TimeField():
            return st.times() | st.times().map(lambda value: value.replace(microsecond=0))
        case models.DurationField():
            return st.timedeltas(timedelta(days=-100_000), timedelta(days=100_000)) | st.just(timedelta(0))
        case models.JSONField():
            return json_values
    return None
