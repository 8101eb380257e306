"""The base of every entity's serializer: formats, scoped references, sparse fields and expansions."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty
from rest_framework.relations import MANY_RELATION_KWARGS

from domain.identity.models import Membership, User

from .fields import (
    EmailAddressField,
    LocalTimeField,
    MarkedNamesField,
    UtcDateTimeField,
    wrong_types,
)

# Of every entity: who reads it needs to know them, nobody sets them.
BASE_FIELDS = ("id", "created_at", "updated_at", "version")


class LimitedReferences(serializers.ManyRelatedField):
    """References to entities, at most `max_length` of them; the document says how many."""

    def __init__(self, *, max_length: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.max_length = max_length
        if max_length is not None:
            self.validators = [*self.validators, MaxLengthValidator(max_length)]

    def to_internal_value(self, data):
        # Before any of them is looked up.
        if self.max_length is not None and isinstance(data, list) and len(data) > self.max_length:
            words = _("At most %(most)d at once.") % {"most": self.max_length}
            raise serializers.ValidationError(words, code="max_length")
        return super().to_internal_value(data)


class LimitedList(serializers.ListSerializer):
    """Several of a serializer, at most `max_length` of them; the document says how many."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        max_length = kwargs.get("max_length")
        if max_length is not None:
            self.validators = [*self.validators, MaxLengthValidator(max_length)]


class ScopedRelatedField(serializers.PrimaryKeyRelatedField):
    """A reference to another entity. What the caller may not see doesn't exist, in a body as anywhere."""

    @classmethod
    def many_init(cls, *args, max_length: int | None = None, **kwargs):
        outer = {name: kwargs[name] for name in MANY_RELATION_KWARGS if name in kwargs}
        return LimitedReferences(child_relation=cls(*args, **kwargs), max_length=max_length, **outer)

    def run_validation(self, data=empty):
        if data == "":  # The base would take it for null.
            self.fail("does_not_exist", pk_value=data)
        return super().run_validation(data)

    def get_queryset(self):
        queryset: Any = super().get_queryset()
        scope = self.context.get("scope")
        if queryset is None or scope is None:
            return queryset
        return queryset.visible_to(scope)


class MemberField(ScopedRelatedField):
    """A member whom the caller may see as one: anybody else doesn't exist here.

    Naming somebody is no way to get to know them: whoever lets a person join a local association sees their
    membership from then on.
    """

    def get_queryset(self):
        if self.read_only:
            return None
        here, scope = Membership.objects.here(), self.context.get("scope")
        if scope is not None:
            here = here.visible_to(scope)
        return User.objects.filter(pk__in=here.order_by().values("user"))


class _Expanded(serializers.Serializer):
    """What `?expand=` asked for."""

    def __init__(self, *, members: Mapping[str, serializers.Field], **kwargs):
        super().__init__(read_only=True, source="*", **kwargs)
        self.members = members

    def get_fields(self):
        return dict(self.members)


class StrictTypes:
    """For serializers of bodies: a member of another type of JSON than its field's is refused, not read as
    one (`api.core.fields.EXPECTED`)."""

    def to_internal_value(self: Any, data):
        parent: Any = super()
        if not isinstance(data, Mapping):
            return parent.to_internal_value(data)
        wrong = {
            name: found
            for name, field in self.fields.items()
            if not field.read_only and name in data and (found := wrong_types(field, data[name]))
        }
        # What is wrong with the other members is said in the same answer.
        errors: dict[str, Any] = {}
        try:
            value = parent.to_internal_value({k: v for k, v in data.items() if k not in wrong})
        except serializers.ValidationError as error:
            errors = {k: v for k, v in error.detail.items() if k not in wrong}  # type: ignore[union-attr]
        if errors or wrong:
            raise serializers.ValidationError({**errors, **wrong})
        return value


class BodySerializer(StrictTypes, serializers.Serializer):
    """The members of a body that is no entity's."""


class EntitySerializer(StrictTypes, serializers.ModelSerializer):
    """A serializer whose declared fields are also compiled to SQL (`api.core.projection`).

    `Meta.expansions` declares what `?expand=` may add: a name and the serializer of the relation of that name
    (or a field). It comes as a member of `expanded`, so that the other members never change their type.
    """

    serializer_related_field = ScopedRelatedField
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: UtcDateTimeField,
        models.TimeField: LocalTimeField,
        models.EmailField: EmailAddressField,
    }

    def __init__(
        self,
        *args,
        only: Iterable[str] | None = None,
        expand: Iterable[str] = (),
        actions: tuple[str, ...] = (),
        **kwargs,
    ):
        """`only` names the fields asked for; `actions` are the names that `allowed_actions` may hold."""
        super().__init__(*args, **kwargs)
        self.only = None if only is None else frozenset(only)
        self.expand, self.actions = tuple(expand), actions

    @classmethod
    def expansions(cls) -> dict[str, Any]:
        return getattr(cls.Meta, "expansions", {})

    def get_fields(self):
        fields = super().get_fields()
        for name, field in fields.items():
            # REST framework says of choices that are written alone that they may be empty.
            if isinstance(field, serializers.ChoiceField) and field.read_only:
                field.allow_blank = field.allow_blank or self._may_be_empty(field.source or name)
        if self.only is not None:
            fields = {name: field for name, field in fields.items() if name in self.only}
        if self.expand:
            fields["expanded"] = _Expanded(members={name: self._expansion(name) for name in self.expand})
        return fields

    def _may_be_empty(self, column: str) -> bool:
        model: Any = self.Meta.model
        known = {field.name: field for field in model._meta.concrete_fields}
        return column in known and known[column].blank

    @classmethod
    def expanded_fields(cls) -> dict[str, serializers.Field]:
        """Every declared expansion's field, bound to its name (for the OpenAPI document)."""
        if not cls.expansions():
            return {}
        expanded: Any = cls(expand=cls.expansions()).fields["expanded"]
        return dict(expanded.fields)

    def _expansion(self, name: str) -> serializers.Field:
        if name == "allowed_actions":
            return MarkedNamesField(names=self.actions)
        declared = self.expansions()[name]
        return declared(read_only=True, allow_null=True) if isinstance(declared, type) else declared()

    def to_internal_value(self, data):
        """Refuses what nobody can set: it would otherwise be dropped without a word."""
        if isinstance(data, Mapping):
            refuse_members(self, data)
        return super().to_internal_value(data)


def refuse_members(serializer: serializers.BaseSerializer, data: Mapping[str, Any]) -> None:
    """Raises ValidationError that names the members of a body that don't exist, or that callers don't set.

    `Meta.create_only_fields` of an entity's serializer are set when it is made, and not changed by PATCH.
    """
    fields = getattr(serializer, "fields", {})
    fixed: Iterable[str] = ()
    if serializer.instance is not None:
        fixed = getattr(getattr(serializer, "Meta", None), "create_only_fields", ())
    errors = {}
    for name in sorted(data, key=str):
        if name not in fields:
            errors[str(name)] = [ErrorDetail(_("There is no such member."), code="unknown-field")]
        elif fields[name].read_only or name in fixed:
            errors[str(name)] = [ErrorDetail(_("This member can't be set here."), code="read-only")]
    if errors:
        raise serializers.ValidationError(errors)
