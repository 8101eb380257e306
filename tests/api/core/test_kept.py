"""Reads whose SQL is kept say what they would say if it were written for each of them."""

from types import SimpleNamespace

import pytest

import api.urls  # noqa: F401 - declares the entities
from api.core.entities import EntityViewSet, entities
from api.core.errors import NotFound
from domain.access.queries import scope_for
from domain.core.scope import Scope

from .rows import MAKERS

pytestmark = pytest.mark.django_db
COMPILED = sorted(path for path, view in entities.items() if view.compiled)
READERS = ("admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example")


def view_of(path: str, scope: Scope, **given) -> EntityViewSet:
    """A view that was asked for a row, or for a list in its usual order."""
    view = entities[path]()
    view.request = SimpleNamespace(
        _request=SimpleNamespace(caller_scope=scope), query_params={}, build_absolute_uri=str
    )
    view.kwargs, view.action, view.format_kwarg = given, "retrieve" if given else "list", None
    view.query = {"page_size": 25}
    return view


def read(view: EntityViewSet) -> list:
    if view.kwargs:
        try:
            return [view.asked_row(())]
        except NotFound:
            return []
    ordering = view.ordered(view.ordering_fields[0])
    return view.first_rows(ordering, tuple(name.lstrip("-") for name in ordering))


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    for view in entities.values():
        monkeypatch.setattr(view, "kept", {})
        monkeypatch.setattr(view, "asked_more", set())


@pytest.mark.parametrize("path", COMPILED)
def test_kept_sql_reads_what_sql_written_anew_does(nhf, person, path, monkeypatch):
    rows = MAKERS[path]()
    asked = [{}] if not entities[path].single else []
    asked += [{"id": row.pk} for row in rows[:2]]
    scopes = [scope_for(person(email)) for email in READERS]

    def answers() -> list:
        return [read(view_of(path, scope, **given)) for scope in scopes for given in asked]

    kept = [answers() for _time in range(3)]  # Written, kept, and planned once.
    assert any(statement is not None for statement in entities[path].kept.values()), "nothing is kept"
    monkeypatch.setattr(entities[path], "keeps_reads", False)
    written = answers()
    assert any(written), "nobody sees anything"
    assert kept == [written] * 3


def test_callers_of_one_standing_share_what_is_kept_and_see_their_own(nhf, person):
    """Both are mentors of nothing: the same statement, each with the rows of another."""
    path = "local-association-memberships"
    MAKERS[path]()
    view = entities[path]
    first, second = (
        Scope(schema_name="nhf", user_id=person(email).pk, is_member=True)
        for email in ("mentor@nhf.example", "coordinator@nhf.example")
    )
    for scope in (first, second, first):
        shown = read(view_of(path, scope))
        expected = view.queryset.visible_to(scope).count()
        assert len(shown) == expected
    assert len(view.kept) == 1


def test_a_queryset_that_asks_the_clock_or_the_database_is_not_kept(nhf, person, monkeypatch):
    from django.utils import timezone

    from domain.associations.models import LocalAssociationMembership as Member

    path, scope = "local-association-memberships", scope_for(person("admin@nhf.example"))
    MAKERS[path]()
    restrictions = [
        lambda queryset: queryset.filter(created_at__lte=timezone.now()),
        lambda queryset: queryset.filter(pk__in=list(Member.objects.values_list("pk", flat=True))),
    ]
    for restrict in restrictions:
        monkeypatch.setattr(entities[path], "annotated", lambda _view, queryset, do=restrict: do(queryset))
        for _time in range(3):
            assert read(view_of(path, scope))
        assert not any(entities[path].kept.values())
        entities[path].kept.clear()
