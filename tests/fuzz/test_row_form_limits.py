"""The admin's pages about one row – editing it, doing something with it – take no senseless input: it is said
in the form, nothing is written, and nothing is a fault of ours."""

from datetime import date, datetime

import pytest
from django import forms
from django.db import transaction
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from tests.rights.matrix import entries
from tests.support.rows import make_rows, make_tree
from tests.support.turns import in_turn

pytestmark = pytest.mark.django_db
ADMIN, INSIDER = "admin@nhf.example", "mentor@nhf.example"
# Pages with rich text and files have walks of their own (tests/content).
ELSEWHERE = ("admin/content/", "admin/images/", "admin/documents/", "admin/pages/", "admin/workflows/")


def pages():
    """Addresses of NHF's that name a row and take a form, with the rows they name."""
    for entry in entries():
        told = entry.answer("admin")
        if entry.is_api or entry.method != "POST" or not entry.rows or told[0] != "yes":
            continue
        if not entry.address.startswith(ELSEWHERE):
            yield entry


def nonsense(field: forms.Field) -> list[str]:
    """What a field of this kind must refuse."""
    if isinstance(field, forms.DateField | forms.DateTimeField):
        return ["10000-01-01", "31.02.2026", "2026-01-01\x00"]
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return ["no-such-choice", "\x00"]
    if isinstance(field, forms.CharField) and not field.widget.is_hidden:
        return ["a\x00b", *(["x" * (field.max_length + 1)] if field.max_length else [])]
    if isinstance(field, forms.IntegerField) and not field.widget.is_hidden:
        return ["1e9", "\x00", "9" * 40]
    return []


# Taken or refused, but never a fault: control characters, a change of direction, far days.
ODD = ["a\x07b", "Ola\u202enesraL", date.max.isoformat(), datetime.min.isoformat(), "\ufeff"]


def recorded() -> int:
    with schema_context("nhf"):
        # That a form shown again tells about somebody is recorded as well: nothing was changed.
        return AuditEvent.objects.exclude(action__endswith=".read").count()


def posted(client, path: str, body: dict[str, str]):
    """The answer, and how many changes are on the record; all of it is taken back."""
    with transaction.atomic():
        before = recorded()
        answer = client.post(path, body)
        written = recorded() - before
        transaction.set_rollback(True)
    return answer, written


def test_senseless_input_about_a_row_is_said_in_the_form_and_not_written(nhf, browser_of, person):
    rows = make_rows(make_tree().grorud, person(INSIDER))
    client = browser_of("nhf", ADMIN)
    client.raise_request_exception = False
    tried, missed = 0, []
    for entry in in_turn(pages(), name=lambda entry: entry.name):
        if any(kind not in rows for _name, kind in entry.rows):
            continue
        path = entry.filled({name: str(rows[kind].pk) for name, kind in entry.rows})
        with transaction.atomic():
            page = client.get(path)
            transaction.set_rollback(True)
        form = (page.context or {}).get("form") if page.status_code == 200 else None
        if not isinstance(form, forms.BaseForm):
            continue
        for name, field in form.fields.items():
            for value in nonsense(field):
                answer, written = posted(client, path, {form.add_prefix(name): value})
                shown = (answer.context or {}).get("form")
                if answer.status_code != 200 or written or shown is None or name not in shown.errors:
                    missed.append((entry.address, name, value[:12], answer.status_code, written))
                tried += 1
        for value in ODD:
            answer, _written = posted(client, path, {form.add_prefix(name): value for name in form.fields})
            if answer.status_code >= 500:
                missed.append((entry.address, "all", value, answer.status_code))
            tried += 1
    assert not missed, "\n".join(map(repr, missed))
    assert tried > 50
