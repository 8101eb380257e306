"""Grants as the tests need them."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.identity.models import SupportAccessGrant, User
from domain.identity.support import approve_grant, request_grant
from tenants.models import Organization
from tests.tenants.conftest import web_login

__all__ = ["web_login"]
STAFF, ADMIN = "owner@meander.example", "admin@nhf.example"


@pytest.fixture
def staff(person) -> User:
    return person(STAFF)


@pytest.fixture
def admin(person) -> User:
    return person(ADMIN)


@pytest.fixture
def ask(db, staff):
    """Ask NHF, from the platform, as its web process would."""

    def make(*, by=None, hours=4.0, **terms) -> SupportAccessGrant:
        given = {
            "areas": ["faqs", "local_associations"],
            "reason": "A list doesn't open",
            "ends_at": timezone.now() + timedelta(hours=hours),
            **terms,
        }
        with schema_context("platform"):
            return request_grant(Organization.objects.get(schema_name="nhf"), by=by or staff, **given)

    return make


@pytest.fixture
def let_in(ask, admin):
    """A grant that NHF's administrator has approved."""

    def make(**terms) -> SupportAccessGrant:
        grant = ask(**terms)
        with schema_context("nhf"):
            return approve_grant(grant, by=admin)

    return make
