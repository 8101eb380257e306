"""Compiled reads: a serializer's declared fields as SQL, so that PostgreSQL builds the JSON of a row.

What comes out equals, parsed, what the serializer would say (tests/api/core/test_compiled.py proves it for
every entity). Only fields whose meaning is known here are compiled: a class that overrides how it represents
a value, a method field, an encrypted or otherwise unusual column raises `NotCompilable`, and the entity is
read through its serializer instead (`EntityViewSet.compiled` says which).

In the SQL `page` is the relation with the rows asked for (`api.core.reading`): its column `k` is the primary
key; `a_<name>` are annotations of the queryset.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.db.models import fields as columns
from django.db.models.fields.related import ForeignObjectRel, RelatedField
from django.db.models.manager import BaseManager
from rest_framework import relations, serializers
from rest_framework.fields import Field, empty

from tenants.db import connection

from .conversions import TEXT, NotCompilable, convert, means
from .fields import MarkedNamesField

# PostgreSQL cuts longer names of columns, which name the members.
LONGEST_NAME = 63


@dataclass(frozen=True)
class Projection:
    """`row` is an expression of type json, over `joins`; `annotations` are the page's columns it reads."""

    row: str
    joins: str
    annotations: tuple[str, ...]


def project(
    serializer: serializers.Serializer, model: type[Model], annotations: dict[str, Any]
) -> Projection:
    """The projection of a serializer's fields over a model.

    `annotations` maps the names that the queryset adds to their output fields. Raises NotCompilable.
    """
    compiler = _Compiler(annotations)
    table = _Table("t", model)
    row = compiler.object_of(serializer, table, "")
    joins = f"JOIN {_quoted(model._meta.db_table)} t ON t.{_quoted(_key(model).column)} = page.k"
    return Projection(row, " ".join([joins, *table.joins]), tuple(sorted(compiler.used)))


def related_order(model: type[Model]) -> list[str]:
    """In which order rows of a to-many relation are listed: the model's own, made total by its key.

    Raises NotCompilable for an ordering that isn't made of plain columns.
    """
    order = []
    for name in model._meta.ordering or ():
        if not isinstance(name, str) or "__" in name or name == "?":
            raise NotCompilable(model._meta.label, "its ordering is not made of its own columns")
        order.append(name)
    return order if {"pk", _key(model).name} & {name.lstrip("-") for name in order} else [*order, "pk"]


@dataclass
class _Table:
    """A table in the FROM clause, with what has been joined to it."""

    alias: str
    model: type[Model]
    joins: list[str] = field(default_factory=list)
    joined: dict[str, "_Table"] = field(default_factory=dict)
    # From which table it was reached, and whether there may be no row at this end.
    origin: "_Table | None" = None
    optional: bool = False

    def column(self, model_field: Any) -> str:
        return f"{self.alias}.{_quoted(model_field.column)}"

    def may_miss(self, start: "_Table") -> bool:
        """Whether a row of `start` may have none here."""
        if self is start or self.origin is None:
            return False
        return self.optional or self.origin.may_miss(start)


@dataclass(frozen=True)
class _Value:
    """Where a value comes from: an SQL expression, and the column whose type it has."""

    sql: str
    column: Any


