"""An account in wrong hands is shut out of the whole platform, and let in again."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from domain.core.errors import InvalidState
from domain.identity.accounts import activate_account, deactivate_account
from tenants.db import connection
from tenants.models import JobRun
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db
BJORN, OWNER, ME = "both@meander.example", "owner@meander.example", "/api/v1/me/"


def test_a_person_is_shut_out_everywhere_and_let_in_again(browser, api_of, person):
    phones = [api_of("nhf", BJORN), api_of("blindeforbundet", BJORN)]
    bjorn = person(BJORN)
    index = reverse("accounts:index")
    assert "No account" in browser.post(index, {"email": "nobody@example.org"}).content.decode()
    assert browser.post(index, {"email": BJORN}).status_code == 302
    page = browser.get(index).content.decode()
    assert str(bjorn) in page
    out, back = (reverse("accounts:action", args=[bjorn.pk, name]) for name in ("deactivate", "activate"))
    assert out in page
    assert browser.post(out, {"reason": ""}).status_code == 200
    assert browser.post(out, {"reason": "Stolen"}).status_code == 302
    work_off()
    assert [phone.get(ME).status_code for phone in phones] == [401, 401]
    assert back in browser.get(index).content.decode()
    assert browser.post(back, {"reason": "It was him"}).status_code == 302
    work_off()
    assert api_of("nhf", BJORN).get(ME).status_code == 200
    with schema_context("platform"):
        events = AuditEvent.objects.filter(subject_ids__contains=[bjorn.pk]).order_by("at")
        assert [(event.action, event.reason) for event in events] == [
            ("person.read", ""),
            ("person.deactivated", "Stolen"),
            ("person.activated", "It was him"),
        ]
    with schema_context("blindeforbundet"):
        assert AuditEvent.objects.get(action="session.ended").reason == "Stolen"


def test_nobody_is_found_by_an_id_alone(browser, person):
    answer = browser.get(reverse("accounts:action", args=[person(BJORN).pk, "deactivate"]))
    assert answer.status_code == 404
    assert not JobRun.objects.filter(name="account.set_active").exists()


def test_only_the_platforms_staff_and_never_themselves(db, person):
    owner, bjorn, astrid = person(OWNER), person(BJORN), person("admin@nhf.example")
    with connection.as_owner():
        with pytest.raises(PermissionDenied):
            deactivate_account(bjorn, by=astrid, reason="A quarrel")
        with pytest.raises(InvalidState):
            deactivate_account(owner, by=owner, reason="By mistake")
        with pytest.raises(InvalidState):
            activate_account(bjorn, by=owner, reason="Not shut out at all")
