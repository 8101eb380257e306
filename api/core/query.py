"""Query parameters, declared as serializers: the document knows them, and an unknown one is refused."""

from collections.abc import Collection, Set
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rest_framework import serializers

from .errors import Problem, query_errors
from .fields import UtcDateTimeField
from .locale import LOCALES, supported


class LocaleField(serializers.ChoiceField):
    """nb, nn or en; a fuller tag (`nb-NO`, `no`) is understood as its language."""

    def __init__(self, **kwargs):
        super().__init__(choices=LOCALES, **kwargs)

    def to_internal_value(self, data):
        return super().to_internal_value(supported(str(data)) or data)


class Query(serializers.Serializer):
    """No parameters but the language, which every endpoint takes."""

    locale = LocaleField(
        required=False,
        help_text="Language of the answer. Without it: Accept-Language, then the user's, then the "
        "organisation's. What is missing in it comes in the next: nn → nb → en.",
    )


class SparseQuery(Query):
    fields_ = serializers.CharField(
        required=False, help_text="Comma-separated names: only these fields of each item."
    )

    def get_fields(self):
        fields = super().get_fields()
        # `fields` is taken by the class itself.
        return {name.rstrip("_"): field for name, field in fields.items()}


class ListQuery(SparseQuery):
    """What every list takes."""

    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=200, default=25, help_text="Items per page."
    )
    cursor = serializers.CharField(
        required=False, max_length=2000, help_text="Where a page begins: taken from `next` or `previous`."
    )
    count = serializers.ChoiceField(
        required=False, choices=["exact"], help_text="`exact` adds `count`, the number of all items."
    )


class SearchableListQuery(ListQuery):
    search = serializers.CharField(required=False, max_length=200, help_text="Words to look for.")
    updated_since = UtcDateTimeField(
        required=False, help_text="Only what changed at or after this time (RFC 3339)."
    )


@cache
def _without_parameters(query_class: type[Query]) -> dict[str, Any]:
    query = query_class(data={})
    query.is_valid(raise_exception=True)
    return query.validated_data


def parse(query_class: type[Query], request, also: Set[str] = frozenset()) -> dict[str, Any]:
    """The validated parameters of a request; those in `also` are somebody else's to judge.

    Raises Problem (400): `unknown-parameter` naming the unknown ones, or `invalid-input`, also for one that
    is there twice: which of the two is meant would be a guess.
    """
    if not request.query_params:
        return dict(_without_parameters(query_class))
    query = query_class(data=request.query_params.dict())
    unknown = sorted(set(request.query_params) - set(query.fields) - also)
    if unknown:
        names = ", ".join(unknown)
        errors = [{"pointer": f"?{name}", "code": "unknown", "detail": str(_UNKNOWN)} for name in unknown]
        raise Problem(
            "unknown-parameter",
            ngettext(
                "This address doesn't know the parameter %(names)s.",
                "This address doesn't know the parameters %(names)s.",
                len(unknown),
            )
            % {"names": names},
            errors=errors,
        )
    repeated = sorted(name for name, values in request.query_params.lists() if len(values) > 1)
    if repeated:
        raise _not_valid(
            [{"pointer": f"?{name}", "code": "repeated", "detail": str(_REPEATED)} for name in repeated]
        )
    if not query.is_valid():
        raise _not_valid(query_errors(query.errors))
    return query.validated_data


_UNKNOWN = gettext_lazy("Unknown parameter.")
_REPEATED = gettext_lazy("This parameter is there more than once.")


def _not_valid(errors: list[dict[str, str]]) -> Problem:
    return Problem("invalid-input", _("Some of the parameters are not valid."), errors=errors)


def chosen(parameter: str, names: str, known: Collection[str]) -> list[str]:
    """The names in a comma-separated parameter. Raises Problem (400) for one that doesn't exist, or none."""
    wanted = list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise _not_valid(
            [
                {
                    "pointer": f"?{parameter}",
                    "code": "unknown-field",
                    "detail": _("There is no field “%s”.") % name,
                }
                for name in unknown
            ]
        )
    if not wanted:
        raise _not_valid([{"pointer": f"?{parameter}", "code": "required", "detail": _("No name is given.")}])
    return wanted


def sparse(data: dict[str, Any], names: str | None, known: set[str]) -> dict[str, Any]:
    """Only the fields that `?fields=` names. Raises Problem (400) for a name that doesn't exist."""
    if not names:
        return data
    wanted = chosen("fields", names, known)
    return {name: data[name] for name in data if name in wanted}
