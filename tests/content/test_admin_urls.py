"""Every address of the six kinds of content, for each role and for another organisation."""

import copy
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import transaction
from django.urls import get_resolver, reverse
from django_tenants.utils import schema_context
from wagtail.models import TaskState

from cms import rules
from cms.models import (
    CardDeck,
    ConversationCard,
    FaqCategory,
    FaqEntry,
    ResourceCategory,
    ResourceLink,
)
from domain.identity.models import User

from .conftest import Make

pytestmark = pytest.mark.django_db
MODELS = [FaqEntry, FaqCategory, ResourceLink, ResourceCategory, ConversationCard, CardDeck]
ADMIN, COORDINATOR, MENTOR = "admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example"
# Names of views a coordinator, who writes drafts, may open; of categories they may see the list only.
COORDINATOR_ITEM = {
    "list", "list_results", "add", "edit", "usage", "history", "history_results", "preview_on_add",
    "preview_on_edit", "revisions_view", "revisions_revert", "revisions_compare", "workflow_history",
    "workflow_history_detail",
    # Cancelling their own review; the dialogue is made for scripts.
    "confirm_workflow_cancellation",
}  # fmt: skip
COORDINATOR_CATEGORY = {"list", "list_results"}
# Answered otherwise than by a page: POST only, or a dialogue for scripts.
POST_ONLY = {"lock", "unlock", "reorder"}


@pytest.fixture(scope="module")
def content(django_db_setup, django_db_blocker) -> dict[type, Any]:
    """An item of each kind, with an earlier revision and a review going on, and its category.

    Made once, in a transaction that is rolled back; what a test does to them is undone after it.
    """
    make, objects = Make(), {}
    with django_db_blocker.unblock(), transaction.atomic():
        with schema_context("nhf"):
            writer = User.objects.get(email=COORDINATOR)
            for item in (make.faq("Hva?"), make.link("Helse"), make.card("Start")):
                draft = type(item).objects.get(pk=item.pk).get_latest_revision_as_object()
                rules.edit(draft, by=writer)
                draft = type(item).objects.get(pk=item.pk)
                draft.get_workflow().start(draft, writer)
                objects[type(item)] = draft
                objects[type(item.group)] = item.group
        yield objects
        transaction.set_rollback(True)


@pytest.fixture
def one_of_each(content, nhf) -> dict[type, Any]:
    """The content, with the organisation selected that it belongs to."""
    return content


def addresses(obj) -> dict[str, str]:
    """{view name: address} of everything the viewset registers, with the object's own numbers."""
    viewset = type(obj).snippet_viewset
    revisions = (
        list(obj.revisions.order_by("pk").values_list("pk", flat=True)) if hasattr(obj, "revisions") else []
    )
    state = TaskState.objects.filter(workflow_state__object_id=str(obj.pk)).first()
    values = {
        "pk": str(obj.pk),
        "revision_id": revisions[0] if revisions else 0,
        "revision_id_a": revisions[0] if revisions else 0,
        "revision_id_b": revisions[-1] if revisions else 0,
        "action_name": "approve",
        "task_state_id": state.pk if state else 0,
        "task_id": state.task_id if state else 0,
        "workflow_state_id": state.workflow_state_id if state else 0,
    }
    found = {}
    for pattern in viewset.get_urlpatterns():
        if pattern.name.startswith("import"):
            continue  # Importing has tests of its own.
        names = pattern.pattern.regex.groupindex
        arguments = {name: values[name] for name in names}
        found[pattern.name] = unquote(reverse(viewset.get_url_name(pattern.name), kwargs=arguments))
    return found


def statuses(client, obj) -> dict[str, int]:
    return {name: client.get(address).status_code for name, address in addresses(obj).items()}


@pytest.mark.parametrize("model", MODELS)
def test_an_administrator_opens_every_page(one_of_each, browser_of, model):
    got = statuses(browser_of("nhf", ADMIN), one_of_each[model])
    bad = {name: status for name, status in got.items() if status not in (200, 302)}
    assert {name for name in bad if bad[name] == 405} <= POST_ONLY
    assert {name: status for name, status in bad.items() if status != 405} == {}


@pytest.mark.parametrize("model", MODELS)
def test_a_coordinator_opens_what_writing_drafts_needs_and_nothing_else(one_of_each, browser_of, model):
    client = browser_of("nhf", COORDINATOR)
    allowed = (
        COORDINATOR_ITEM if "publish" in str(model.snippet_viewset.order_permission) else COORDINATOR_CATEGORY
    )
    for name, address in addresses(one_of_each[model]).items():
        response = client.get(address)
        if name in allowed:
            assert response.status_code == 200, name
        elif response.status_code == 302:
            # Wagtail refuses by a message on the admin's first page.
            assert response.headers["Location"] in (reverse("wagtailadmin_home"), f"/admin/{address}"), name
        else:
            assert response.status_code in (403, 404, 405), name


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("email", [MENTOR, None])
def test_a_peer_mentor_and_a_stranger_get_the_login_page_at_most(one_of_each, browser_of, model, email):
    client = browser_of("nhf", email)
    for name, address in addresses(one_of_each[model]).items():
        for response in (client.get(address), client.post(address)):
            assert response.status_code in (302, 403), name
            if response.status_code == 302:
                assert "/admin/login/" in response.headers["Location"], name


@pytest.mark.parametrize("model", MODELS)
def test_an_administrator_of_another_organisation_finds_nothing(one_of_each, browser_of, model):
    elsewhere = browser_of("blindeforbundet", "admin@blindeforbundet.example")
    intruder = browser_of("nhf", None)
    intruder.cookies = copy.deepcopy(elsewhere.cookies)
    for name, address in addresses(one_of_each[model]).items():
        if str(one_of_each[model].pk) in address:
            assert elsewhere.get(address).status_code in (404, 405), name
            assert elsewhere.post(address).status_code == 404, name
        # The session of one host is no session on another.
        assert "/admin/login/" in intruder.get(address).headers.get("Location", ""), name


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("pk", ["999999", "../../../etc"])
def test_an_id_that_is_none_is_not_found(one_of_each, browser_of, model, pk):
    client = browser_of("nhf", ADMIN)
    obj = one_of_each[model]
    for name, address in addresses(obj).items():
        if str(obj.pk) in address:
            address = address.replace(str(obj.pk), pk)
            assert client.get(address).status_code in (404, 405), name
            assert client.post(address).status_code == 404, name


def test_the_six_kinds_are_all_that_is_registered(nhf):
    from wagtail.snippets.models import get_snippet_models

    assert set(get_snippet_models()) >= set(MODELS)
    assert get_resolver()
