"""What the admin does with several rows at once: each is held to the same rights as one alone."""

import json

import pytest
from django.apps import apps
from django.urls import get_resolver
from wagtail.admin.menu import Menu
from wagtail.admin.views.bulk_action.registry import bulk_action_registry

from .asking import ask, told_apart
from .matrix import addresses
from .test_matrix import CLASS_OF

CLOSED = {route for route, name in CLASS_OF.items() if name == "closed"}


def actions() -> list[tuple[str, str, str]]:
    """App, model and name of every action that Wagtail or we have registered, and that is routed."""
    assert get_resolver().url_patterns  # Our own are registered when the addresses are first read.
    bulk_action_registry._scan_for_bulk_actions()
    return [
        (app, model, name)
        for app, of_models in sorted(bulk_action_registry.actions.items())
        if f"admin/bulk/{app}/" not in CLOSED
        for model, named in sorted(of_models.items())
        for name in sorted(named)
    ]


@pytest.fixture
def without_menu(monkeypatch):
    """What stands in the menu depends on who asks, not on ids, and takes a quarter of a page's time."""
    monkeypatch.setattr(Menu, "menu_items_for_request", lambda menu, request: [])


@pytest.mark.parametrize(("app", "model", "name"), actions())
def test_ids_of_others_are_left_out_like_ids_of_nobody(world, without_menu, app, model, name):
    """With one's own row beside them, so that the action has something to do."""
    kinds = [
        kind for kind, row in world.rows["own"].items() if getattr(row, "_meta", None) is meta(app, model)
    ]
    assert kinds, "make a row of this model in tests/support/rows.py"
    kind = kinds[0]
    own, foreign = world.rows["own"][kind], world.rows["foreign"][kind]
    unknown = world.unknown(kind)
    for column in ("admin", "coordinator", "finance"):
        for method in ("GET", "POST"):
            answers = [
                ask(world.people[column], method, f"/admin/bulk/{app}/{model}/{name}/?id={own.pk}&id={other}")
                for other in (foreign.pk, unknown)
            ]
            assert told_apart(*answers, [str(foreign.pk)], [unknown]) == "", (column, method)
            said = answers[0].collected.decode(errors="replace")
            assert "Kanaribl" not in said


def meta(app: str, model: str):
    return apps.get_model(app, model)._meta


def test_many_rows_over_the_api_are_told_of_as_one_alone_would_be(world):
    """With `partial`, each row has its own answer: a foreign id's is that of an id of nobody's."""
    person, kind = world.people["admin"], "membership"
    rows = [
        {"id": str(world.row(side, kind, person).pk), "display_title": "Leder"} for side in ("own", "foreign")
    ]
    rows.append({"id": world.unknown(kind), "display_title": "Leder"})
    answer = ask(person, "POST", "/api/v1/memberships/bulk/update/?partial=true", {"rows": rows})
    done, foreign, unknown = json.loads(answer.collected)["results"]
    assert done["outcome"] == "applied"
    for result in (foreign, unknown):
        assert result["outcome"] == "refused"
        del result["index"]
        for error in result["problem"]["errors"]:
            del error["pointer"]
    assert foreign == unknown


def test_every_address_of_many_is_one_of_these():
    routes = {address.route for address in addresses() if "bulk/" in address.route}
    routes -= CLOSED
    pages = {route for route in routes if not route.startswith("api/")}
    assert pages == {"admin/bulk/<str:app_label>/<str:model_name>/<str:action>/"}
