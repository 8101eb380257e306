"""What may happen to content, whoever asks: order, drafts, audience, categories, translations."""

import pytest
from django.db import connection
from django.utils import timezone
from wagtail.models import Revision

from cms import rules
from cms.models import Audience, FaqCategory, FaqEntry
from domain.access.queries import scope_for
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.core.models import WrongSchemaError

from .conftest import locale

pytestmark = pytest.mark.django_db


def order_of(category) -> list[str]:
    return list(
        FaqEntry.objects.filter(category=category).order_by("sort_order").values_list("question", flat=True)
    )


@pytest.fixture
def three(nhf, make):
    category = make.category()
    return category, [make.faq(question, category) for question in ("Hva?", "Hvem?", "Hvor?")]


def test_a_new_item_comes_last_in_its_category(three):
    category, _items = three
    assert order_of(category) == ["Hva?", "Hvem?", "Hvor?"]


@pytest.mark.parametrize(
    ("moved", "to", "result"),
    [
        (2, 0, ["Hvor?", "Hva?", "Hvem?"]),
        (0, 99, ["Hvem?", "Hvor?", "Hva?"]),
        (1, 1, ["Hva?", "Hvem?", "Hvor?"]),
    ],
)
def test_an_item_is_moved_within_its_category(three, moved, to, result):
    category, items = three
    rules.reorder(items[moved], to, by=None)
    assert order_of(category) == result


def test_moving_an_item_leaves_other_categories_alone(three, make):
    other = make.faq("Når?", make.category("Annet"))
    before = FaqEntry.objects.get(pk=other.pk).version
    rules.reorder(three[1][2], 0, by=None)
    assert FaqEntry.objects.get(pk=other.pk).version == before


def test_every_row_whose_place_changes_gets_a_new_version(three):
    _category, items = three
    before = dict(FaqEntry.objects.values_list("question", "version"))
    rules.reorder(items[1], 0, by=None)
    after = dict(FaqEntry.objects.values_list("question", "version"))
    assert {name for name in after if after[name] > before[name]} == {"Hva?", "Hvem?"}


def test_categories_have_an_order_of_their_own_in_each_language(nhf, make):
    names = [make.category(name) for name in ("En", "To")]
    make.category("One", code="en")
    rules.reorder(names[1], 0, by=None)
    assert list(FaqCategory.objects.filter(locale=locale()).values_list("name", flat=True)) == ["To", "En"]
    assert FaqCategory.objects.get(name="One").sort_order == 1


def test_publishing_a_draft_keeps_the_order_that_was_changed_meanwhile(three, person):
    category, items = three
    admin = person("admin@nhf.example")
    draft = FaqEntry.objects.get(pk=items[0].pk)
    draft.question = "Hva er dette?"
    rules.edit(draft, by=admin)
    rules.reorder(items[0], 2, by=admin)
    rules.publish(items[0], by=admin)
    assert order_of(category) == ["Hvem?", "Hvor?", "Hva er dette?"]


def test_versions_only_grow_and_creation_stays_what_it_was(three, person):
    item = three[1][0]
    seen = [FaqEntry.objects.get(pk=item.pk).version]
    created = FaqEntry.objects.get(pk=item.pk).created_at
    for number in range(3):
        draft = FaqEntry.objects.get(pk=item.pk).get_latest_revision_as_object()
        draft.question = f"Utgave {number}"
        rules.edit(draft, by=person("admin@nhf.example"))
        FaqEntry.objects.filter(pk=item.pk).update(updated_at=timezone.now())
        rules.publish(item, by=person("admin@nhf.example"))
        seen.append(FaqEntry.objects.get(pk=item.pk).version)
    assert seen == sorted(set(seen))
    row = FaqEntry.objects.get(pk=item.pk)
    assert (row.created_at, row.updated_by, row.question) == (
        created,
        person("admin@nhf.example"),
        "Utgave 2",
    )


def test_an_old_revision_brings_back_its_text_and_nothing_else(three, person):
    item = three[1][0]
    first = item.latest_revision
    draft = FaqEntry.objects.get(pk=item.pk)
    draft.question = "Nytt?"
    rules.edit(draft, by=None, publish=True)
    rules.unpublish(item, by=None)
    old = Revision.objects.get(pk=first.pk).as_object()
    row = FaqEntry.objects.get(pk=item.pk)
    assert old.question == "Hva?"
    for name in ("version", "created_at", "change_xid", "sort_order", "live", "live_revision_id", "expired"):
        assert getattr(old, name) == getattr(row, name), name


def test_a_draft_of_one_organisation_cannot_be_saved_in_another(nhf, make):
    item = make.faq("Hva?")
    draft = item.latest_revision.as_object()
    connection.set_schema("blindeforbundet")
    with pytest.raises(WrongSchemaError):
        draft.save()
    connection.set_schema("nhf")


def test_publishing_needs_the_right_to_publish(nhf, make, person):
    item = make.faq("Hva?", live=False)
    with pytest.raises(NotAllowed):
        rules.publish(item, by=person("coordinator@nhf.example"))
    assert not FaqEntry.objects.get(pk=item.pk).live


def test_publishing_what_is_published_says_so(nhf, make, person):
    with pytest.raises(InvalidState, match="published already"):
        rules.publish(make.faq("Hva?"), by=person("admin@nhf.example"))