class _Compiler:
    def __init__(self, annotations: dict[str, Any]):
        self.annotations, self.used = annotations, set[str]()
        self.names = (f"j{number}" for number in range(1, 10_000))

    # --- Objects ----------------------------------------------------------------------------------------

    def object_of(self, serializer: serializers.BaseSerializer, table: _Table, path: str) -> str:
        if not isinstance(serializer, serializers.Serializer) or not means(
            serializer, serializers.Serializer, "to_representation", "get_attribute"
        ):
            raise NotCompilable(path or "(all)", "the serializer represents its rows in its own way")
        members = []
        for name, inner in serializer.fields.items():
            if inner.write_only:
                continue
            if len(name.encode()) > LONGEST_NAME:
                raise NotCompilable(path + name, "the name is too long for a column")
            members.append(f"{self.member(inner, table, path + name)} AS {_quoted(name)}")
        # row_to_json knows the members' types from the subquery; json_build_object asks for each value anew.
        if not members:
            return "'{}'::json"
        return f"(SELECT row_to_json(r) FROM (SELECT {', '.join(members)}) r)"  # noqa: S608 - our own names

    def member(self, inner: Field, table: _Table, path: str) -> str:
        if isinstance(inner, MarkedNamesField):
            return self.marked(inner, path)
        if isinstance(inner, serializers.ListSerializer):
            return self.many(inner, table, path)
        if isinstance(inner, serializers.BaseSerializer):
            return self.nested(inner, table, path)
        if isinstance(inner, relations.ManyRelatedField):
            return self.many_keys(inner, table, path)
        if isinstance(inner, relations.RelatedField):
            return self.related(inner, table, path)
        value = self.source(inner, table, path)
        return convert(inner, value.column, value.sql, path)

    def marked(self, inner: MarkedNamesField, path: str) -> str:
        if not means(inner, MarkedNamesField, "to_representation", "get_attribute"):
            raise NotCompilable(path, "the field represents its values in its own way")
        cases = []
        for name in inner.names:
            self.used.add(inner.attribute(name))
            cases.append(f"CASE WHEN page.{_quoted('a_' + inner.attribute(name))} THEN {_literal(name)} END")
        return f"array_remove(ARRAY[{', '.join(cases)}]::text[], NULL)"

    def nested(self, inner: serializers.BaseSerializer, table: _Table, path: str) -> str:
        if inner.source == "*":
            return self.object_of(inner, table, f"{path}.")
        target = table
        for attribute in inner.source_attrs:
            target = self.joined(target, attribute, path)
        row = self.object_of(inner, target, f"{path}.")
        if not target.may_miss(table):
            return row
        _refuse_silence(inner, path, len(inner.source_attrs) > 1 or _is_reverse(table, inner.source_attrs[0]))
        return (
            f"CASE WHEN {target.alias}.{_quoted(_key(target.model).column)} IS NULL THEN NULL ELSE {row} END"
        )

    # --- To-many relations ------------------------------------------------------------------------------

    def many(self, inner: serializers.ListSerializer, table: _Table, path: str) -> str:
        if not means(inner, serializers.ListSerializer, "to_representation", "get_attribute"):
            raise NotCompilable(path, "the list represents its rows in its own way")
        child: Any = inner.child
        return self.rows(inner, table, path, lambda target: self.object_of(child, target, f"{path}."))

    def many_keys(self, inner: relations.ManyRelatedField, table: _Table, path: str) -> str:
        child = inner.child_relation
        if (
            not means(inner, relations.ManyRelatedField, "to_representation", "get_attribute")
            or not isinstance(child, relations.PrimaryKeyRelatedField)
            or not means(child, relations.PrimaryKeyRelatedField, "to_representation")
            or child.pk_field
        ):
            raise NotCompilable(path, "not a list of plain keys")
        return self.rows(inner, table, path, lambda target: target.column(_key(target.model)))

    def rows(self, inner: Field, table: _Table, path: str, item: Callable[[_Table], str]) -> str:
        if len(inner.source_attrs) != 1:
            raise NotCompilable(path, "a list from further away than the row itself")
        relation = self.relation(table, inner.source_attrs[0], path)
        if not (relation.one_to_many or relation.many_to_many):
            raise NotCompilable(path, "not a to-many relation")
        model = relation.related_model
        if type(model._default_manager).get_queryset is not BaseManager.get_queryset:
            raise NotCompilable(path, f"{model._meta.label} has a manager that chooses rows")
        target = _Table(next(self.names), model)
        value = item(target)
        own = f"{table.alias}.{_quoted(_key(table.model).column)}"
        start = f"{_quoted(model._meta.db_table)} {target.alias}"
        if relation.one_to_many:
            condition = f"{target.column(relation.field)} = {own}"
        else:
            through, here, there = _through(relation)
            link = next(self.names)
            start += (
                f" JOIN {_quoted(through)} {link} ON {link}.{_quoted(there)} = {target.column(_key(model))}"
            )
            condition = f"{link}.{_quoted(here)} = {own}"
        order = ", ".join(_order(target, name) for name in related_order(model))
        return (
            f"(SELECT coalesce(json_agg({value} ORDER BY {order}), '[]'::json) "  # noqa: S608
            f"FROM {' '.join([start, *target.joins])} WHERE {condition})"
        )

    # --- Single values ----------------------------------------------------------------------------------

    def related(self, inner: relations.RelatedField, table: _Table, path: str) -> str:
        if isinstance(inner, relations.PrimaryKeyRelatedField):
            if inner.pk_field or not means(inner, relations.PrimaryKeyRelatedField, "to_representation"):
                raise NotCompilable(path, "the key is represented in its own way")
            value = self.source(inner, table, path)
            key = value.column.target_field if isinstance(value.column, RelatedField) else value.column
            if not isinstance(key, columns.UUIDField | columns.IntegerField):
                raise NotCompilable(path, "a key that is neither uuid nor number")
            return value.sql
        if isinstance(inner, relations.SlugRelatedField):
            if not means(inner, relations.SlugRelatedField, "to_representation") or "__" in inner.slug_field:
                raise NotCompilable(path, "the slug is represented in its own way")
            target = table
            for attribute in inner.source_attrs:
                target = self.joined(target, attribute, path)
            if target.may_miss(table):
                _refuse_silence(inner, path, len(inner.source_attrs) > 1)
            slug = target.model._meta.get_field(inner.slug_field)
            if type(slug).__module__ != columns.__name__ or not isinstance(slug, TEXT):
                raise NotCompilable(path, "a slug that is no text")
            return target.column(slug)
        raise NotCompilable(path, f"{type(inner).__name__} is not known here")

    def source(self, inner: Field, table: _Table, path: str) -> _Value:
        """Where the field's value is: an annotation of the page, or a column at the end of its source."""
        *way, last = inner.source_attrs or ("",)
        if not way and table.alias == "t" and last in self.annotations:
            self.used.add(last)
            return _Value(f"page.{_quoted('a_' + last)}", self.annotations[last])
        target = table
        for attribute in way:
            target = self.joined(target, attribute, path)
        model_field = self.relation(target, last, path)
        if isinstance(model_field, ForeignObjectRel) or model_field.many_to_many:
            if not model_field.one_to_one:
                raise NotCompilable(path, "a to-many relation where one value is expected")
            target = self.joined(target, last, path)
            model_field = _key(target.model)
            _refuse_silence(inner, path, True)
        elif target.may_miss(table):
            _refuse_silence(inner, path, True)
        return _Value(target.column(model_field), model_field)

    def relation(self, table: _Table, name: str, path: str) -> Any:
        meta = table.model._meta
        try:
            found: Any = _key(table.model) if name == "pk" else meta.get_field(name)
        except FieldDoesNotExist:
            by_column = {f.attname: f for f in meta.concrete_fields}
            by_accessor = {r.get_accessor_name(): r for r in meta.related_objects}
            found = by_column.get(name) or by_accessor.get(name)
        if found is None:
            raise NotCompilable(path, f"{table.model._meta.label} has no column {name!r}")
        own = found in meta.local_fields or found in meta.local_many_to_many
        if not own and not isinstance(found, ForeignObjectRel):
            raise NotCompilable(path, "a column of a parent model's table")
        return found

    def joined(self, table: _Table, name: str, path: str) -> _Table:
        """The table at the other end of a to-one relation, joined once."""
        if name in table.joined:
            return table.joined[name]
        relation = self.relation(table, name, path)
        if not relation.is_relation or not (relation.many_to_one or relation.one_to_one):
            raise NotCompilable(path, f"{name} is no to-one relation")
        model, reverse = relation.related_model, isinstance(relation, ForeignObjectRel)
        target = _Table(next(self.names), model, joins=table.joins)
        target.origin, target.optional = table, reverse or relation.null
        if reverse:
            on = f"{target.column(relation.field)} = {table.alias}.{_quoted(_key(table.model).column)}"
        else:
            on = f"{target.column(relation.target_field)} = {table.column(relation)}"
        # Also where the column is not null: no constraint reaches the public schema.
        table.joins.append(f"LEFT JOIN {_quoted(model._meta.db_table)} {target.alias} ON {on}")
        table.joined[name] = target
        return target


