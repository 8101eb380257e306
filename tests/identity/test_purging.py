"""What is thrown away in time, and what must stay."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.identity.jobs import TOKENS_KEPT
from domain.identity.models import PasskeyChallenge, RefreshToken, UserSession
from tenants.jobs import enqueue
from tenants.models import Organization
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db


def test_tokens_used_long_ago_and_challenges_nobody_answered_go_and_the_newest_token_stays(phone):
    client, first = phone
    token = first["refresh_token"]
    for _time in range(3):
        token = client.post("/api/v1/auth/refresh/", {"refresh_token": token}).json()["refresh_token"]
    old = timezone.now() - TOKENS_KEPT - timedelta(days=1)
    with schema_context("public"):
        RefreshToken.objects.filter(counter__lt=2).update(used_at=old)
        organization = Organization.objects.get(schema_name="nhf")
        for age in (timedelta(minutes=1), timedelta(days=2)):
            PasskeyChallenge.objects.create(
                challenge=str(age).encode(),
                purpose=PasskeyChallenge.Purpose.AUTHENTICATION,
                organization=organization,
                expires_at=timezone.now() - age,
            )
        enqueue("identity.purge", Organization.objects.get(schema_name=settings.TEMPLATE_SCHEMA), key="now")
    work_off()
    with schema_context("public"):
        counters = RefreshToken.objects.order_by("counter").values_list("counter", flat=True)
        assert list(counters) == [2, 3]
        assert PasskeyChallenge.objects.count() == 1
        assert UserSession.objects.count() == 1
    assert client.post("/api/v1/auth/refresh/", {"refresh_token": token}).status_code == 200
