"""Signing in with a password, out again, and who one is."""

from datetime import timedelta

import pytest
from django.contrib.auth import hashers
from django.core import signing
from django.utils import timezone
from django_tenants.utils import schema_context

from cms.demo.organizations import PASSWORD
from domain.access.choices import Role
from domain.access.roles import PERMISSIONS
from domain.audit.models import AuditEvent
from domain.identity.choices import MembershipStatus
from domain.identity.guessing import ACCOUNT_ATTEMPTS, ADDRESS_ATTEMPTS
from domain.identity.limits import Limit, TooManyAttempts, count, forgive, prune
from domain.identity.models import Membership, RateCounter, UserSession

pytestmark = pytest.mark.django_db
DEVICE = {"name": "Solveigs telefon", "platform": "ios", "app_version": "1.2.0"}


def sign_in(client, email="mentor@nhf.example", password=PASSWORD, **extra):
    return client.post(
        "/api/v1/auth/password/", {"email": email, "password": password, "device": DEVICE}, **extra
    )


def test_a_member_signs_in_and_is_known(api_of, person):
    client = api_of("nhf")
    response = sign_in(client)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    tokens = response.json()
    members = {"access_token", "token_type", "expires_in", "refresh_token", "session_id", "device_secret"}
    assert set(tokens) == members
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 600)

    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    me = client.get("/api/v1/me/").json()
    assert me["user"]["id"] == str(person("mentor@nhf.example").pk)
    assert me["organization"]["short_name"] == "NHF"
    assert me["session_id"] == tokens["session_id"]
    assert [role["role"] for role in me["roles"]] == ["peer_mentor"]
    assert me["permissions"] == sorted(PERMISSIONS[Role.PEER_MENTOR])
    assert {"faqs", "conversation_cards"} <= set(me["enabled_areas"])
    assert me["terminology_etag"]


def test_the_session_remembers_the_device_and_is_audited(api_of):
    session = UserSession.objects.get(pk=sign_in(api_of("nhf")).json()["session_id"])
    assert (session.device_name, session.platform, session.app_version) == tuple(DEVICE.values())
    with schema_context("nhf"):
        event = AuditEvent.objects.get(action="session.opened", object_id=str(session.pk))
    assert event.actor_id == session.user_id


def test_the_address_of_an_account_knows_no_capitals(api_of):
    assert sign_in(api_of("nhf"), "  Mentor@NHF.example ").status_code == 200


def test_a_coordinators_permissions_are_listed(api_of):
    me = api_of("nhf", "coordinator@nhf.example").get("/api/v1/me/").json()
    assert "cms.add_faqentry" in me["permissions"]
    assert "config.change_organizationsettings" not in me["permissions"]


def test_one_person_has_other_roles_elsewhere(api_of):
    roles = {
        organization: [
            role["role"]
            for role in api_of(organization, "both@meander.example").get("/api/v1/me/").json()["roles"]
        ]
        for organization in ("nhf", "blindeforbundet")
    }
    assert roles == {"nhf": ["peer_mentor"], "blindeforbundet": ["coordinator"]}


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("mentor@nhf.example", "wrong"),
        ("nobody@nhf.example", PASSWORD),
        ("mentor@blindeforbundet.example", PASSWORD),
        ("", PASSWORD + "x"),
    ],
    ids=["wrong password", "unknown address", "member elsewhere", "no address"],
)
def test_whoever_may_not_in_gets_the_same_answer(api_of, email, password):
    response = sign_in(api_of("nhf"), email or "x", password, headers={"accept-language": "en"})
    assert response.status_code == 401
    assert response.json() == {
        "type": "/problems/sign-in-refused",
        "title": "Signing in failed",
        "status": 401,
        "detail": "E-mail address and password don't match an account in this organisation.",
        "instance": "/api/v1/auth/password/",
    }
    assert UserSession.objects.count() == 0


@pytest.mark.parametrize("change", ["inactive", "suspended", "left", "no password"])
def test_an_account_that_is_closed_is_refused_likewise(api_of, person, change):
    user = person("mentor@nhf.example")
    if change == "inactive":
        user.is_active = False
        user.save()
    elif change == "no password":
        user.set_unusable_password()
        user.save()
    else:
        Membership.objects.filter(user=user).update(status=change, left_at=timezone.now())
    assert sign_in(api_of("nhf")).json()["type"] == "/problems/sign-in-refused"


@pytest.mark.parametrize("email", ["mentor@nhf.example", "nobody@x.no", "mentor@blindeforbundet.example"])
def test_every_refusal_costs_exactly_one_hash(api_of, email, monkeypatch):
    """So that the time of the answer says nothing about who has an account."""
    hashed = []
    hasher = hashers.get_hasher()
    encode = type(hasher).encode
    monkeypatch.setattr(type(hasher), "encode", lambda *a, **k: hashed.append(1) or encode(*a, **k))
    sign_in(api_of("nhf"), email, "wrong-password")
    assert len(hashed) == 1


def test_a_token_counts_only_in_its_own_organisation(api_of):
    token = sign_in(api_of("nhf"), "both@meander.example").json()["access_token"]
    elsewhere = api_of("blindeforbundet")
    elsewhere.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    for address in ("/api/v1/me/", "/api/v1/content/faqs/"):
        response = elsewhere.get(address)
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == "Bearer"
        assert response.json()["type"] == "/problems/invalid-token"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "æøå", "Bearer x y", "\x00"])
