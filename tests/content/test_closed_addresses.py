"""Addresses of Wagtail's admin that are shut, and those only administrators open."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db
ADMIN, COORDINATOR = "admin@nhf.example", "coordinator@nhf.example"

SHUT = [
    "users/", "users/add/", "users/1/", "groups/", "groups/new/", "pages/", "pages/1/", "pages/1/edit/",
    "pages/search/", "pages/1/add_subpage/", "choose-page/", "choose-page/1/", "choose-page/search/",
    "reports/site-history/", "reports/site-history/results/", "reports/locked/", "reports/workflow/",
    "reports/workflow_tasks/", "reports/aging-pages/", "reports/page-types-usage/", "redirects/", "sites/",
    "sites/new/", "locales/", "password_reset/", "api/main/pages/", "api/main/images/", "api/main/documents/",
    "bulk/identity/user/delete/", "bulk/identity/user/assign_role/", "bulk/identity/user/set_active_state/",
    "bulk/wagtailcore/page/delete/", "translation/submit/page/1/", "images/1/generate_url/",
    "failwhale/", "test404/",
]  # fmt: skip
# What an administrator manages and a coordinator doesn't.
ADMINISTRATORS = [
    "wagtailadmin_workflows:index",
    "wagtailadmin_workflows:task_index",
    "wagtailadmin_collections:index",
]


@pytest.mark.parametrize("path", SHUT)
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_is_shut_for_administrators_too(nhf, browser_of, path, method):
    assert getattr(browser_of("nhf", ADMIN), method)(f"/admin/{path}?id=1").status_code == 404


@pytest.mark.parametrize("name", ADMINISTRATORS)
def test_reviews_and_collections_are_managed_by_administrators(nhf, browser_of, name):
    assert browser_of("nhf", ADMIN).get(reverse(name)).status_code == 200
    assert browser_of("nhf", COORDINATOR).get(reverse(name)).status_code in (302, 403)


def test_an_administrator_changes_the_review_although_there_are_no_pages(nhf, browser_of):
    from wagtail.models import Workflow

    workflow = Workflow.objects.get()
    page = browser_of("nhf", ADMIN).get(reverse("wagtailadmin_workflows:edit", args=[workflow.pk]))
    assert page.status_code == 200
    assert b"FAQ" in page.content
    assert b"workflow-content-types" in page.content
    assert b'id="workflow-pages"' not in page.content


@pytest.mark.parametrize(
    "name",
    [
        "wagtailadmin_choose_page_external_link",
        "wagtailadmin_choose_page_email_link",
        "wagtailadmin_choose_page_phone_link",
    ],
)
def test_the_link_button_offers_addresses_and_no_pages(nhf, browser_of, name):
    page = browser_of("nhf", COORDINATOR).get(reverse(name)).content.decode()
    assert "choose-page/" not in page.replace("\\u002D", "-")


def test_the_admins_first_page_shows_no_page_explorer(nhf, browser_of):
    page = browser_of("nhf", ADMIN).get("/admin/").content.decode()
    assert "wagtailadmin_explore" not in page
    assert 'href="/admin/pages/' not in page