def test_a_locked_item_is_left_alone_by_others(nhf, make, person):
    item = make.faq("Hva?", live=False)
    FaqEntry.objects.filter(pk=item.pk).update(locked=True, locked_by=person("coordinator@nhf.example"))
    for act in (rules.publish, rules.delete):
        with pytest.raises(InvalidState, match="locked"):
            act(item, by=person("admin@nhf.example"))


def test_an_incomplete_draft_is_not_published(nhf, make, person):
    item = make.faq("Hva?", live=False)
    draft = FaqEntry.objects.get(pk=item.pk)
    draft.question = ""
    draft.save_revision(clean=False)
    with pytest.raises(InvalidInput) as refused:
        rules.publish(item, by=person("admin@nhf.example"))
    assert refused.value.field == "question"


def test_a_moved_item_comes_last_in_the_new_category_for_readers_and_in_the_draft(three, make, person):
    _category, items = three
    target = make.category("Annet")
    make.faq("Når?", target)
    draft = FaqEntry.objects.get(pk=items[0].pk)
    draft.question = "Hva, egentlig?"
    rules.edit(draft, by=None)
    rules.move(items[0], target, by=person("admin@nhf.example"))
    row = FaqEntry.objects.get(pk=items[0].pk)
    assert order_of(target) == ["Når?", "Hva?"]
    assert row.has_unpublished_changes
    assert row.get_latest_revision_as_object().question == "Hva, egentlig?"
    assert row.get_latest_revision_as_object().category == target


def test_moving_what_is_published_is_for_those_who_may_publish(three, make, person):
    with pytest.raises(NotAllowed):
        rules.move(three[1][0], make.category("Annet"), by=person("coordinator@nhf.example"))


def test_an_item_moves_to_the_category_in_its_own_language(three, make):
    _category, items = three
    target = make.category("Annet")
    english = rules.translate(items[0], locale("en"), by=None)
    with pytest.raises(InvalidInput, match="translate the category first"):
        rules.move(english, target, by=None)
    translated = rules.translate(target, locale("en"), by=None)
    rules.move(english, target, by=None)
    assert FaqEntry.objects.get(pk=english.pk).category == translated


def test_an_audience_of_roles_needs_a_role(nhf, make):
    item = make.faq("Hva?")
    with pytest.raises(InvalidInput, match="at least one role"):
        rules.change_audience(item, Audience.ROLES, by=None)
    rules.change_audience(item, Audience.ROLES, ["coordinator"], by=None)
    rules.change_audience(item, Audience.PUBLIC, ["coordinator"], by=None)
    row = FaqEntry.objects.get(pk=item.pk)
    assert (row.audience, row.audience_roles, row.has_unpublished_changes) == ("public", [], False)


def test_readers_see_what_is_published_for_them(nhf, make, person):
    category = make.category()
    for audience, roles in (
        ("public", []),
        ("members", []),
        ("roles", ["coordinator"]),
        ("roles", ["org_admin"]),
    ):
        make.faq(f"{audience} {roles}", category, audience=audience, audience_roles=roles)
    make.faq("draft", category, live=False, audience="public")
    seen = {
        who: FaqEntry.objects.visible_to(scope_for(person(f"{who}@nhf.example") if who else None)).count()
        for who in ("", "mentor", "coordinator", "admin")
    }
    assert seen == {"": 1, "mentor": 2, "coordinator": 3, "admin": 3}


def test_a_category_in_use_is_not_deleted_and_the_message_names_the_items(three, person):
    category, items = three
    with pytest.raises(InvalidState, match=r"“Hva\?”, “Hvem\?”, “Hvor\?”"):
        rules.delete(category, by=person("admin@nhf.example"))
    for item in items:
        rules.delete(item, by=person("admin@nhf.example"))
    rules.delete(category, by=person("admin@nhf.example"))
    assert not FaqCategory.objects.exists()


def test_a_category_that_only_a_draft_uses_is_in_use(nhf, make):
    item = make.faq("Hva?")
    target = make.category("Annet")
    draft = FaqEntry.objects.get(pk=item.pk)
    draft.category = target
    rules.edit(draft, by=None)
    with pytest.raises(InvalidState, match="Hva"):
        rules.delete(target, by=None)


def test_a_translation_is_a_draft_in_the_translated_category_at_the_same_place(three, person):
    _category, items = three
    copy = rules.translate(items[1], locale("nn"), by=person("admin@nhf.example"))
    row = FaqEntry.objects.get(pk=copy.pk)
    assert row.pk != items[1].pk
    assert row.translation_key == items[1].translation_key
    assert row.category.translation_key == items[1].category.translation_key
    assert (row.category.locale, row.live, row.sort_order) == (locale("nn"), False, items[1].sort_order)
    assert row.created_by == person("admin@nhf.example")
    with pytest.raises(InvalidState, match="already"):
        rules.translate(items[1], locale("nn"), by=None)


def test_the_second_translation_uses_the_category_made_for_the_first(three):
    _category, items = three
    for item in items:
        rules.translate(item, locale("en"), by=None)
    assert FaqCategory.objects.filter(locale=locale("en")).count() == 1


def test_a_category_must_be_in_the_language_of_the_item(nhf, make):
    with pytest.raises(InvalidInput, match="language"):
        rules.create(
            FaqEntry(question="Why?", answer="<p>So.</p>", category=make.category(), locale=locale("en")),
            by=None,
        )
