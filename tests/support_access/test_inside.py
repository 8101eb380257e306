"""What support sees and does under a grant, for how long, and what the organisation's record says of it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context

from cms.demo.organizations import PASSWORD
from domain.access.roles import SUPPORT, support_permissions
from domain.audit.models import AuditEvent
from domain.identity.choices import SupportArea
from domain.identity.models import SupportAccessGrant, User
from tenants.db import connection

pytestmark = pytest.mark.django_db
DEVICE = {"name": "Laptop", "platform": "web", "app_version": "1"}
ASSOCIATIONS, FAQS, MEMBERS = (
    "/api/v1/local-associations/",
    "/admin/content/faqs/",
    "/admin/local-memberships/",
)


def sign_in(client, email):
    return client.post(
        "/api/v1/auth/password/", {"email": email, "password": PASSWORD, "device": DEVICE}, format="json"
    )


def events(action: str) -> list[AuditEvent]:
    with schema_context("nhf"):
        return list(AuditEvent.objects.filter(action=action).order_by("at"))


def end_now(grant) -> None:
    SupportAccessGrant.objects.filter(pk=grant.pk).update(
        starts_at=timezone.now() - timedelta(hours=2), ends_at=timezone.now() - timedelta(seconds=1)
    )


def test_every_area_has_its_rights_and_none_leads_further():
    assert set(SUPPORT) == set(SupportArea.values)
    everything = support_permissions(SupportArea.values, write=True)
    for app, words in {
        "access": ("add_", "change_", "delete_"),
        "audit": ("",),
        "identity": ("add_", "change_", "delete_", "view_supportaccessgrant", "view_usersession"),
        "sales": ("",),
        "tenants": ("",),
        "people": ("delete_", "export_", "read_health", "meet_"),
    }.items():
        for word in words:
            assert not [name for name in everything if name.startswith(f"{app}.{word}")], (app, word)
    assert "config.change_organizationsettings" not in everything, "it says who lets support in"
    assert support_permissions(SupportArea.values, write=False) < everything
    assert not [p for p in support_permissions(SupportArea.values, write=False) if ".change_" in p]


def test_knowing_a_password_opens_nothing_without_a_grant(browser_of, api_of, staff, platform):
    assert sign_in(api_of("nhf"), staff.email).status_code == 401
    browser = browser_of("nhf")
    answer = browser.post("/admin/login/", {"username": staff.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert browser.get("/admin/").status_code == 302


def test_a_token_of_the_platforms_is_refused_on_everything_of_an_organisation(api_of, staff, platform):
    token = sign_in(api_of("platform"), staff.email).json()["access_token"]
    api = api_of("nhf")
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    for address in ("me/", "local-associations/", "content/faqs/", "audit-events/", "support-access-grants/"):
        answer = api.get(f"/api/v1/{address}")
        assert answer.status_code == 403, address
        assert answer.json()["type"] == "/problems/support-access-required"
    member = api_of("blindeforbundet", "admin@blindeforbundet.example")
    member.defaults["HTTP_HOST"] = "nhf.localhost"
    assert member.get("/api/v1/me/").status_code == 401, "of others nothing is told"


def test_a_request_alone_opens_nothing(ask, api_of, staff):
    ask()
    assert sign_in(api_of("nhf"), staff.email).status_code == 401


def test_under_a_grant_the_api_shows_its_areas_and_nothing_else(let_in, api_of, staff):
    grant = let_in()
    api = api_of("nhf")
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(api, staff.email).json()['access_token']}")
    me = api.get("/api/v1/me/").json()
    assert me["roles"] == []
    assert (me["support"]["areas"], me["support"]["access"]) == (list(grant.areas), "read")
    refused = api.patch("/api/v1/me/", {"first_name": "Other"}, format="json")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-allowed")
    assert set(me["permissions"]) == set(support_permissions(grant.areas, write=False))
    assert api.get(ASSOCIATIONS).status_code == 200
    closed = (
        "local-association-memberships/",
        "users/",
        "sessions/",
        "audit-events/",
        "support-access-grants/",
    )
    for address in closed:
        answer = api.get(f"/api/v1/{address}")
        assert answer.status_code == 403 or answer.json()["results"] == [], address
    assert api.get("/api/v1/auth/sessions/").status_code == 403
    assert api.post("/api/v1/auth/logout/").status_code == 204


def test_under_a_grant_for_members_support_reads_people_and_who_they_are_stays_theirs(let_in, api_of, staff):
    let_in(areas=["members"])
    api = api_of("nhf")
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(api, staff.email).json()['access_token']}")
    rows = api.get("/api/v1/users/", {"expand": "contact"}).json()["results"]
    assert "mentor@nhf.example" in {row["expanded"]["contact"]["email"] for row in rows}
    assert str(staff.pk) not in {row["id"] for row in rows}
    made = api.post("/api/v1/users/", {"first_name": "A", "last_name": "B"}, format="json")
    assert made.status_code == 403
    assert api.get("/api/v1/sessions/").json()["results"] == []


def test_under_a_grant_the_admin_shows_its_areas_and_a_banner(let_in, browser_of, staff):
    let_in()
    browser = browser_of("nhf")
    answer = browser.post("/admin/login/", {"username": staff.email, "password": PASSWORD})
    assert answer.status_code == 302
    page = browser.get(FAQS)
    assert page.status_code == 200
    text = page.content.decode()
    assert "support-banner" in text
    assert "Unni Berg" in text
    assert "Bare lesing" in text
    for closed in (MEMBERS, "/admin/settings/", "/admin/audit/", "/admin/support-access/", "/admin/images/"):
        assert browser.get(closed).status_code in (302, 403, 404), closed
    assert browser.get("/admin/content/faqs/add/").status_code in (302, 403)
    assert browser.get("/admin/account/").status_code == 403


def test_members_see_no_banner(browser_of, nhf):
    assert "support-banner" not in browser_of("nhf", "admin@nhf.example").get("/admin/").content.decode()


def test_the_end_bites_between_two_requests(let_in, api_of, browser_of, staff):
    grant = let_in()
    api, browser = api_of("nhf", staff.email), browser_of("nhf", staff.email)
    assert api.get(ASSOCIATIONS).status_code == 200
    assert browser.get(FAQS).status_code == 200
    end_now(grant)
    assert api.get(ASSOCIATIONS).status_code == 403
    ended = browser.get(FAQS)
    assert ended.status_code == 403
    assert "Supporttilgangen er over" in ended.content.decode()
    assert browser.get(FAQS).status_code == 302, "the sign-in page from then on"


def test_whoever_is_no_longer_support_is_out_at_once(let_in, api_of, staff):
    let_in()
    api = api_of("nhf", staff.email)
    assert api.get(ASSOCIATIONS).status_code == 200
    with connection.as_owner():
        User.objects.filter(pk=staff.pk).update(platform_role="sales")
    assert api.get(ASSOCIATIONS).status_code in (401, 403)


def test_every_request_is_on_the_organisations_record(let_in, api_of, browser_of, staff):
    grant = let_in()
    api_of("nhf", staff.email).get(f"{ASSOCIATIONS}?search=Grorud")
    browser_of("nhf", staff.email).get(FAQS)
    used = events("support-access.used")
    assert [event.changes["request"][1] for event in used] == [f"GET {ASSOCIATIONS} 200", f"GET {FAQS} 200"]
    for event in used:
        assert (event.grant_id, event.actor_id, event.object_id) == (grant.pk, staff.pk, str(grant.pk))
        assert event.session_id is not None
    with schema_context("platform"):
        assert not AuditEvent.objects.filter(action="support-access.used").exists()


def test_what_is_written_under_a_grant_names_it_on_the_record(let_in, browser_of, staff):
    grant = let_in(areas=["settings"], access="write")
    browser = browser_of("nhf", staff.email)
    answer = browser.post(
        "/admin/settings/terminology/faq/",
        {
            "nb-singular": "svar",
            "nb-plural": "svar",
            "nb-definite_singular": "svaret",
            "nb-definite_plural": "svarene",
            "nb-version": "",
        },
    )
    assert answer.status_code in (200, 302)
    with schema_context("nhf"):
        by_staff = AuditEvent.objects.filter(actor_id=staff.pk).exclude(action="support-access.requested")
        assert by_staff.exists()
        assert set(by_staff.values_list("grant_id", flat=True)) == {grant.pk}


def test_a_grant_of_one_organisation_opens_no_other(let_in, api_of, browser_of, staff):
    let_in()
    assert sign_in(api_of("blindeforbundet"), staff.email).status_code == 401
    assert browser_of("blindeforbundet", staff.email).get("/admin/").status_code == 302
