"""Who is signed in to the organisation: for themselves, and for whoever answers for a lost phone."""

import pytest
from django_tenants.utils import tenant_context

from domain.audit.models import AuditEvent
from domain.identity.models import UserSession
from domain.identity.sessions import open_session
from tenants.models import Organization

pytestmark = pytest.mark.django_db
ADMIN, COORDINATOR, MENTOR = "admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example"
URL = "/api/v1/sessions/"


@pytest.fixture
def phone(nhf, person):
    """Solveig's phone, which is lost."""
    return open_session(person(MENTOR), nhf, device_name="Telefonen til Solveig", platform="android")


def listed(client, **query):
    answer = client.get(URL, {"page_size": 200, **query})
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_one_sees_ones_own_and_an_administrator_everybodys(phone, api_of, person):
    solveig = str(person(MENTOR).pk)
    assert {row["user"] for row in listed(api_of("nhf", MENTOR))} == {solveig}
    assert solveig not in {row["user"] for row in listed(api_of("nhf", COORDINATOR))}
    client = api_of("nhf", ADMIN)
    found = listed(client, user=solveig, platform="android", open="true", expand="user")
    assert [(row["device_name"], row["expanded"]["user"]["first_name"]) for row in found] == [
        ("Telefonen til Solveig", "Solveig")
    ]
    assert listed(client, search="telefonen nilsen")[0]["id"] == str(phone.session.pk)
    # From where is for the person alone.
    assert not {"network", "verified_at", "browser_key"} & set(found[0])


def test_sessions_in_another_organisation_do_not_exist(nhf, api_of, person):
    both, blindeforbundet = person("both@meander.example"), Organization.objects.get(slug="blindeforbundet")
    with tenant_context(blindeforbundet):
        elsewhere = open_session(both, blindeforbundet).session
    for client in (api_of("nhf", ADMIN), api_of("nhf", "both@meander.example")):
        assert str(elsewhere.pk) not in {row["id"] for row in listed(client)}
        assert client.get(f"{URL}{elsewhere.pk}/").status_code == 404
        assert client.post(f"{URL}{elsewhere.pk}/end/").status_code == 404
    with tenant_context(blindeforbundet):
        assert UserSession.objects.get(pk=elsewhere.pk).revoked_at is None


def test_an_administrator_ends_the_session_of_a_lost_phone_at_once(phone, api_of):
    lost = api_of("nhf")
    lost.credentials(HTTP_AUTHORIZATION=f"Bearer {phone.access_token}")
    url, client = f"{URL}{phone.session.pk}/", api_of("nhf", ADMIN)
    assert lost.get("/api/v1/me/").status_code == 200
    assert api_of("nhf", COORDINATOR).post(f"{url}end/").status_code == 404
    ended = client.post(f"{url}end/", {"reason": "Lost on the tram"})
    assert ended.status_code == 200, ended.content
    assert ended.json()["revoked_reason"] == "ended-by-organization"
    assert lost.get("/api/v1/me/").status_code == 401
    event = AuditEvent.objects.get(action="session.ended")
    assert (event.reason, event.subject_ids) == ("Lost on the tram", [phone.session.user_id])
    assert client.post(f"{url}end/").status_code == 409
    assert [row["id"] for row in listed(client, open="false")] == [str(phone.session.pk)]
    since = ended.json()["revoked_at"]
    assert str(phone.session.pk) in {row["id"] for row in listed(client, updated_since=since)}


def test_one_ends_ones_own(phone, api_of):
    client, url = api_of("nhf", MENTOR), f"{URL}{phone.session.pk}/"
    row = client.get(url, {"expand": "allowed_actions"}).json()
    assert row["expanded"]["allowed_actions"] == ["end"]
    assert client.post(f"{url}end/").json()["revoked_reason"] == "ended-by-owner"
    assert client.get(url, {"expand": "allowed_actions"}).json()["expanded"]["allowed_actions"] == []


def test_a_session_that_was_used_since_is_another_state(phone, api_of):
    client, url = api_of("nhf", ADMIN), f"{URL}{phone.session.pk}/"
    tag = client.get(url)["ETag"]
    UserSession.objects.filter(pk=phone.session.pk).update(app_version="2.0")
    assert client.post(f"{url}end/", headers={"if-match": tag}).status_code == 412
    assert client.post(f"{url}end/", headers={"if-match": client.get(url)["ETag"]}).status_code == 200
