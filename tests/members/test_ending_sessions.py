"""A suspected break-in: every session of an organisation, or of a person, ends at once."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from domain.identity.models import UserSession
from tenants.models import Organization

pytestmark = pytest.mark.django_db
ASTRID, KARIM, SOLVEIG, BJORN = (
    "admin@nhf.example",
    "coordinator@nhf.example",
    "mentor@nhf.example",
    "both@meander.example",
)
PAGE, ME = "/admin/members/end-all-sessions/", "/api/v1/me/"


def of_all(schema: str) -> list[tuple[str, str]]:
    with schema_context(schema):
        events = AuditEvent.objects.filter(action="organization.sessions-ended")
        return [(event.actor_label, event.reason) for event in events.order_by("at")]


def test_an_administrator_ends_all_sessions_but_their_own(nhf, api_of, browser_of, person):
    admin, browser, phone = browser_of("nhf", ASTRID), browser_of("nhf", KARIM), api_of("nhf", SOLVEIG)
    elsewhere = api_of("blindeforbundet", BJORN)
    assert "end-all-sessions" in admin.get("/admin/members/").content.decode()
    assert admin.post(PAGE, {"reason": " "}).status_code == 200
    assert phone.get(ME).status_code == 200
    answer = admin.post(PAGE, {"reason": "A stolen laptop"})
    assert answer.headers["Location"] == "/admin/members/"
    assert phone.get(ME).status_code == 401
    assert browser.get("/admin/").status_code == 302
    assert admin.get("/admin/").status_code == 200
    assert elsewhere.get(ME).status_code == 200
    with schema_context("nhf"):
        event = AuditEvent.objects.get(action="organization.sessions-ended")
    assert (event.actor_label, event.reason) == (str(person(ASTRID)), "A stolen laptop")
    assert {person(KARIM).pk, person(SOLVEIG).pk} <= set(event.subject_ids)


def test_it_needs_a_fresh_proof_and_the_right(nhf, browser_of):
    admin, coordinator = browser_of("nhf", ASTRID), browser_of("nhf", KARIM)
    UserSession.objects.update(verified_at=timezone.now() - timedelta(hours=1))
    for answer in (admin.get(PAGE), admin.post(PAGE, {"reason": "A stolen laptop"})):
        assert answer.headers["Location"].startswith(reverse("confirm_identity"))
    assert coordinator.get(PAGE).status_code in (302, 403)
    assert coordinator.post(PAGE, {"reason": "Why not"}).status_code in (302, 403)
    assert not UserSession.objects.filter(revoked_at__isnull=False).exists()
    assert not AuditEvent.objects.filter(action="organization.sessions-ended").exists()


def test_the_platforms_staff_end_them_from_the_console_with_a_fresh_proof(browser_of, api_of, db):
    owner, phone = browser_of("platform", "owner@meander.example"), api_of("nhf", SOLVEIG)
    page = reverse(
        "organizations:action", args=[Organization.objects.get(schema_name="nhf").pk, "end-sessions"]
    )
    with schema_context("platform"):
        UserSession.objects.update(verified_at=timezone.now() - timedelta(hours=1))
    assert owner.post(page, {"reason": "A leak"}).headers["Location"].startswith(reverse("confirm_identity"))
    assert phone.get(ME).status_code == 200
    with schema_context("platform"):
        UserSession.objects.update(verified_at=timezone.now())
    assert owner.post(page, {"reason": "A leak"}).status_code == 302
    assert phone.get(ME).status_code == 401
    assert owner.get("/admin/").status_code == 200
    assert of_all("nhf") == of_all("platform") == [("Unni Berg", "A leak")]


def test_the_command_ends_those_of_an_organisation_of_a_person_and_all(api_of, db):
    def ended(**options) -> str:
        out = StringIO()
        call_command("end_sessions", reason="A leak", stdout=out, **options)
        return out.getvalue()

    phones = [api_of("nhf", SOLVEIG), api_of("nhf", BJORN), api_of("blindeforbundet", BJORN)]
    assert [phone.get(ME).status_code for phone in phones] == [200, 200, 200]
    assert ended(user=BJORN.upper()) == "2 sessions ended.\n"
    assert [phone.get(ME).status_code for phone in phones] == [200, 401, 401]
    assert "nhf: 1 sessions ended." in ended(organization="nhf")
    other = api_of("blindeforbundet", BJORN)
    assert "blindeforbundet: 1 sessions ended." in ended(all=True)
    assert other.get(ME).status_code == 401
    assert of_all("nhf") == [("system", "A leak")] * 2
    with schema_context("blindeforbundet"):
        assert AuditEvent.objects.filter(action="session.ended", detail__reason="A leak").count() == 1
    for wrong in ({"organization": "nobody"}, {"user": "nobody@example.org"}):
        with pytest.raises(CommandError):
            ended(**wrong)
