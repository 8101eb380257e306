"""Entity tags and caching: unchanged content costs nothing, changed content is seen by the next request."""

import pytest
from django.core.cache import cache
from django_tenants.utils import schema_context

from api.models import ContentChange
from cms.models import FaqEntry
from domain.config.models import FeatureArea, OrganizationSettings, TerminologyOverride
from tests.support.queries import statements

from .content import card, faq, link

pytestmark = pytest.mark.django_db
CONTENT = ["faqs", "faq-categories", "resource-links", "resource-categories", "conversation-cards"]
CONTENT += ["card-decks", "terminology", "bundle"]


def again(client, url: str, etag: str, **headers):
    return client.get(url, headers={"if-none-match": etag, **headers})


@pytest.mark.parametrize("name", CONTENT)
@pytest.mark.parametrize("reader", [None, "mentor@nhf.example"])
def test_unchanged_content_is_not_sent_again(api_of, nhf, name, reader):
    faq("q"), link("l"), card("c")
    client, url = api_of("nhf", reader), f"/api/v1/content/{name}/"
    first = client.get(url)
    assert first["ETag"].startswith('"')
    second = again(client, url, f'"other", W/{first["ETag"]}')
    assert (second.status_code, second.content) == (304, b"")
    for header in ("ETag", "Cache-Control", "Content-Language"):
        assert second[header] == first[header]
    for header in ("Accept-Language", "Authorization"):
        assert header in second["Vary"]
        assert header in first["Vary"]
    assert again(client, url, '"another"').status_code == 200


def test_the_view_says_the_same_as_the_quick_answer(api_of, nhf, settings):
    faq("q")
    quick = "api.content.middleware.UnchangedContentMiddleware"
    url = "/api/v1/content/faqs/?locale=nn"
    etag = api_of("nhf").get(url)["ETag"]
    answers = []
    for middleware in (settings.MIDDLEWARE, [name for name in settings.MIDDLEWARE if name != quick]):
        settings.MIDDLEWARE = middleware
        answers.append(again(api_of("nhf"), url, etag))
    assert [answer.status_code for answer in answers] == [304, 304]
    headers = [{k: v for k, v in answer.items() if k not in ("Vary", "X-Request-ID")} for answer in answers]
    names = ("ETag", "Cache-Control", "Content-Language")
    assert {name: headers[0][name] for name in names} == {name: headers[1][name] for name in names}


def test_who_may_keep_an_answer(api_of, nhf, settings):
    faq("q")
    url = "/api/v1/content/faqs/"
    public = api_of("nhf").get(url)["Cache-Control"]
    assert public == "public, max-age=0, must-revalidate"
    assert api_of("nhf", "mentor@nhf.example").get(url)["Cache-Control"] == "private, no-cache"
    settings.CONTENT_MAX_AGE_SECONDS = 30
    assert "max-age=30" in api_of("nhf").get(url)["Cache-Control"]
    assert api_of("nhf", "mentor@nhf.example").get("/api/v1/me/")["Cache-Control"] == "private, no-cache"


def test_the_tag_of_one_audience_opens_nothing_to_another(api_of, nhf):
    faq("q", audience="members")
    url = "/api/v1/content/faqs/"
    readers = [None, "mentor@nhf.example", "coordinator@nhf.example", "admin@nhf.example"]
    tags = [api_of("nhf", reader).get(url)["ETag"] for reader in readers]
    assert len(set(tags)) == len(readers)
    for reader in readers:
        answers = [again(api_of("nhf", reader), url, tag).status_code for tag in tags]
        assert answers.count(304) == 1


def test_two_people_with_the_same_roles_share_a_tag(api_of, nhf):
    tags = {
        api_of("nhf", reader).get("/api/v1/content/faqs/")["ETag"]
        for reader in ("mentor@nhf.example", "both@meander.example")
    }
    assert len(tags) == 1


def test_the_tag_depends_on_language_address_and_organisation(api_of, nhf):
    client, url = api_of("nhf"), "/api/v1/content/faqs/"
    tags = [
        client.get(url)["ETag"],
        client.get(url, headers={"accept-language": "nn"})["ETag"],
        client.get(url + "?page_size=2")["ETag"],
        client.get("/api/v1/content/bundle/")["ETag"],
        api_of("blindeforbundet").get(url)["ETag"],
    ]
    assert len(set(tags)) == len(tags)


def test_a_revoked_session_gets_no_304(api_of, nhf):
    client, url = api_of("nhf", "mentor@nhf.example"), "/api/v1/content/faqs/"
    etag = client.get(url)["ETag"]
    client.post("/api/v1/auth/logout/")
    assert again(client, url, etag).status_code == 401


def test_a_star_is_answered_by_whether_there_is_anything(api_of, nhf):
    client = api_of("nhf")
    assert again(client, "/api/v1/content/faqs/", "*").status_code == 304
    assert again(client, "/api/v1/content/nothing/", "*").status_code == 404


