"""From a phone call to an approved visit: the coordinator in the admin, the peer mentor with the app."""

import base64
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone, translation
from django_tenants.utils import schema_context
from playwright.sync_api import Page

from cms.demo.organizations import PASSWORD
from domain.assignments.queries import Candidate, candidates
from domain.associations.standing import scope_of_user
from domain.certification.choices import RoleContext
from domain.identity.models import User
from tests.support.browser import PHONE, chromium, expect, keep, sign_in, visitor

pytestmark = pytest.mark.browser
COORDINATOR = "coordinator@nhf.example"
FIRST, LAST, PHONE_NUMBER = "Jorunn", "Storyberg", "00 00 77 41"
DIAGNOSIS = "Nyoperert hofte, bruker rullator"
# The smallest picture there is.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def mentors() -> tuple[list[Candidate], list[Candidate]]:
    """Whom the coordinator may ask, and whom not."""
    with schema_context("nhf"), translation.override("nb"):
        found = candidates(scope_of_user(User.objects.get(email=COORDINATOR)), RoleContext.MENTOR)
    fit = [each for each in found if not each.reason and each.user.email]
    return fit, [each for each in found if each.reason]


class App:
    """What the mentor's phone calls."""

    def __init__(self, http: httpx.Client, email: str):
        self.http = http
        device = {"name": "Telefonen", "platform": "android", "app_version": "1.0"}
        tokens = self.post("auth/password/", email=email, password=PASSWORD, device=device)
        http.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def get(self, path: str, **params) -> dict:
        return self.answer(self.http.get(f"/api/v1/{path}", params=params))

    def post(self, path: str, **body) -> dict:
        return self.answer(self.http.post(f"/api/v1/{path}", json=body))

    def answer(self, response: httpx.Response) -> dict:
        assert response.is_success, (response.request.url.path, response.status_code, response.text)
        return response.json()


def register(page: Page, site) -> None:
    """The form of a new contact, filled in as somebody calls."""
    page.goto(site.url("nhf", "/admin/contacts/new/"))
    for name, text in (("first_name", FIRST), ("last_name", LAST), ("phone", PHONE_NUMBER)):
        page.locator(f"input[name={name}]").fill(text)
    page.locator("#id_local_association-chooser [data-chooser-action-choose]:visible").click()
    page.locator(".modal-body [data-chooser-modal-choice]").first.click()
    expect(page.locator(".modal-body")).to_be_hidden()
    page.locator("main form [type=submit]").first.click()


def test_from_a_call_to_an_approved_visit(demo_site, tmp_path):
    fit, unfit = mentors()
    assert fit and unfit, "the demo has mentors who may be assigned, and others"
    mentor = fit[0].user
    with chromium() as browser, demo_site.client("nhf") as http:
        page = visitor(browser, PHONE)
        sign_in(page, demo_site, "nhf", COORDINATOR)

        register(page, demo_site)
        page.wait_for_url("**/admin/contacts/inspect/**")
        contact = page.url.rstrip("/").rsplit("/", 1)[-1]
        keep(page, tmp_path, "story-contact")
        # Registered a second time, they are compared before anything is written.
        register(page, demo_site)
        expect(page.locator("main")).to_contain_text(f"{FIRST} {LAST}")
        expect(page.locator("input[name=duplicate_checked]")).to_be_visible()
        keep(page, tmp_path, "story-duplicate")

        page.goto(demo_site.url("nhf", f"/admin/contacts/assign-mentor/{contact}/?user={mentor.pk}"))
        page.locator("main form [type=submit]").first.click()
        page.wait_for_url("**/admin/contacts/inspect/**")
        expect(page.locator("main")).to_contain_text(str(mentor))
        page.goto(demo_site.url("nhf", f"/admin/assignments/dispatch/?role_context=mentor&contact={contact}"))
        # Whose certificate has run out can't be chosen, and it says why.
        for each in unfit[:1]:
            expect(page.locator(f"input[name=recipient][value='{each.user.pk}']")).to_be_disabled()
            expect(page.locator("main")).to_contain_text(str(each.reason))
        page.locator(f"input[name=recipient][value='{mentor.pk}']").check()
        page.locator("textarea[name=medical_summary]").fill(DIAGNOSIS)
        keep(page, tmp_path, "story-dispatch")
        page.locator("main form [type=submit]").first.click()
        page.wait_for_url(lambda url: "dispatch" not in url)

        app = App(http, mentor.email)
        [sent] = app.get("assignments/", received=True, status="sent", contact=contact)["results"]
        # Having just signed in, the mentor has proved who they are.
        opened = app.post(f"assignments/{sent['id']}/open/")
        assert opened["content"]["medical_summary"] == DIAGNOSIS
        words = app.get("assignment-consent-text/")
        assert app.post(f"assignments/{sent['id']}/accept/", text_sha256=words["sha256"])

        # The visit, with a picture and what is to be done next.
        kind = next(each for each in app.get("activity-types/")["results"] if each["key"] == "home-visit")
        visit = app.post(
            "activities/",
            type=kind["id"],
            started_at=(timezone.now() - timedelta(hours=3)).isoformat(),
            duration_minutes=75,
            mode="physical",
            place="Hjemme",
            contact_ids=[contact],
            submit=True,
        )
        assert (visit["status"], visit["counts"]) == ("submitted", True)
        file = app.answer(http.post("/api/v1/files/", files={"file": ("stua.png", PICTURE, "image/png")}))
        app.post("activity-attachments/", activity=visit["id"], file=file["id"])
        app.post(
            "home-visit-reports/",
            activity=visit["id"],
            health_status="Går bedre i trapper",
            new_follow_ups=[{"what": "Ring om gelenderet", "due_on": timezone.localdate().isoformat()}],
        )

        # What came of it, where the coordinator looks.
        page.goto(demo_site.url("nhf", "/admin/assignments/?status=accepted"))
        expect(page.locator("main")).to_contain_text(str(mentor))
        page.goto(demo_site.url("nhf", f"/admin/activities/review/#activity-{visit['id']}"))
        item = page.locator(f"#activity-{visit['id']}")
        expect(item).to_contain_text(f"{FIRST} {LAST}")
        keep(page, tmp_path, "story-review")
        item.locator("[data-approve] button").click()
        expect(item).to_have_count(0)
        page.goto(demo_site.url("nhf", f"/admin/contacts/inspect/{contact}/"))
        expect(page.locator("main")).to_contain_text("Ring om gelenderet")
        keep(page, tmp_path, "story-overview")
        assert app.get(f"activities/{visit['id']}/")["status"] == "approved"
        assert app.post(f"assignments/{sent['id']}/complete/")["status"] == "completed"
