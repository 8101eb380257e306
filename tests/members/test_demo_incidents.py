"""What happens seldom, in the demo."""

import pytest
from django.urls import reverse
from django_tenants.utils import schema_context

from cms.demo.incidents import CAREFUL, CAREFUL_ADMIN, seed_incidents
from cms.demo.organizations import PASSWORD
from domain.audit.models import AuditEvent
from domain.config.models import OrganizationSettings
from domain.identity.models import User, UserSession
from tenants.db import connection

pytestmark = pytest.mark.django_db


def actions(schema: str) -> set[str]:
    with schema_context(schema):
        return set(AuditEvent.objects.values_list("action", flat=True))


def test_the_demo_shows_what_happens_seldom_and_makes_it_once(platform, browser_of):
    with connection.as_owner():
        assert len(seed_incidents()) == 4
        before = User.objects.count()
        assert seed_incidents() == []
        assert User.objects.count() == before
        shut_out = User.objects.get(email="vidar.holm@nhf.example")
        assert not User.objects.filter(email="roger.tangen@nhf.example").exists()
        ended = UserSession.objects.filter(revoked_reason="all-ended")
        assert ended.count() == 2
    assert not shut_out.is_active
    assert "person.erased" in actions("nhf")
    assert "person.deactivated" in actions("platform")
    assert "organization.sessions-ended" in actions("blindeforbundet")
    with schema_context(CAREFUL):
        assert OrganizationSettings.objects.get(singleton=True).second_step
    page = browser_of("nhf", "admin@nhf.example").get("/admin/audit/").content.decode()
    assert "erased a person from the organisation" in page
    login = browser_of(CAREFUL)
    answer = login.post("/admin/login/", {"username": CAREFUL_ADMIN, "password": PASSWORD})
    assert answer.status_code == 302
    away = login.get("/admin/members/")
    assert (away.status_code, away.headers["Location"]) == (302, reverse("passkeys"))
