"""A person chooses their language once: for the admin of every organisation and for mail."""

import pytest
from django.utils import translation
from django_tenants.utils import schema_context, tenant_context
from wagtail.log_actions import LogContext
from wagtail.models import GroupApprovalTask, Workflow
from wagtail.users.models import UserProfile

from cms.provisioning import create_review_workflow, name_review_workflow
from domain.access.choices import Role
from domain.access.members import add_member
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, NotAllowed
from domain.identity.models import User
from domain.identity.rules import choose_language
from tenants.models import Organization

ACCOUNT = "/admin/account/"
EMAIL = "admin@nhf.example"


@pytest.fixture(autouse=True)
def _undecided(db):
    """Nobody has chosen a language yet."""
    User.objects.update(language="")


def save(browser, language: str):
    return browser.post(
        ACCOUNT,
        {
            "language-language": language,
            "theme-theme": "system",
            "theme-contrast": "system",
            "theme-density": "default",
            "notifications-submitted_notifications": "on",
        },
        follow=True,
    )


def language_of(response) -> str:
    return response.content.decode().split('lang="', 1)[1].split('"', 1)[0]


@pytest.mark.parametrize("language", ["nn", "nb", "en"])
def test_the_choice_comes_before_the_browsers_language_in_every_organisation(browser_of, person, language):
    add_member(
        Organization.objects.get(schema_name="blindeforbundet"), email=EMAIL, role=Role.COORDINATOR, by=None
    )
    browser = browser_of("nhf", EMAIL)
    other = {"nn": "en", "nb": "en", "en": "nb"}[language]
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = other
    assert language_of(browser.get(ACCOUNT)) == other
    answer = save(browser, language)
    assert answer.status_code == 200
    assert person(EMAIL).language == language
    elsewhere = browser_of("blindeforbundet", EMAIL)
    elsewhere.defaults["HTTP_ACCEPT_LANGUAGE"] = other
    assert language_of(browser.get("/admin/")) == language_of(elsewhere.get("/admin/")) == language
    save(browser, "")
    assert person(EMAIL).language == ""
    assert language_of(elsewhere.get("/admin/")) == other


def test_an_unknown_language_is_refused_and_the_choice_is_recorded(browser_of, person, nhf):
    browser = browser_of("nhf", EMAIL)
    assert save(browser, "sv").status_code == 200
    assert person(EMAIL).language == ""
    save(browser, "nn")
    with tenant_context(nhf):
        event = AuditEvent.objects.get(action="person.language-changed")
    assert event.actor_id == person(EMAIL).pk
    assert event.changes == {"language": ["", "nn"]}
    with pytest.raises(InvalidInput):
        choose_language(person(EMAIL), language="sv", by=person(EMAIL))
    with pytest.raises(NotAllowed):
        choose_language(person(EMAIL), language="nb", by=person("coordinator@nhf.example"))


def test_what_wagtail_kept_for_one_organisation_no_longer_counts(browser_of, person, nhf):
    profile = UserProfile.get_for_user(person(EMAIL))
    UserProfile.objects.filter(pk=profile.pk).update(preferred_language="nb")
    browser = browser_of("nhf", EMAIL)
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert language_of(browser.get("/admin/")) == "en"


def test_mail_is_in_the_recipients_language_or_else_the_organisations(person, nhf):
    """Wagtail's notices ask this of each recipient while the sender's language is active."""
    sender, recipient = person("admin@nhf.example"), person("coordinator@nhf.example")
    Organization.objects.filter(pk=nhf.pk).update(default_language="nn")
    with LogContext(user=sender), translation.override("en"):
        profile = UserProfile.get_for_user(recipient)
        assert profile.get_preferred_language() == "nn"
        choose_language(recipient, language="nb", by=recipient)
        assert UserProfile.get_for_user(recipient).get_preferred_language() == "nb"


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ("Review", "Approval by an administrator")),
        ("nn", ("Godkjenning", "Godkjenning av ein administrator")),
    ],
)
def test_a_new_organisation_has_its_workflow_named_in_its_language(nhf, language, names):
    Workflow.objects.all().delete()
    GroupApprovalTask.objects.all().delete()
    create_review_workflow()
    name_review_workflow(Organization(default_language=language))
    assert (Workflow.objects.get().name, GroupApprovalTask.objects.get().name) == names


def test_a_name_that_an_organisation_gave_is_kept(nhf):
    Workflow.objects.update(name="Vår egen")
    name_review_workflow(Organization(default_language="en"))
    assert Workflow.objects.get().name == "Vår egen"
    with schema_context("nhf"):
        assert Workflow.objects.count() == 1
