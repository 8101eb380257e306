"""Pages of Wagtail that failed, told too much or let the wrong people in: each held to what it should do."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django_tenants.utils import schema_context
from wagtail.images import get_image_model
from wagtail.models import Task

from cms.admin.file_rights import FilePolicy
from domain.access.rules import assign_role
from domain.identity.support import approve_grant, request_grant
from tenants.models import Organization

pytestmark = pytest.mark.django_db
ADMIN, COORDINATOR, MENTOR, STAFF = (
    "admin@nhf.example",
    "coordinator@nhf.example",
    "mentor@nhf.example",
    "owner@meander.example",
)


@pytest.mark.parametrize("kind", ["external", "email", "phone", "anchor"])
def test_a_link_that_was_not_typed_is_asked_for_again(nhf, browser_of, kind):
    client = browser_of("nhf", COORDINATOR)
    url = f"/admin/choose-{kind}-link/"
    for sent in ({}, {f"{kind}-link-chooser-url": ""}, {"x": "\x00"}):
        answer = client.post(url, sent)
        assert answer.status_code == 200, sent
        assert answer.json()["step"].startswith(kind)
        assert "error" in answer.json()["html"]
    for query in ("?link_url=http://[", "?link_url=mailto:a%00b"):
        assert client.get(url + query).status_code == 200
        assert client.post(url + query, {}).status_code == 200


def test_a_link_that_was_typed_is_taken(nhf, browser_of):
    client = browser_of("nhf", COORDINATOR)
    for address in ("https://example.no/a", "/faqs/", "/"):
        sent = {"external-link-chooser-url": address, "external-link-chooser-link_text": "A"}
        answer = client.post("/admin/choose-external-link/", sent).json()
        assert (answer["step"], answer["result"]["url"]) == ("external_link_chosen", address)


def test_tasks_of_reviews_are_chosen_by_whoever_changes_reviews(nhf, browser_of):
    names = [("task_chooser", []), ("task_chooser_results", []), ("task_chooser_create", [])]
    for name, arguments in [*names, ("task_chosen", [Task.objects.first().pk])]:
        url = reverse(f"wagtailadmin_workflows:{name}", args=arguments)
        assert browser_of("nhf", ADMIN).get(url).status_code == 200
        assert browser_of("nhf", COORDINATOR).get(url).status_code in (302, 403)


def test_who_may_not_change_content_does_not_learn_whether_it_exists(nhf, browser_of, person, make):
    assign_role(person(MENTOR), "finance", by=None)
    entry = make.faq("Hva koster det?", make.category("Økonomi"))
    client = browser_of("nhf", MENTOR)
    answers = []
    for pk in (entry.pk, "018f3f2a-0000-7000-8000-000000000000"):
        answer = client.get(f"/admin/content/faqs/workflow/confirm_cancellation/{pk}/")
        answers.append((answer.status_code, answer.get("Location"), answer.content))
    assert answers[0] == answers[1]
    assert answers[0][0] in (302, 403)
    url = f"/admin/content/faqs/workflow/confirm_cancellation/{entry.pk}/"
    assert browser_of("nhf", ADMIN).get(url).json()["step"] == "no_confirmation_needed"


@pytest.mark.parametrize("access", ["read", "write"])
def test_support_that_was_let_see_files_chooses_them_and_changes_them_only_to_write(nhf, person, access):
    policy = FilePolicy(
        get_image_model(), auth_model="wagtailimages.Image", owner_field_name="uploaded_by_user"
    )
    with schema_context("platform"):
        grant = request_grant(
            Organization.objects.get(schema_name="nhf"),
            by=person(STAFF),
            areas=["files"],
            access=access,
            reason="A picture doesn't show",
            ends_at=timezone.now() + timedelta(hours=1),
        )
    with schema_context("nhf"):
        approve_grant(grant, by=person(ADMIN))
        staff = person(STAFF)
        assert policy.user_has_permission(staff, "choose")
        assert policy.user_has_permission(staff, "add") == (access == "write")
        assert policy.collections_user_has_permission_for(staff, "choose").count() >= 1