# --- Small things --------------------------------------------------------------------------------------


def _refuse_silence(inner: Field, path: str, further: bool) -> None:
    """A source that ends early makes DRF leave the member out; with `allow_null` it is null, as in SQL."""
    if further and (inner.default is not empty or not inner.allow_null):
        raise NotCompilable(path, "its source may end early, and it has no allow_null")


def _is_reverse(table: _Table, name: str) -> bool:
    return any(r.get_accessor_name() == name for r in table.model._meta.related_objects)


def _through(relation: Any) -> tuple[str, str, str]:
    """Table of a many-to-many relation, its column for this side and for the other."""
    many: Any = relation if isinstance(relation, RelatedField) else relation.field
    here, there = many.m2m_column_name(), many.m2m_reverse_name()
    if not isinstance(relation, RelatedField):
        here, there = there, here
    return many.m2m_db_table(), here, there


def _order(table: _Table, name: str) -> str:
    plain = name.lstrip("-")
    column = _key(table.model) if plain == "pk" else table.model._meta.get_field(plain)
    return f"{table.column(column)} {'DESC' if name.startswith('-') else 'ASC'}"


def _key(model: type[Model]) -> Any:
    assert model._meta.pk is not None
    return model._meta.pk


def _quoted(name: str) -> str:
    # Percent signs would be taken for placeholders when the statement runs.
    return connection.ops.quote_name(name).replace("%", "%%")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def related_paths(serializer: serializers.Serializer) -> Iterator[tuple[str, bool]]:
    """Relations that the serializer follows, as paths for the ORM, and whether each leads to many rows."""
    for inner in serializer.fields.values():
        if inner.write_only:
            continue
        many = isinstance(inner, serializers.ListSerializer | relations.ManyRelatedField)
        child: Any = inner.child if isinstance(inner, serializers.ListSerializer) else inner
        nested = isinstance(child, serializers.Serializer)
        if nested and inner.source == "*":
            yield from related_paths(child)
            continue
        slug = isinstance(inner, relations.SlugRelatedField)
        attributes = list(inner.source_attrs or ())
        path = "__".join(attributes if nested or many or slug else attributes[:-1])
        if path:
            yield path, many
        if nested and path:
            for further, further_many in related_paths(child):
                yield f"{path}__{further}", further_many
