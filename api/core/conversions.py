"""Single values as SQL: each kind of field writes its column the way DRF does."""

from collections.abc import Callable
from datetime import UTC
from typing import Any

from django.db.models import fields as columns
from django.db.models.fields.json import JSONField as JSONColumn
from rest_framework import DJANGO_DURATION_FORMAT, ISO_8601, serializers
from rest_framework.fields import Field
from rest_framework.settings import api_settings

TEXT = (columns.CharField, columns.TextField)
_WHOLE = (columns.IntegerField, columns.BigIntegerField, columns.SmallIntegerField)
_UTC = "timezone('UTC', {})"


class NotCompilable(Exception):
    """This field has to go through the serializer; says which and why."""

    def __init__(self, name: str, reason: str):
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


def means(inner: Field, base: type, *names: str) -> bool:
    """Whether the field's class leaves these methods as `base` has them."""
    return all(getattr(type(inner), name) is getattr(base, name) for name in names)


def _is_stock(column: Any) -> bool:
    return type(column).__module__.startswith(("django.db.models.", "django.contrib.postgres."))


def convert(inner: Field, column: Any, sql: str, path: str) -> str:
    """The column's value as the field represents it. Raises NotCompilable."""
    for kind, written in _CONVERTERS:
        if isinstance(inner, kind) and means(inner, kind, "to_representation", "get_attribute"):
            if not _is_stock(column):
                raise NotCompilable(path, f"{type(column).__name__} is no column of Django's own")
            converted = written(inner, column, sql)
            if converted is None:
                raise NotCompilable(path, f"{type(inner).__name__} of a {type(column).__name__}")
            return converted
    raise NotCompilable(path, f"{type(inner).__name__} is not known here")


def _boolean(inner: Any, column: Any, sql: str) -> str | None:
    return sql if isinstance(column, columns.BooleanField) else None


def _text(inner: Any, column: Any, sql: str) -> str | None:
    if isinstance(column, columns.GenericIPAddressField):
        return None
    if isinstance(column, TEXT):
        return sql
    return f"{sql}::text" if isinstance(column, (*_WHOLE, columns.UUIDField)) else None


def _choice(inner: Any, column: Any, sql: str) -> str | None:
    return sql if isinstance(column, (*TEXT, *_WHOLE)) else None


def _whole(inner: Any, column: Any, sql: str) -> str | None:
    return sql if isinstance(column, _WHOLE) else None


def _large(inner: Any, column: Any, sql: str) -> str | None:
    if getattr(inner, "coerce_to_string", api_settings.COERCE_BIGINT_TO_STRING):
        return None
    return _whole(inner, column, sql)


def _real(inner: Any, column: Any, sql: str) -> str | None:
    if not isinstance(column, columns.FloatField):
        return None
    # What is no number in JSON is null, as in every other answer of ours.
    return f"CASE WHEN {sql} IN ('NaN', 'Infinity', '-Infinity') THEN NULL ELSE {sql} END"


def _decimal(inner: Any, column: Any, sql: str) -> str | None:
    if not isinstance(column, columns.DecimalField) or inner.decimal_places != column.decimal_places:
        return None
    if inner.localize or inner.normalize_output:
        return None
    coerced = getattr(inner, "coerce_to_string", api_settings.COERCE_DECIMAL_TO_STRING)
    return f"{sql}::text" if coerced else None


def _uuid(inner: Any, column: Any, sql: str) -> str | None:
    return sql if isinstance(column, columns.UUIDField) and inner.uuid_format == "hex_verbose" else None


def _moment(inner: Any, column: Any, sql: str) -> str | None:
    if not isinstance(column, columns.DateTimeField) or getattr(inner, "timezone", None) is not UTC:
        return None
    if getattr(inner, "format", api_settings.DATETIME_FORMAT) != ISO_8601:
        return None
    moment = _UTC.format(sql)
    return f"""replace(to_char({moment}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')"""


def _day(inner: Any, column: Any, sql: str) -> str | None:
    if isinstance(column, columns.DateTimeField) or not isinstance(column, columns.DateField):
        return None
    return sql if getattr(inner, "format", api_settings.DATE_FORMAT) == ISO_8601 else None


def _time_of_day(inner: Any, column: Any, sql: str) -> str | None:
    if not isinstance(column, columns.TimeField):
        return None
    if getattr(inner, "format", api_settings.TIME_FORMAT) != ISO_8601:
        return None
    return f"replace(to_char({sql}, 'HH24:MI:SS.US'), '.000000', '')"


def _duration(inner: Any, column: Any, sql: str) -> str | None:
    """`[-D ]HH:MM:SS[.ffffff]`: days may be negative, the rest never is (django.utils.duration)."""
    form = getattr(inner, "format", api_settings.DURATION_FORMAT)
    if not isinstance(column, columns.DurationField) or form != DJANGO_DURATION_FORMAT:
        return None
    micros = f"(extract(epoch FROM {sql}) * 1000000)::bigint"
    day = "86400000000"
    days = f"floor({micros} / {day}::numeric)"
    rest = f"make_interval(secs => ({micros} - {days} * {day}) / 1000000.0)"
    return (
        f"CASE WHEN {days} = 0 THEN '' ELSE {days}::text || ' ' END || "
        f"replace(to_char({rest}, 'HH24:MI:SS.US'), '.000000', '')"
    )


def _json(inner: Any, column: Any, sql: str) -> str | None:
    plain = isinstance(column, JSONColumn) and column.encoder is None and column.decoder is None
    return sql if plain and not inner.binary else None


def _list(inner: Any, column: Any, sql: str) -> str | None:
    base = getattr(column, "base_field", None)
    if base is None or not hasattr(column, "size") or hasattr(base, "base_field"):
        return None
    for kind, written in _CONVERTERS:
        if isinstance(inner.child, kind) and means(inner.child, kind, "to_representation"):
            item = written(inner.child, base, "item")
            if item is None or item == "item":
                return None if item is None else sql
            items = f"unnest({sql}) WITH ORDINALITY AS items(item, place)"
            listed = f"SELECT {item} FROM {items} ORDER BY place"  # noqa: S608 - our own names
            return f"CASE WHEN {sql} IS NULL THEN NULL ELSE ARRAY({listed}) END"
    return None


# The first kind that a field is an instance of decides.
_CONVERTERS: tuple[tuple[type[Field], Callable[[Any, Any, str], str | None]], ...] = (
    (serializers.BooleanField, _boolean),
    (serializers.UUIDField, _uuid),
    (serializers.ChoiceField, _choice),
    (serializers.CharField, _text),
    (serializers.BigIntegerField, _large),
    (serializers.IntegerField, _whole),
    (serializers.FloatField, _real),
    (serializers.DecimalField, _decimal),
    (serializers.DateTimeField, _moment),
    (serializers.DateField, _day),
    (serializers.TimeField, _time_of_day),
    (serializers.DurationField, _duration),
    (serializers.JSONField, _json),
    (serializers.ListField, _list),
)