def test_a_token_that_is_none_is_refused(api_of, token):
    client = api_of("nhf")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    response = client.get("/api/v1/me/")
    assert response.json()["type"] == "/problems/invalid-token"


def test_a_signed_token_of_another_shape_is_refused(api_of):
    client = api_of("nhf")
    for payload in (None, 17, [], ["a", "b", "c"], {"a": 1}, ["00" * 16, "00" * 16, "x"], ["00" * 16, 1, 2]):
        token = signing.dumps(payload, salt="meander.access-token")
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert client.get("/api/v1/me/").status_code == 401


def test_without_a_token_one_is_asked_for(api_of):
    response = api_of("nhf").get("/api/v1/me/")
    assert response.status_code == 401
    assert response.json()["type"] == "/problems/authentication-required"
    assert response["WWW-Authenticate"] == "Bearer"


def test_signing_out_bites_on_the_next_request(api_of):
    client = api_of("nhf", "mentor@nhf.example")
    assert client.get("/api/v1/me/").status_code == 200
    response = client.post("/api/v1/auth/logout/")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get("/api/v1/me/").status_code == 401
    assert client.post("/api/v1/auth/logout/").status_code == 401
    with schema_context("nhf"):
        assert AuditEvent.objects.filter(action="session.ended").count() == 1


@pytest.mark.parametrize("status", [MembershipStatus.SUSPENDED, MembershipStatus.LEFT])
def test_leaving_the_organisation_bites_on_the_next_request(api_of, person, status):
    client = api_of("nhf", "mentor@nhf.example")
    Membership.objects.filter(user=person("mentor@nhf.example")).update(status=status, left_at=timezone.now())
    assert client.get("/api/v1/me/").status_code == 401


def test_an_expired_token_does_not_keep_anyone_from_signing_in(api_of):
    client = api_of("nhf")
    client.credentials(HTTP_AUTHORIZATION="Bearer expired")
    assert sign_in(client).status_code == 200


def test_a_session_in_use_is_marked_at_most_every_five_minutes(api_of, person, django_assert_num_queries):
    client = api_of("nhf", "mentor@nhf.example")
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))
    client.get("/api/v1/me/")
    seen = UserSession.objects.get().last_seen_at
    assert timezone.now() - seen < timedelta(minutes=1)
    client.get("/api/v1/me/")
    assert UserSession.objects.get().last_seen_at == seen


def test_guessing_at_one_account_ends_after_ten(api_of):
    for attempt in range(ACCOUNT_ATTEMPTS.attempts):
        response = sign_in(api_of("nhf"), password="wrong", REMOTE_ADDR=f"192.0.2.{attempt}")
        assert response.status_code == 401
    # The right password doesn't help any more, and nor does another organisation's host.
    for organization in ("nhf", "blindeforbundet"):
        refused = sign_in(api_of(organization))
        assert refused.status_code == 429
        assert refused.json()["type"] == "/problems/rate-limited"
        assert 1 <= int(refused["Retry-After"]) <= ACCOUNT_ATTEMPTS.seconds


def test_guessing_from_one_address_ends_whatever_the_account(api_of):
    answers = [
        sign_in(api_of("nhf"), f"a{n}@nhf.example", "wrong").status_code
        for n in range(ADDRESS_ATTEMPTS.attempts + 1)
    ]
    assert answers == [401] * ADDRESS_ATTEMPTS.attempts + [429]


def test_a_right_password_forgives_the_wrong_ones_before(api_of):
    for _ in range(3):
        for _attempt in range(ACCOUNT_ATTEMPTS.attempts - 1):
            sign_in(api_of("nhf"), password="wrong")
        assert sign_in(api_of("nhf")).status_code == 200


def test_the_callers_address_is_taken_from_trusted_proxies_only(api_of, settings):
    from django.test import RequestFactory

    from api.core.limits import address_of

    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 192.0.2.7")
    assert address_of(request) == "10.0.0.1"
    settings.TRUSTED_PROXIES = 1
    assert address_of(request) == "192.0.2.7"
    settings.TRUSTED_PROXIES = 3
    assert address_of(request) == "10.0.0.1"


def test_writes_are_limited_per_session(api_of, settings, monkeypatch):
    from api.core import limits

    monkeypatch.setattr(limits, "WRITES_PER_SESSION", Limit("test-writes", attempts=0, seconds=60))
    response = api_of("nhf", "mentor@nhf.example").post("/api/v1/auth/logout/")
    assert response.status_code == 429


def test_counters_tell_nobody_who_tried(api_of):
    sign_in(api_of("nhf"), REMOTE_ADDR="192.0.2.77")
    keys = [bytes(key) for key in RateCounter.objects.values_list("key", flat=True)]
    assert keys
    assert all(len(key) == 32 and b"192" not in key for key in keys)


def test_old_counters_are_removed(db):
    limit = Limit("old", 1, 60)
    count(limit, "a")
    RateCounter.objects.update(expires_at=timezone.now() - timedelta(days=1))
    count(limit, "b")
    assert prune() == 1
    assert RateCounter.objects.count() == 1


def test_a_window_that_has_passed_is_counted_anew(db):
    limit = Limit("window", 1, 60)
    count(limit, "a")
    with pytest.raises(TooManyAttempts):
        count(limit, "a")
    forgive(limit, "a")
    count(limit, "a")
