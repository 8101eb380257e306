"""Every table of ours has its place: in one of the lists of apps, rights, triggers, and where it is shown.

models.json names each concrete model once, with the routes of the admin or the API where its rows are met, or
why there are none. A model that no one listed fails the first test; put it where it belongs.
"""

import json
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import ForeignKey

from domain.core.models import Entity
from tenants.backend.schema import is_shared
from tenants.db import connection
from tenants.roles import SHARED_TABLES

from .addresses import every_address

ROOT = Path(__file__).resolve().parents[2]
LISTED: dict[str, str | list[str]] = json.loads(
    (Path(__file__).parent / "models.json").read_text(encoding="utf-8")
)
OURS = {
    model._meta.label: model
    for model in apps.get_models()
    if model.__module__.split(".")[0] in {"tenants", "domain", "cms", "api"}
}
LABELS = sorted(OURS)


def test_every_model_is_listed_and_every_listed_model_exists():
    assert set(LISTED) == set(OURS)


@pytest.mark.parametrize("label", LABELS)
def test_its_app_is_either_shared_or_the_organisations(label):
    config = OURS[label]._meta.app_config
    names = {config.name, f"{type(config).__module__}.{type(config).__qualname__}"}
    lists = [bool(names & set(apps_listed)) for apps_listed in (settings.SHARED_APPS, settings.TENANT_APPS)]
    assert lists.count(True) == 1
    assert lists[0] == is_shared(config.label)


def test_rights_are_decided_for_each_shared_table_and_for_no_other():
    shared = {model._meta.db_table for model in OURS.values() if is_shared(model._meta.app_label)}
    separate = {model._meta.db_table for model in OURS.values()} - shared
    assert shared <= set(SHARED_TABLES)
    assert not separate & set(SHARED_TABLES)


@pytest.mark.django_db
def test_postgresql_tracks_the_changes_of_each_entity():
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE t.tgname = 'track_changes' AND t.tgenabled <> 'D'"
        )
        tracked = set(cursor.fetchall())
    wanted = {
        (schema, model._meta.db_table)
        for model in OURS.values()
        if issubclass(model, Entity)
        for schema in (["public"] if is_shared(model._meta.app_label) else ["nhf", "platform"])
    }
    assert wanted
    assert wanted <= tracked


@pytest.mark.parametrize("label", LABELS)
def test_its_references_go_to_earlier_areas(label):
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    areas = next(c["layers"] for c in contracts if c.get("containers") == ["domain"])
    order = ["tenants", *reversed(areas), "cms", "api"]
    # Whatever is not ours comes before: Django's and Wagtail's own tables. People are named by a setting.
    own = order.index(OURS[label]._meta.app_label)
    for field in OURS[label]._meta.get_fields():
        if not isinstance(field, ForeignKey) or field.related_model is get_user_model():
            continue
        if field.related_model._meta.label in OURS:
            assert order.index(field.related_model._meta.app_label) <= own, field.name


@pytest.mark.parametrize("label", LABELS)
def test_where_it_is_shown_exists_or_there_is_a_reason(label):
    shown = LISTED[label]
    if isinstance(shown, str):
        assert len(shown) > 20
        assert not shown.startswith(("admin/", "api/"))
    else:
        assert shown
        assert set(shown) <= {address.route for address in every_address()}
