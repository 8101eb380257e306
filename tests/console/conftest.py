"""The platform's owner at the console, in English."""

import pytest
from django_tenants.utils import schema_context
from wagtail.users.models import UserProfile

from domain.identity.models import User


@pytest.fixture
def browser(browser_of):
    with schema_context("platform"):
        owner = User.objects.get(email="owner@meander.example")
        UserProfile.objects.update_or_create(user=owner, defaults={"preferred_language": "en"})
    client = browser_of("platform", "owner@meander.example")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client
