"""One person, several organisations, in one app."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from domain.identity.models import Membership, UserSession
from tenants.models import Organization

from .conftest import actions_in, bearer, sign_in

pytestmark = pytest.mark.django_db
BOTH = "both@meander.example"


@pytest.fixture
def app(api_of):
    client = api_of("nhf")
    return bearer(client, sign_in(client, BOTH).json())


@pytest.fixture
def there(db):
    return Organization.objects.get(schema_name="blindeforbundet")


def switch(client, organization_id):
    return client.post("/api/v1/auth/switch/", {"organization": str(organization_id)})


def test_a_person_sees_their_organisations_and_where_they_answer(app, there):
    rows = app.get("/api/v1/auth/memberships/").json()["results"]
    by_slug = {row["organization"]["slug"]: row for row in rows}
    assert set(by_slug) == {"nhf", "blindeforbundet"}
    assert by_slug["nhf"]["is_current"]
    assert not by_slug["blindeforbundet"]["is_current"]
    assert by_slug["blindeforbundet"]["organization"]["host"] == "blindeforbundet.localhost"
    assert by_slug["blindeforbundet"]["roles"] == ["coordinator"]
    assert all(row["can_switch"] for row in rows)


def test_the_app_switches_without_a_password_and_has_the_other_organisations_rights(app, api_of, there):
    before = UserSession.objects.get()
    UserSession.objects.update(verified_at=timezone.now() - timedelta(hours=2))
    answer = switch(app, there.pk).json()
    assert answer["host"] == "blindeforbundet.localhost"
    me = bearer(api_of("blindeforbundet"), answer).get("/api/v1/me/").json()
    assert me["organization"]["slug"] == "blindeforbundet"
    assert [role["role"] for role in me["roles"]] == ["coordinator"]
    opened = UserSession.objects.get(pk=answer["session_id"])
    assert (opened.device_name, opened.platform) == (before.device_name, before.platform)
    # Switching proves nothing anew.
    assert timezone.now() - opened.verified_at > timedelta(hours=1)
    assert app.get("/api/v1/me/").status_code == 200


def test_tokens_of_one_organisation_stay_worthless_in_the_other(app, api_of, there):
    answer = switch(app, there.pk).json()
    assert bearer(api_of("nhf"), answer).get("/api/v1/me/").status_code == 401


def test_the_other_organisation_has_the_event_and_the_first_learns_nothing(app, there):
    here = actions_in("nhf")
    session = switch(app, there.pk).json()["session_id"]
    assert actions_in("nhf") == here
    with schema_context("blindeforbundet"):
        event = AuditEvent.objects.get(action="session.opened")
    assert (event.object_id, str(event.session_id)) == (session, session)
    assert event.changes == {"method": [None, "switch"]}


@pytest.mark.parametrize("status", ["left", "invited"])
def test_where_one_is_no_member_there_is_nothing(app, person, there, status):
    with schema_context("public"):
        Membership.objects.filter(user=person(BOTH), organization=there).update(
            status=status, left_at=timezone.now()
        )
    assert switch(app, there.pk).status_code == 404
    assert switch(app, uuid4()).json()["detail"] == switch(app, there.pk).json()["detail"]
    assert len(app.get("/api/v1/auth/memberships/").json()["results"]) == 1


@pytest.mark.parametrize("what", ["membership", "organisation"])
def test_what_is_suspended_is_listed_and_refused(app, person, there, what):
    with schema_context("public"):
        if what == "membership":
            Membership.objects.filter(user=person(BOTH), organization=there).update(status="suspended")
        else:
            Organization.objects.filter(pk=there.pk).update(status="suspended")
    rows = app.get("/api/v1/auth/memberships/").json()["results"]
    assert [row["can_switch"] for row in rows if not row["is_current"]] == [False]
    answer = switch(app, there.pk)
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/not-allowed"
    assert UserSession.objects.count() == 1


def test_nobody_switches_into_an_organisation_of_others(phone, there):
    client, _tokens = phone
    assert switch(client, there.pk).status_code == 404
