"""Where one is signed in, over the API; and an end to it."""

from uuid import uuid4

import pytest

from domain.identity.models import UserSession

from .conftest import actions_in, bearer, sign_in

pytestmark = pytest.mark.django_db
SESSIONS = "/api/v1/auth/sessions/"
BOTH = "both@meander.example"


def test_ones_sessions_are_listed_with_device_network_and_this_one_marked(api_of):
    client = api_of("nhf")
    first = sign_in(client, REMOTE_ADDR="192.0.2.77").json()
    second = sign_in(client, REMOTE_ADDR="2001:db8:1:2::3").json()
    rows = bearer(client, second).get(SESSIONS).json()["results"]
    by_id = {row["id"]: row for row in rows}
    assert set(by_id) == {first["session_id"], second["session_id"]}
    assert [row["is_current"] for row in rows] == [True, False]
    assert by_id[first["session_id"]]["network"] == "192.0.2.0/24"
    assert by_id[second["session_id"]]["network"] == "2001:db8:1::/48"
    assert by_id[first["session_id"]]["device_name"] == "Solveigs telefon"
    assert by_id[first["session_id"]]["origin"] == "mobile"


def test_ending_a_session_bites_on_its_next_request(api_of):
    lost, mine = api_of("nhf"), api_of("nhf")
    gone = sign_in(lost).json()
    bearer(lost, gone)
    bearer(mine, sign_in(mine).json())
    assert mine.delete(f"{SESSIONS}{gone['session_id']}/").status_code == 204
    assert lost.get("/api/v1/me/").status_code == 401
    assert mine.get("/api/v1/me/").status_code == 200
    assert mine.delete(f"{SESSIONS}{gone['session_id']}/").status_code == 404
    assert actions_in("nhf").count("session.ended") == 1


def test_ending_all_others_reaches_every_organisation_each_with_it_on_its_record(api_of):
    phone, elsewhere = api_of("nhf"), api_of("blindeforbundet")
    bearer(elsewhere, sign_in(elsewhere, BOTH).json())
    sign_in(phone, BOTH)
    bearer(phone, sign_in(phone, BOTH).json())
    assert phone.delete(SESSIONS).json() == {"ended": 2}
    assert elsewhere.get("/api/v1/me/").status_code == 401
    assert phone.get("/api/v1/me/").status_code == 200
    assert actions_in("blindeforbundet").count("session.ended") == 1
    assert actions_in("nhf").count("session.ended") == 1


def test_nobody_sees_or_ends_the_sessions_of_others(api_of):
    theirs = sign_in(api_of("nhf"), "coordinator@nhf.example").json()["session_id"]
    client = api_of("nhf")
    bearer(client, sign_in(client).json())
    assert theirs not in client.get(SESSIONS).content.decode()
    for other in (theirs, uuid4()):
        assert client.delete(f"{SESSIONS}{other}/").status_code == 404
    assert client.delete(SESSIONS).json() == {"ended": 0}
    assert UserSession.objects.get(pk=theirs).revoked_at is None


def test_one_names_ones_devices_in_whichever_organisation(api_of):
    phone, elsewhere = api_of("nhf"), api_of("blindeforbundet")
    far = sign_in(elsewhere, BOTH).json()["session_id"]
    bearer(phone, sign_in(phone, BOTH).json())
    url = f"{SESSIONS}{far}/"
    assert (
        phone.patch(url, {"device_name": " Nettbrett  hjemme "}).json()["device_name"] == "Nettbrett hjemme"
    )
    assert phone.get(url).json()["device_name"] == "Nettbrett hjemme"
    assert phone.patch(url, {"device_name": "Nettbrett hjemme"}).status_code == 200
    assert actions_in("blindeforbundet").count("session.changed") == 1
    for name in ("", " ", "x" * 101, "a\u202eb"):
        refused = phone.patch(url, {"device_name": name})
        assert refused.json()["errors"][0]["pointer"] == "#/device_name", name
    stranger = api_of("nhf")
    bearer(stranger, sign_in(stranger).json())
    assert stranger.patch(url, {"device_name": "Mine"}).status_code == 404
    assert stranger.get(url).status_code == 404
