"""A compiled read says what the serializer says: for every entity, every shape, whatever is in the rows."""

import json
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import api.urls  # noqa: F401 - declares the entities
from api.core.entities import EntityViewSet, entities
from api.core.projection import NotCompilable
from api.core.reading import reader_for
from api.core.shapes import field_names, known_expansions
from domain.access.queries import scope_for
from domain.core.scope import Scope

from .rows import MAKERS
from .values import values_of

pytestmark = pytest.mark.django_db
# Entities that are read through their serializer, and why.
NOT_COMPILED = {
    "organization": "logo_url begins with the host that was asked",
    "audit-events": "the sentence is put together in the caller's language",
    "support-access-grants": "the status follows the database's clock",
}
COMPILED = sorted(set(entities) - set(NOT_COMPILED))
THOROUGH = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def view_of(path: str, scope: Scope) -> EntityViewSet:
    view = entities[path]()
    view.request = SimpleNamespace(_request=SimpleNamespace(caller_scope=scope))
    return view


def answers(view: EntityViewSet, fields, expand) -> list[list]:
    """What a shape says of all rows: compiled, and through the serializer."""
    queryset = view.annotated(view.queryset.order_by("pk"))
    if "allowed_actions" in expand:
        queryset = view.marked(queryset)
    make, context = view.maker(fields, expand), {"scope": view.scope, "build_url": str}
    found = []
    for compiled in (True, False):
        rows = reader_for(make, queryset, compiled=compiled).read(queryset, ("pk",), context=context)
        found.append([(json.loads(row.json), row.version, list(row.position)) for row in rows])
    return found


def shapes(view: EntityViewSet):
    names, expansions = field_names(view.serializer_class), known_expansions(view)
    fields = st.none() | st.sets(st.sampled_from(names), min_size=1).map(
        lambda chosen: tuple(name for name in names if name in chosen)
    )
    expand = st.sets(st.sampled_from(expansions)) if expansions else st.just(set())
    return st.tuples(fields, expand.map(lambda chosen: tuple(n for n in expansions if n in chosen)))


def scramble(row, data) -> int:
    """Put hard values into every column that the database lets us; how many took one."""
    changed = 0
    for field in type(row)._meta.local_concrete_fields:
        strategy = values_of(field)
        if strategy is None:
            continue
        value = data.draw(strategy, label=field.name)
        try:
            with transaction.atomic():
                type(row)._base_manager.filter(pk=row.pk).update(**{field.attname: value})
            changed += 1
        except DatabaseError:  # A constraint: the column never holds such a value.
            continue
    return changed


@pytest.mark.parametrize("path", COMPILED)
def test_every_entity_is_read_alike(nhf, person, path):
    assert path in MAKERS, f"{path} has no rows in tests/api/core/rows.py"
    view = view_of(path, scope_for(person("admin@nhf.example")))
    rows = MAKERS[path]()
    assert rows
    compiled, represented = answers(view, None, ())
    assert compiled == represented

    @THOROUGH
    @given(data=st.data())
    def alike(data):
        with transaction.atomic():
            assert sum(scramble(row, data) for row in rows)
            fields, expand = data.draw(shapes(view))
            compiled, represented = answers(view, fields, expand)
            assert compiled == represented
            transaction.set_rollback(True)

    alike()


@pytest.mark.parametrize("path", COMPILED)
def test_every_expansion_is_read_alike(nhf, person, path):
    view = view_of(path, scope_for(person("admin@nhf.example")))
    MAKERS[path]()
    for expand in [(name,) for name in known_expansions(view)] + [known_expansions(view)]:
        compiled, represented = answers(view, None, expand)
        assert compiled == represented
        assert all(set(row["expanded"]) == set(expand) for row, _version, _position in compiled)


def test_what_is_not_compiled_is_listed_and_could_not_be():
    assert {path for path, view in entities.items() if not view.compiled} == set(NOT_COMPILED)
    for path in NOT_COMPILED:
        view = entities[path]
        with pytest.raises(NotCompilable):
            reader_for(view.maker(), view.queryset.all(), compiled=True)
