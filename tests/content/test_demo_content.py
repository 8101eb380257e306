"""The demo content: believable, of every kind, made once."""

import pytest
from django_tenants.utils import schema_context
from wagtail.models import WorkflowState

from cms.demo.content import seed_content
from cms.models import ConversationCard, CustomImage, FaqCategory, FaqEntry, ResourceLink
from cms.models.base import Audience
from domain.audit.models import AuditEvent


@pytest.mark.parametrize("organization", ["nhf", "blindeforbundet"])
def test_an_organisation_gets_content_in_all_states_languages_and_audiences(demo_database, organization):
    with schema_context(organization):
        _has_content_of_all_kinds()


def _has_content_of_all_kinds():
    nb = {"locale__language_code": "nb"}
    assert FaqEntry.objects.filter(**nb).count() >= 12
    assert ResourceLink.objects.filter(**nb).count() >= 10
    assert ConversationCard.objects.filter(**nb).count() >= 16
    for model in (FaqEntry, ResourceLink, ConversationCard):
        assert set(model.objects.values_list("locale__language_code", flat=True)) == {"nb", "nn", "en"}
        assert set(model.objects.values_list("live", flat=True)) == {True, False}
        for item in model.objects.all():
            item.full_clean()
    assert set(FaqEntry.objects.values_list("audience", flat=True)) == set(Audience.values)
    everything = [*FaqEntry.objects.all(), *ResourceLink.objects.all()]
    assert any(item.scheduled_revision for item in everything)
    assert any(item.live and item.has_unpublished_changes for item in everything)
    assert WorkflowState.objects.filter(status="in_progress").count() >= 1
    assert all(image.description for image in CustomImage.objects.all())
    assert AuditEvent.objects.filter(action="faq.published", actor_label__contains="").exists()


@pytest.mark.django_db
def test_an_organisation_with_content_of_its_own_gets_none(nhf, make):
    make.category("Vår egen")
    assert seed_content() is False
    assert FaqCategory.objects.count() == 1


def test_the_two_organisations_say_different_things():
    from cms.demo.content import CONTENTS

    def titles(content):
        return {item.question for group in content.faqs for item in group.items} | {
            item.title for deck in content.decks for item in deck.items
        }

    assert not titles(CONTENTS["nhf"]) & titles(CONTENTS["blindeforbundet"])


def test_the_platform_answers_questions_about_the_product(demo_database):
    with schema_context("platform"):
        assert FaqEntry.objects.filter(audience="public", live=True, locale__language_code="nb").count() >= 6
        assert FaqEntry.objects.filter(live=True, locale__language_code="en").exists()
        assert ResourceLink.objects.filter(live=True).exists()