def test_a_publication_changes_the_next_answer(api_of, nhf, person):
    draft = faq("ny", live=False)
    client, url = api_of("nhf"), "/api/v1/content/faqs/"
    before = client.get(url)
    assert before.json()["results"] == []
    draft.save_revision(user=person("admin@nhf.example")).publish()
    after = again(client, url, before["ETag"])
    assert [item["question"] for item in after.json()["results"]] == ["ny"]
    draft.refresh_from_db()
    draft.unpublish()
    assert again(client, url, after["ETag"]).json()["results"] == []


def changes():
    """Everything that can change what the content API says."""

    def term():
        TerminologyOverride.objects.create(
            term="peer_mentor", locale="nb", singular="følgesvenn", plural="følgesvenner"
        )

    return {
        "a new item": lambda: faq("ny"),
        "an update past the model": lambda: FaqEntry.objects.update(question="endret"),
        "a deletion": lambda: FaqEntry.objects.all().delete(),
        "a category's name": lambda: FaqEntry.objects.first().category.save(),
        "a card": lambda: card("ny"),
        "a link": lambda: link("ny"),
        "a word": term,
        "an area": lambda: FeatureArea.objects.filter(area="faqs").update(enabled=False),
        "the settings": lambda: OrganizationSettings.objects.first().save(),
    }


@pytest.mark.parametrize("change", changes())
def test_every_change_changes_the_tag(api_of, nhf, change):
    faq("q")
    client, url = api_of("nhf"), "/api/v1/content/bundle/"
    before = client.get(url)
    changes()[change]()
    after = again(client, url, before["ETag"])
    assert after.status_code == 200
    assert after["ETag"] != before["ETag"]


def test_a_change_in_one_organisation_leaves_anothers_tag_alone(api_of, nhf):
    other, url = api_of("blindeforbundet"), "/api/v1/content/bundle/"
    before = other.get(url)["ETag"]
    with schema_context("nhf"):
        faq("ny")
    assert again(other, url, before).status_code == 304


def test_many_changes_do_not_pile_up(nhf):
    """Rows of old transactions are removed, and the state still never repeats."""
    from api.content.state import content_state

    ContentChange.objects.bulk_create([ContentChange(xid=number) for number in range(3, 600)])
    before = content_state().stamp
    faq("ny")
    assert ContentChange.objects.count() < 10
    assert content_state().stamp != before


def test_every_table_that_the_content_api_reads_marks_its_changes(nhf):
    from django.db import connection

    from cms.models import (
        CardDeck,
        ConversationCard,
        CustomDocument,
        CustomImage,
        FaqCategory,
        ResourceCategory,
        ResourceLink,
    )

    models = [FaqCategory, FaqEntry, ResourceCategory, ResourceLink, CardDeck, ConversationCard]
    models += [CustomImage, CustomDocument, TerminologyOverride, FeatureArea, OrganizationSettings]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE t.tgname = 'mark_content' AND c.relnamespace = 'nhf'::regnamespace"
        )
        marked = {row[0] for row in cursor.fetchall()}
    assert marked == {model._meta.db_table for model in models}


def test_an_answer_is_kept_only_for_its_own_state(api_of, nhf):
    faq("q")
    client, url = api_of("nhf"), "/api/v1/content/faqs/"
    client.get(url)
    with statements() as queries:
        client.get(url)
    assert len(queries) == 1
    group_name = FaqEntry.objects.get().category
    group_name.name = "Nytt navn"
    group_name.save()
    assert client.get(url).json()["results"][0]["category"]["name"] == "Nytt navn"


def test_what_is_kept_is_keyed_by_organisation(api_of, nhf):
    api_of("nhf").get("/api/v1/content/faqs/")
    keys = [key for key in cache._cache if "content:" in key]
    assert keys
    assert all(key.startswith("nhf:") for key in keys)


def test_other_answers_have_a_tag_too(api_of):
    client = api_of("nhf", "mentor@nhf.example")
    for url in ("/api/v1/me/", "/api/v1/client-config/"):
        first = client.get(url)
        assert again(client, url, first["ETag"]).status_code == 304
        assert client.head(url)["ETag"] == first["ETag"]


def test_terminology_says_the_organisations_words_at_once(api_of, nhf):
    client, url = api_of("nhf"), "/api/v1/content/terminology/?locale=nb"
    before = client.get(url)
    assert before.json()["terms"]["peer_mentor"]["singular"] == "likeperson"
    TerminologyOverride.objects.create(
        term="peer_mentor", locale="nb", singular="følgesvenn", plural="følgesvenner"
    )
    after = again(client, url, before["ETag"]).json()
    assert after["terms"]["peer_mentor"]["singular"] == "følgesvenn"
    assert after["etag"] != before.json()["etag"]
    with schema_context("blindeforbundet"):
        other = api_of("blindeforbundet").get(url).json()
    assert other["terms"]["peer_mentor"]["singular"] == "likeperson"
