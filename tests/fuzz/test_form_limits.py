"""The admin's forms hold their limits: what goes beyond is said at its field, and nothing is written."""

import json
from pathlib import Path

import pytest
from django import forms
from django.db import transaction
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from tests.contracts.addresses import every_address

pytestmark = pytest.mark.django_db
CLASSES = json.loads((Path(__file__).parents[1] / "contracts" / "addresses.json").read_text())
# Whose pages are tried as whom.
PEOPLE = {
    "nhf": ("admin@nhf.example", ("signed-in", "sign-in", "editor", "administrator")),
    "platform": ("owner@meander.example", ("platform",)),
}
# An article is held by DATA_UPLOAD_MAX_MEMORY_SIZE, a colour by its pattern, tags by their own rule; the
# others are hidden and compared with what there is.
UNLIMITED = {"answer", "brand_color", "read_at", "tags", "version"}


def pages(client, classes):
    """Every page of the admin that has a form of its own to fill in, and that form."""
    routes = {route for name in classes for route in CLASSES[name]}
    for address in every_address():
        # Whoever leaves sees no more pages.
        if address.route not in routes or not address.route.startswith("admin/") or "<" in address.route:
            continue
        if "logout" in address.route:
            continue
        with transaction.atomic():
            answer = client.get(address.sample)
            transaction.set_rollback(True)
        form = (answer.context or {}).get("form") if answer.status_code == 200 else None
        if isinstance(form, forms.BaseForm) and b'method="post"' in answer.content.lower():
            yield address, form


def beyond(field: forms.Field) -> list[str]:
    """Values that are one too many for a field."""
    if getattr(field, "max_length", None):
        return ["x" * (field.max_length + 1)]
    if isinstance(field, forms.DecimalField) and field.max_digits:
        return ["9" * (field.max_digits + 1)]
    bounds = [(getattr(field, "max_value", None), 1), (getattr(field, "min_value", None), -1)]
    return [str(bound + step) for bound, step in bounds if bound is not None]


@pytest.mark.parametrize("organization", PEOPLE)
def test_what_goes_beyond_a_limit_is_said_at_its_field_and_not_written(browser_of, organization):
    email, classes = PEOPLE[organization]
    client = browser_of(organization, email)
    tried, missed, unlimited = 0, [], set()
    for address, form in pages(client, classes):
        for name, field in form.fields.items():
            values = beyond(field)
            if not values and isinstance(field, forms.CharField | forms.IntegerField):
                unlimited.add(name.rpartition("-")[2])
            for value in values:
                with schema_context(organization):
                    before = AuditEvent.objects.count()
                answer = client.post(address.sample, {form.add_prefix(name): value})
                shown = (answer.context or {}).get("form")
                with schema_context(organization):
                    written = AuditEvent.objects.count() != before
                if written or shown is None or name not in shown.errors:
                    missed.append((address.route, name, answer.status_code))
                tried += 1
    assert not missed, "\n".join(map(str, missed))
    assert unlimited <= UNLIMITED
    assert tried > 5
