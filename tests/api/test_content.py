"""What the app and the website read: whom it is for, in which language, in which form."""

from datetime import UTC, timedelta
from itertools import chain
from uuid import uuid4

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context

from api.content.richtext import to_html, to_text
from cms.models import CardDeck, FaqCategory, FaqEntry, ResourceCategory
from domain.config.models import FeatureArea

from .content import card, faq, group, link

pytestmark = pytest.mark.django_db
LISTS = ["faqs", "resource-links", "conversation-cards"]


def titles(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [item.get("question") or item["title"] for item in response.json()["results"]]


@pytest.fixture
def audiences(nhf):
    """One question per audience."""
    faq("for everyone")
    faq("for members", audience="members")
    faq("for coordinators", audience="roles", audience_roles=["coordinator"])
    faq("for mentors and admins", audience="roles", audience_roles=["peer_mentor", "org_admin"])
    faq("a draft", live=False)


@pytest.mark.parametrize(
    ("reader", "sees"),
    [
        (None, {"for everyone"}),
        ("mentor@nhf.example", {"for everyone", "for members", "for mentors and admins"}),
        ("coordinator@nhf.example", {"for everyone", "for members", "for coordinators"}),
        ("admin@nhf.example", {"for everyone", "for members", "for mentors and admins"}),
    ],
)
def test_readers_see_what_is_published_for_them(api_of, audiences, reader, sees):
    client = api_of("nhf", reader)
    assert set(titles(client.get("/api/v1/content/faqs/"))) == sees
    bundle = client.get("/api/v1/content/bundle/").json()
    assert {item["question"] for item in bundle["faqs"]["items"]} == sees
    for entry in FaqEntry.objects.all():
        status = client.get(f"/api/v1/content/faqs/{entry.translation_key}/").status_code
        assert status == (200 if entry.question in sees else 404)


def test_what_is_not_for_the_reader_answers_like_what_does_not_exist(api_of, nhf):
    hidden = faq("for members", audience="members")
    client = api_of("nhf")
    answers = [
        {**client.get(f"/api/v1/content/faqs/{key}/").json(), "instance": ""}
        for key in (hidden.translation_key, uuid4())
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("kind", LISTS)
def test_another_organisations_content_is_not_there(api_of, nhf, kind):
    items = {"faqs": faq("Hva er NHF?"), "resource-links": link("NHF"), "conversation-cards": card("NHF")}
    other = api_of("blindeforbundet", "admin@blindeforbundet.example")
    assert (
        items[kind].question
        if kind == "faqs"
        else items[kind].title not in titles(other.get(f"/api/v1/content/{kind}/"))
    )
    assert other.get(f"/api/v1/content/{kind}/{items[kind].translation_key}/").status_code == 404


def test_a_question_comes_as_html_and_as_text(api_of, nhf):
    category = group(FaqCategory, "Oppstart")
    answer = (
        '<p>Ring <a href="tel:+4722170200">oss</a> eller les <a href="https://nhf.no/">mer</a>.</p>'
        "<ol><li>Først</li><li>Så</li></ol><ul><li>Én &amp; to</li></ul>"
    )
    entry = faq("Hvordan begynner jeg?", answer=answer, category=category)
    item = api_of("nhf").get(f"/api/v1/content/faqs/{entry.translation_key}/").json()
    entry.refresh_from_db()
    assert item == {
        "id": str(entry.translation_key),
        "locale": "nb",
        "audience": "public",
        "updated_at": entry.updated_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "question": "Hvordan begynner jeg?",
        "answer_html": answer,
        "answer_text": "Ring oss (+4722170200) eller les mer (https://nhf.no/).\n\n"
        "1. Først\n2. Så\n\n• Én & to",
        "category": {"id": str(category.translation_key), "name": "Oppstart"},
    }


@pytest.mark.parametrize(
    "answer",
    [
        "<script>alert(1)</script>",
        '<p onclick="alert(1)">x</p>',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="java\tscript:alert(1)">x</a>',
        '<a href="JaVaScRiPt&#58;alert(1)">x</a>',
        '<a href="data:text/html,alert(1)">x</a>',
        '<img src="x" onerror="alert(1)">',
        '<iframe src="https://x.no"></iframe>',
        '<svg onload="alert(1)"></svg>',
        "<style>p{}</style>",
        '<a href="https://x.no" style="alert(1)" target="_blank">x</a>',
        '<math><mtext><table><mglyph><style><img src=x onerror="alert(1)">',
        "<!-- alert(1) --><p>x</p>",
        '<embed embedtype="media" url="https://x.no/alert(1)"/>',
    ],
)
def test_nothing_in_an_answer_can_run(api_of, nhf, answer):
    entry = faq("x", answer=answer)
    item = api_of("nhf").get(f"/api/v1/content/faqs/{entry.translation_key}/").json()
    for forbidden in (
        "alert(1)",
        "<script",
        "<img",
        "<iframe",
        "<style",
        "<svg",
        "onerror",
        "style=",
        "<!--",
    ):
        assert forbidden not in item["answer_html"]


@pytest.mark.parametrize("times", [1, 500])
def test_a_text_is_cleaned_alike_however_often_it_is_read_and_however_long_it_is(times):
    """Short ones are remembered, long ones aren't."""
    stored = '<p onclick="x()">En <b>to</b></p><script>alert(1)</script>' * times
    found = [to_html([stored, "<p>tre</p>"], base_url="http://nhf.localhost/") for _time in range(3)]
    assert found == [["<p>En <b>to</b></p>" * times, "<p>tre</p>"]] * 3
    assert {to_text(clean) for clean, _short in found} == {"\n\n".join(["En to"] * times)}


def test_a_link_and_a_card_say_all_there_is(api_of, nhf):
    deck = group(CardDeck, "Sorg", description="Om å miste.")
    category = group(ResourceCategory, "Rettigheter")
    a_card = card(
        "Savn", deck=deck, follow_ups=["Og nå?"], theme="sorg", difficulty="deep", sensitive_advice="Ta tid."
    )
    a_link = link("NAV", url="https://nav.no/", description="Hjelpemidler", category=category)
    client = api_of("nhf")
    got = client.get(f"/api/v1/content/conversation-cards/{a_card.translation_key}/").json()
    assert (got["follow_ups"], got["theme"], got["difficulty"]) == (["Og nå?"], "sorg", "deep")
    assert (got["prompt"], got["sensitive_advice"], got["image"]) == ("Hva er viktig nå?", "Ta tid.", None)
    assert got["deck"] == {"id": str(deck.translation_key), "name": "Sorg"}
    got = client.get(f"/api/v1/content/resource-links/{a_link.translation_key}/").json()
    assert (got["url"], got["description"]) == ("https://nav.no/", "Hjelpemidler")
    assert got["category"]["name"] == "Rettigheter"


class TestLanguages:
    @pytest.fixture
    def questions(self, nhf):
        """One in all languages, one in bokmål and English, one in bokmål only, one in nynorsk only."""
        everywhere, two = uuid4(), uuid4()
        faq("alle nb", translation_key=everywhere)
        faq("alle nn", translation_key=everywhere, locale="nn")
        faq("alle en", translation_key=everywhere, locale="en")
        faq("to nb", translation_key=two)
        faq("to en", translation_key=two, locale="en")
        faq("bare nb")
        faq("bare nn", locale="nn")

    @pytest.mark.parametrize(
        ("locale", "sees"),
        [
            ("nn", {"alle nn", "to nb", "bare nb", "bare nn"}),
            ("nb", {"alle nb", "to nb", "bare nb", "bare nn"}),
            ("en", {"alle en", "to en", "bare nb", "bare nn"}),
        ],
    )
    def test_each_text_comes_once_in_the_best_language_there_is(self, api_of, questions, locale, sees):
        response = api_of("nhf").get(f"/api/v1/content/faqs/?locale={locale}&count=exact")
        assert sorted(titles(response)) == sorted(sees)
        assert response.json()["count"] == 4
        assert response["Content-Language"] == locale
        assert {item["question"]: item["locale"] for item in response.json()["results"]} == {
            title: title[-2:] for title in sees
        }

    def test_a_draft_translation_is_not_the_best_one(self, api_of, nhf):
        key = uuid4()
        faq("bokmål", translation_key=key)
        faq("nynorsk", translation_key=key, locale="nn", live=False)
        assert titles(api_of("nhf").get("/api/v1/content/faqs/?locale=nn")) == ["bokmål"]

    def test_an_items_address_is_the_same_in_every_language(self, api_of, nhf):
        key = uuid4()
        faq("bokmål", translation_key=key)
        faq("nynorsk", translation_key=key, locale="nn")
        for locale, question in (("nb", "bokmål"), ("nn", "nynorsk"), ("en", "bokmål")):
            item = api_of("nhf").get(f"/api/v1/content/faqs/{key}/?locale={locale}").json()
            assert item["question"] == question

    def test_the_query_comes_before_the_header_before_the_person_before_the_organisation(
        self, api_of, questions, person, nhf
    ):
        def language(client, query="", **headers):
            return client.get(f"/api/v1/content/faqs/{query}", headers=headers)["Content-Language"]

        user = person("mentor@nhf.example")
        user.language = "en"
        user.save()
        client = api_of("nhf", "mentor@nhf.example")
        assert language(client, "?locale=nn", **{"accept-language": "nb"}) == "nn"
        assert language(client, **{"accept-language": "de, nb-NO;q=0.8, en;q=0.9"}) == "en"
        assert language(client, **{"accept-language": "no"}) == "nb"
        assert language(client) == "en"
        assert language(api_of("nhf")) == nhf.default_language == "nb"

    def test_categories_come_in_the_best_language_and_only_with_something_in_them(self, api_of, nhf):
        key = uuid4()
        norwegian = group(FaqCategory, "Økonomi", sort_order=2)
        FaqCategory.objects.filter(pk=norwegian.pk).update(translation_key=key)
        norwegian.refresh_from_db()
        english = group(FaqCategory, "Money", "en")
        FaqCategory.objects.filter(pk=english.pk).update(translation_key=key)
        group(FaqCategory, "Tom")
        drafts = group(FaqCategory, "Kladd")
        faq("x", category=norwegian)
        faq("y", category=drafts, live=False)
        for locale, name in (("nb", "Økonomi"), ("nn", "Økonomi"), ("en", "Money")):
            results = api_of("nhf").get(f"/api/v1/content/faq-categories/?locale={locale}").json()["results"]
            assert [row["name"] for row in results] == [name]
            assert results[0]["id"] == str(key)


class TestLists:
    @pytest.fixture
    def ten(self, nhf):
        """Ten questions in two categories, in the editors' order 0 … 9."""
        categories = [group(FaqCategory, "A", sort_order=1), group(FaqCategory, "B", sort_order=2)]
        for number in range(10):
            faq(f"q{number}", category=categories[number // 5], sort_order=number % 5 // 2 + 1)

    @pytest.mark.parametrize("ordering", ["position", "updated_at", "-updated_at"])
    @pytest.mark.parametrize("size", [1, 3, 10, 25])
    def test_pages_follow_each_other_and_back(self, api_of, ten, ordering, size):
        client = api_of("nhf")
        whole = titles(client.get(f"/api/v1/content/faqs/?ordering={ordering}"))
        assert len(whole) == 10
        url = f"http://nhf.localhost/api/v1/content/faqs/?ordering={ordering}&page_size={size}"
        pages, last = [], None
        while url:
            last = client.get(url)
            pages.append(titles(last))
            url = last.json()["next"]
        assert [*chain(*pages)] == whole
        back, url = [], last.json()["previous"]
        while url:
            response = client.get(url)
            back.append(titles(response))
            url = response.json()["previous"]
        assert [*chain(*reversed(back))] == whole[: len(whole) - len(pages[-1])]

    def test_the_editors_order_is_by_category_and_then_by_place(self, api_of, ten):
        FaqEntry.objects.filter(question="q4").update(sort_order=0)
        assert titles(api_of("nhf").get("/api/v1/content/faqs/"))[0] == "q4"

    def test_a_cursor_holds_while_rows_come_and_go(self, api_of, ten):
        client = api_of("nhf")
        first = client.get("/api/v1/content/faqs/?page_size=4")
        FaqEntry.objects.filter(question__in=titles(first)).delete()
        rest = client.get(first.json()["next"])
        assert len(titles(rest)) == 4
        assert not set(titles(rest)) & set(titles(first))

    def test_a_cursor_of_another_ordering_is_refused(self, api_of, ten):
        client = api_of("nhf")
        url = client.get("/api/v1/content/faqs/?page_size=4").json()["next"]
        response = client.get(url + "&ordering=updated_at")
        assert response.json()["type"] == "/problems/invalid-cursor"

    def test_only_the_fields_asked_for(self, api_of, ten):
        results = api_of("nhf").get("/api/v1/content/faqs/?fields=id,question").json()["results"]
        assert all(set(item) == {"id", "question"} for item in results)

    def test_an_unknown_field_is_refused_on_an_empty_list_too(self, api_of, nhf):
        assert api_of("nhf").get("/api/v1/content/faqs/?fields=secret").status_code == 400

    def test_a_category_by_its_key(self, api_of, ten):
        key = FaqCategory.objects.get(name="B").translation_key
        response = api_of("nhf").get(f"/api/v1/content/faqs/?category={key}&count=exact")
        assert response.json()["count"] == 5

    def test_all_words_must_be_found_and_markup_is_not_text(self, api_of, nhf):
        faq("Reise og honorar", answer="<p>Du får <b>dekket</b> reisen.</p>")
        faq("Reise", answer="<p>Noe annet.</p>")
        client = api_of("nhf")
        assert titles(client.get("/api/v1/content/faqs/?search=reise dekket")) == ["Reise og honorar"]
        assert titles(client.get("/api/v1/content/faqs/?search=<b>")) == []
        assert titles(client.get("/api/v1/content/faqs/?search=100%25")) == []

    def test_what_changed_since(self, api_of, nhf):
        old, new = faq("old"), faq("new")
        since = (timezone.now() - timedelta(hours=1)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        client = api_of("nhf")
        assert {*titles(client.get(f"/api/v1/content/faqs/?updated_since={since}"))} == {
            old.question,
            new.question,
        }
        later = (timezone.now() + timedelta(hours=1)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert titles(client.get(f"/api/v1/content/faqs/?updated_since={later}")) == []

    def test_cards_by_deck_and_difficulty(self, api_of, nhf):
        deck = group(CardDeck, "Håp")
        card("a", deck=deck, difficulty="deep")
        card("b", deck=deck)
        card("c")
        client = api_of("nhf")
        base = f"/api/v1/content/conversation-cards/?deck={deck.translation_key}"
        assert set(titles(client.get(base))) == {"a", "b"}
        assert titles(client.get(f"{base}&difficulty=deep")) == ["a"]


@pytest.mark.parametrize(
    ("area", "addresses"),
    [
        ("faqs", ["faqs", "faq-categories"]),
        ("resource_links", ["resource-links", "resource-categories"]),
        ("conversation_cards", ["conversation-cards", "card-decks"]),
    ],
)
def test_an_area_that_is_off_is_gone_and_back_when_it_is_on(api_of, nhf, area, addresses):
    client = api_of("nhf")
    FeatureArea.objects.filter(area=area).update(enabled=False)
    for address in addresses:
        response = client.get(f"/api/v1/content/{address}/")
        assert response.status_code == 404
        assert response.json()["type"] == "/problems/feature-disabled"
    detail = client.get(f"/api/v1/content/{addresses[0]}/{uuid4()}/")
    assert detail.json()["type"] == "/problems/feature-disabled"
    assert client.get("/api/v1/content/bundle/").json()[area] is None
    FeatureArea.objects.filter(area=area).update(enabled=True)
    assert client.get(f"/api/v1/content/{addresses[0]}/").status_code == 200


def test_the_bundle_holds_everything_for_a_journey_without_a_network(api_of, nhf):
    faq("q"), link("l"), card("c")
    bundle = api_of("nhf").get("/api/v1/content/bundle/?locale=nn").json()
    assert bundle["locale"] == "nn"
    assert bundle["terminology"]["terms"]["peer_mentor"]["singular"]
    for area, groups in (
        ("faqs", "categories"),
        ("resource_links", "categories"),
        ("conversation_cards", "decks"),
    ):
        keys = {row["id"] for row in bundle[area][groups]}
        assert {
            item["category" if groups == "categories" else "deck"]["id"] for item in bundle[area]["items"]
        } <= keys
        assert bundle[area]["items"]


def test_the_platforms_own_content_comes_by_the_same_api(api_of, platform):
    faq("Hva koster Meander?")
    assert "Hva koster Meander?" in titles(api_of("platform").get("/api/v1/content/faqs/"))
    with schema_context("nhf"):
        assert "Hva koster Meander?" not in titles(api_of("nhf").get("/api/v1/content/faqs/"))
