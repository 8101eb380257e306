"""What an editor sees of a text while writing it is what the app will show."""

import itertools
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from cms.models import Audience, FaqCategory, FaqEntry
from cms.preview.modes import MODES, READER_ROLES
from cms.preview.render import is_for
from domain.access.choices import Role
from domain.core.models import WrongSchemaError
from domain.core.scope import Scope

KINDS = {"faq": "Hvem kan bli likeperson?", "link": "Hjelpemidler fra Nav", "card": "Å bli kjent"}
OWN_VIEWS = [key for key, mode in MODES.items() if mode.reader is None]


@pytest.mark.parametrize("mode", OWN_VIEWS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_shows_in_every_mode_before_it_was_ever_saved(draft, preview, kind, mode):
    assert KINDS[kind] in preview(draft(kind), mode)


@pytest.mark.parametrize("mode", OWN_VIEWS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_shows_in_every_mode_once_saved(draft, preview, kind, mode):
    item = draft(kind)
    item.save()
    assert KINDS[kind] in preview(item, mode)


@pytest.mark.parametrize("mode", OWN_VIEWS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_of_something_published_shows_the_draft(draft, preview, person, kind, mode):
    item = draft(kind)
    item.save()
    field = "question" if kind == "faq" else "title"
    setattr(item, field, "Teksten slik den blir")
    item.save_revision(user=person("admin@nhf.example"))
    page = preview(type(item).objects.get(pk=item.pk).get_latest_revision_as_object(), mode)
    assert "Teksten slik den blir" in page
    assert KINDS[kind] not in page


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_form_shows_an_empty_screen_instead_of_an_error(nb, draft, preview, kind):
    model = type(draft(kind))
    for mode in MODES:
        assert 'class="phone"' in preview(model(locale=nb), mode)


def test_the_answer_keeps_its_headings_links_and_emphasis(draft, preview):
    page = preview(draft("faq", answer='<h3>A</h3><p><b>B</b> <a href="https://nav.no">C</a></p>'))
    assert "<h3>A</h3>" in page
    assert "<b>B</b>" in page
    assert '<a href="https://nav.no">C</a>' in page


def test_plain_fields_are_never_taken_for_html(draft, preview):
    page = preview(draft("card", title="<script>x()</script>", prompt="<b>fet</b>", follow_ups=["<i>a</i>"]))
    assert "<script>x()" not in page
    assert "&lt;b&gt;fet&lt;/b&gt;" in page
    assert "&lt;i&gt;a&lt;/i&gt;" in page


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://nav.no", "https://[", "nav", ""])
def test_an_address_the_app_would_not_open_gets_no_button(draft, preview, url):
    assert 'class="button"' not in preview(draft("link", url=url))


def test_headings_come_in_order_so_that_the_checks_panel_has_nothing_to_say(draft, preview):
    for kind, mode in itertools.product(KINDS, ["opened", "list"]):
        levels = [int(level) for level in re.findall(r"<h([1-6])", preview(draft(kind), mode))]
        assert levels[:2] == [1, 2]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_the_checks_panel_finds_the_userbar_in_the_page(draft, preview):
    assert "<wagtail-userbar" in preview(draft("faq"))


def test_the_frame_of_a_phone_is_drawn_only_outside_wagtails_own_frame(draft, preview):
    assert "on-stage" not in preview(draft("faq"), panel=True)
    assert "on-stage" in preview(draft("faq"), panel=False)


def test_dark_and_large_are_set_on_the_page(draft, preview):
    assert re.search(r'class="dark\s', preview(draft("faq"), "opened-dark"))
    assert re.search(r'class="\s*large\s', preview(draft("faq"), "opened-large"))


def test_labels_follow_the_language_of_the_text_and_notes_that_of_the_editor(draft, preview):
    with translation.override("en"):
        page = preview(draft("faq"), "as-visitor")
    assert '<html lang="nb"' in page
    assert "Not shown to a visitor who is not signed in. Audience: Signed-in members." in page


def test_the_page_is_the_organisations_own(draft, preview, nhf):
    page = preview(draft("faq"))
    assert nhf.short_name in page
    assert f"--bar:{nhf.brand_color}" in page


def test_a_mode_nobody_knows_shows_the_default_one(draft, preview):
    assert KINDS["faq"] in preview(draft("faq"), "no-such-mode")


class TestTheList:
    def test_shows_the_published_neighbours_in_the_apps_order(self, draft, preview):
        for order, (question, live) in enumerate([("Først?", True), ("Utkast?", False), ("Sist?", True)]):
            draft("faq", question=question, live=live, sort_order=order * 2).save()
        item = draft("faq", question="Midt i?", sort_order=3)
        item.save()
        page = preview(item, "list").split("<main")[1]
        assert page.index("Først?") < page.index("Midt i?") < page.index("Sist?")
        assert "Utkast?" not in page

    def test_leaves_out_other_categories_and_other_languages(self, draft, preview, nb):
        other = FaqCategory.objects.create(name="Annet", locale=nb)
        draft("faq", question="En annen kategori?", category=other).save()
        assert "En annen kategori?" not in preview(draft("faq"), "list")

    @pytest.mark.parametrize("kind", KINDS)
    def test_costs_no_more_queries_the_more_neighbours_there_are(self, draft, preview, picture, kind):
        def queries() -> int:
            preview(draft(kind), "list")  # Whatever is made once is made now.
            with CaptureQueriesContext(connection) as captured:
                preview(draft(kind), "list")
            return len(captured)

        def add_neighbours(count: int) -> None:
            for _number in range(count):
                draft(kind, **({} if kind == "faq" else {"image": picture()})).save()

        add_neighbours(1)
        before = queries()
        add_neighbours(7)
        assert queries() <= before


class TestReaders:
    def test_a_visitor_does_not_get_what_is_for_members(self, draft, preview):
        page = preview(draft("faq", audience=Audience.MEMBERS), "as-visitor")
        assert "note-hidden" in page
        assert KINDS["faq"] not in page.split("<main")[1]

    def test_a_visitor_gets_what_is_for_everyone(self, draft, preview):
        page = preview(draft("faq", audience=Audience.PUBLIC), "as-visitor")
        assert "note-shown" in page
        assert KINDS["faq"] in page.split("<main")[1]

    def test_only_the_roles_named_get_what_is_for_them(self, draft, preview):
        item = draft("faq", audience=Audience.ROLES, audience_roles=[Role.COORDINATOR])
        assert "note-shown" in preview(item, "as-coordinator")
        assert "note-hidden" in preview(item, "as-peer_mentor")
        assert "note-hidden" in preview(item, "as-member")

    def test_neighbours_a_reader_may_not_see_are_left_out(self, draft, preview):
        draft("faq", question="For medlemmer?", audience=Audience.MEMBERS).save()
        draft("faq", question="For alle?", audience=Audience.PUBLIC).save()
        page = preview(draft("faq"), "as-visitor")
        assert "For alle?" in page
        assert "For medlemmer?" not in page

    @pytest.mark.parametrize("audience", Audience.values)
    @pytest.mark.parametrize("member", [True, False])
    @pytest.mark.parametrize("roles", [(), (Role.PEER_MENTOR,), (Role.COORDINATOR, Role.ORG_ADMIN)])
    def test_the_preview_and_the_app_agree_on_who_sees_what(self, draft, audience, member, roles):
        scope = Scope(schema_name="nhf", is_member=member, roles=frozenset(roles) if member else frozenset())
        item = draft(
            "faq", audience=audience, audience_roles=[Role.COORDINATOR] if audience == Audience.ROLES else []
        )
        item.save()
        assert is_for(item, scope) == FaqEntry.objects.visible_to(scope).filter(pk=item.pk).exists()

    def test_every_role_of_an_organisation_can_be_tried(self):
        assert {mode.reader for mode in MODES.values()} == {None, "visitor", "member", *READER_ROLES}


class TestWalls:
    def test_an_item_of_another_organisation_is_not_previewed(self, draft, nhf):
        from django_tenants.utils import schema_context

        item = draft("faq")
        item.save()
        loaded = FaqEntry.objects.get(pk=item.pk)
        with schema_context("blindeforbundet"), pytest.raises(WrongSchemaError):
            loaded.serve_preview(None, "opened")

    def test_the_organisation_selected_is_still_selected_afterwards(self, draft, preview):
        preview(draft("faq"))
        assert connection.schema_name == "nhf"

    def test_without_a_request_to_go_by_the_organisations_own_host_is_asked(self, draft):
        page = draft("faq").make_preview_request(None, "opened").content.decode()
        assert "NHF" in page


def test_a_picture_comes_with_its_sizes_and_its_description(draft, preview, picture):
    page = preview(draft("card", image=picture("To som ler")))
    assert 'alt="To som ler"' in page
    assert "320w" in page
    assert "640w" in page
