"""The host names on which an organisation answers."""

import pytest
from django.core.exceptions import ValidationError
from django_tenants.utils import schema_context
from wagtail.models import Site

from domain.audit.models import AuditEvent
from tenants.hosts import add_host, remove_host
from tenants.models import Domain, Organization


@pytest.fixture
def staff(person):
    return person("owner@meander.example")


@pytest.fixture
def organization(platform):
    return Organization.objects.get(schema_name="nhf")


def test_a_new_main_host_is_answered_on_recorded_and_known_to_wagtail(organization, staff, client):
    add_host(organization, "app.nhf.example", by=staff, primary=True)
    with schema_context("platform"):
        actions = AuditEvent.objects.filter(object_id=str(organization.pk)).values_list("action", flat=True)
        assert "host.made_primary" in actions
    with schema_context("nhf"):
        assert Site.objects.get().hostname == "app.nhf.example"
    assert client.get("/", HTTP_HOST="app.nhf.example").status_code == 200
    assert client.get("/", HTTP_HOST="nhf.localhost").status_code == 200


def test_a_host_of_another_organisation_is_refused(organization, staff):
    with pytest.raises(ValidationError):
        add_host(organization, "blindeforbundet.localhost", by=staff)


def test_a_host_that_is_removed_is_nobodys(organization, staff, client):
    add_host(organization, "old.nhf.example", by=staff)
    remove_host(Domain.objects.get(domain="old.nhf.example"), by=staff)
    assert client.get("/", HTTP_HOST="old.nhf.example").status_code == 404
