"""The demo has rows of every model, and what a row is called tells people something.

demo_rows.json names the models (`area.*`: all of an area) that are excused, and why: `no rows`, where nothing
of the kind belongs in a demo that nobody has used yet; `named by an id`, where a row has no other name and
nobody reads it.
"""

import json
import re
from pathlib import Path

from django.core.management import call_command
from django_tenants.utils import schema_context

from tenants.backend.schema import is_shared
from tenants.db import connection
from tests.support.jobs import work_off

from .test_models import OURS

EXCUSED: dict[str, dict[str, str]] = json.loads(
    (Path(__file__).parent / "demo_rows.json").read_text(encoding="utf-8")
)
NO_ROWS, BY_ID = EXCUSED["no rows"], EXCUSED["named by an id"]
SCHEMAS = ("nhf", "blindeforbundet", "platform")
# Of each model and schema so many are looked at.
LOOKED_AT = 5
# A UUID or the middle of one, a number after "object", a long run of hexadecimal digits.
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|object \(|[0-9a-f]{24}", re.IGNORECASE)


def test_the_demo_has_rows_of_every_model_and_none_is_called_by_its_id(demo_database, mailoutbox):
    with connection.as_owner():
        work_off()
        found = {label: _rows(model) for label, model in OURS.items()}
        empty = {label for label, names in found.items() if not names}
        by_id = {label for label, names in found.items() if any(ID.search(name) for name in names)}
    assert {label for label in empty if not excused(label, NO_ROWS)} == set(), "the demo shows none of these"
    assert {label for label in by_id if not excused(label, BY_ID)} == set(), "nobody can read these names"


def test_seeding_the_demo_again_changes_nothing(demo_database, settings):
    settings.DEMO = True
    with connection.as_owner():
        before = _numbers()
        call_command("seed_demo", verbosity=0)
        assert _numbers() == before
    assert sum(before.values()) > 1000


def _numbers() -> dict[tuple[str, str], int]:
    """How many rows there are, by model and schema."""
    numbers = {}
    for label, model in OURS.items():
        for schema in SCHEMAS[:1] if is_shared(model._meta.app_label) else SCHEMAS:
            with schema_context(schema):
                numbers[label, schema] = model._base_manager.count()
    return numbers


def excused(label: str, excuses: dict[str, str]) -> bool:
    return label in excuses or f"{label.partition('.')[0]}.*" in excuses


def _rows(model) -> list[str]:
    """What some rows of the model are called."""
    names = []
    for schema in SCHEMAS[:1] if is_shared(model._meta.app_label) else SCHEMAS:
        with schema_context(schema):
            names += [str(row) for row in model._base_manager.order_by("pk")[:LOOKED_AT]]
    return names


def test_every_excuse_is_for_a_model_that_there_is_and_says_why():
    areas = {f"{label.partition('.')[0]}.*" for label in OURS}
    for excuses in EXCUSED.values():
        assert set(excuses) <= set(OURS) | areas
        assert all(len(reason) > 20 for reason in excuses.values())
