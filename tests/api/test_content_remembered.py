"""The 304 from a process's memory: what the layers answered before, and never once anything has changed."""

import logging
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from django_tenants.utils import schema_context

from api.content.remembered import LONGEST_KEY, MOST_KEPT, RememberedContentMiddleware
from cms.models import FaqEntry
from domain.config.models import TerminologyOverride
from tenants.models import Domain, Organization
from tests.support.queries import statements

from .content import card, faq, link
from .test_conditional import CONTENT, again, changes

LIST = "/api/v1/content/faqs/"
BUNDLE = "/api/v1/content/bundle/"
WEBSITE = "https://www.nhf.example"


def remembered(client, url: str, **options) -> str:
    """Have the answer kept, and prove that it is: the entity tag of an address."""
    etag = client.get(url, **options)["ETag"]
    for _time in range(2):
        assert asked(client, url, etag, **options).status_code == 304
    with statements() as queries:
        assert asked(client, url, etag, **options).status_code == 304
    assert queries == []
    return etag


def asked(client, url: str, etag: str, **options):
    headers = {"if-none-match": etag, **options.pop("headers", {})}
    return client.get(url, headers=headers, **options)


def headers_of(response) -> dict[str, str]:
    return {name: value for name, value in response.items() if name != "X-Request-Id"}


@pytest.mark.parametrize("name", CONTENT)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"secure": True},
        {"headers": {"origin": WEBSITE}},
        {"headers": {"origin": "https://elsewhere.example", "accept-language": "nn, en;q=0.5"}},
    ],
    ids=["plain", "encrypted", "a website's", "a stranger's"],
)
def test_its_headers_are_exactly_those_of_the_layers(api_of, nhf, settings, name, options):
    settings.CORS_ALLOWED_ORIGINS = [WEBSITE]
    settings.SECURE_HSTS_SECONDS = 1000
    faq("q"), link("l"), card("c")
    client, url = api_of("nhf"), f"/api/v1/content/{name}/"
    etag = client.get(url, **options)["ETag"]
    with statements() as queries:
        by_the_layers = asked(client, url, etag, **options)
    assert len(queries) == 1
    with statements() as queries:
        from_memory = asked(client, url, etag, **options)
    assert queries == []
    assert from_memory.status_code == by_the_layers.status_code == 304
    assert headers_of(from_memory) == headers_of(by_the_layers)
    assert from_memory.content == b""
    assert from_memory["X-Request-Id"] != by_the_layers["X-Request-Id"]


@pytest.mark.parametrize("change", changes())
def test_every_change_is_in_the_next_answer(api_of, nhf, change):
    faq("q")
    client = api_of("nhf")
    etag = remembered(client, BUNDLE)
    changes()[change]()
    after = again(client, BUNDLE, etag)
    assert after.status_code == 200
    assert after["ETag"] != etag


def test_a_publication_and_its_end_are_in_the_next_answer(api_of, nhf, person):
    draft = faq("ny", live=False)
    client = api_of("nhf")
    etag = remembered(client, LIST)
    draft.save_revision(user=person("admin@nhf.example")).publish()
    assert [item["question"] for item in again(client, LIST, etag).json()["results"]] == ["ny"]
    etag = remembered(client, LIST)
    draft.refresh_from_db()
    draft.unpublish()
    assert again(client, LIST, etag).json()["results"] == []


def test_what_is_published_and_withdrawn_by_the_clock_is_in_the_next_answer(api_of, nhf, person):
    from django.core.management import call_command

    soon = faq("soon", live=False, go_live_at=timezone.now() + timedelta(hours=1))
    soon.save_revision(user=person("admin@nhf.example")).publish()
    client = api_of("nhf")
    etag = remembered(client, LIST)
    past = timezone.now() - timedelta(minutes=1)
    revision = soon.revisions.get()
    revision.content["go_live_at"] = past.isoformat()
    revision.approved_go_live_at = past
    revision.save()
    call_command("publish_scheduled")
    assert [item["question"] for item in again(client, LIST, etag).json()["results"]] == ["soon"]
    etag = remembered(client, LIST)
    FaqEntry.objects.update(expire_at=past)
    call_command("publish_scheduled")
    assert again(client, LIST, etag).json()["results"] == []


def test_a_new_order_is_in_the_next_answer(api_of, nhf):
    first = faq("one", sort_order=1)
    faq("two", sort_order=2, category=first.category)
    client = api_of("nhf")
    etag = remembered(client, LIST)
    FaqEntry.objects.filter(pk=first.pk).update(sort_order=3)
    found = again(client, LIST, etag).json()["results"]
    assert [item["question"] for item in found] == ["two", "one"]


def test_what_becomes_members_only_is_gone_from_the_next_answer(api_of, nhf):
    faq("q")
    client = api_of("nhf")
    etag = remembered(client, LIST)
    FaqEntry.objects.update(audience="members")
    assert again(client, LIST, etag).json()["results"] == []


@pytest.mark.parametrize("status", ["suspended", "closed", "provisioning"])
def test_an_organisation_that_may_not_be_used_is_refused_at_once(api_of, nhf, status):
    client = api_of("nhf")
    etag = remembered(client, LIST)
    dropped = {"drop_after": timezone.now()} if status == "closed" else {}
    with schema_context("public"):
        Organization.objects.filter(pk=nhf.pk).update(status=status, **dropped)
    assert again(client, LIST, etag).status_code == 403


def test_a_host_that_was_moved_or_removed_answers_for_its_new_organisation(api_of, nhf):
    other = Organization.objects.get(schema_name="blindeforbundet")
    with schema_context("public"):
        Domain.objects.create(domain="shared.example", tenant=nhf, is_primary=False)
    faq("q")
    client = api_of("nhf")
    client.defaults["HTTP_HOST"] = "shared.example"
    etag = remembered(client, LIST)
    with schema_context("public"):
        Domain.objects.filter(domain="shared.example").update(tenant=other)
    moved = again(client, LIST, etag)
    assert moved.status_code == 200
    assert moved.json()["results"] == []
    etag = remembered(client, LIST)
    with schema_context("public"):
        Domain.objects.filter(domain="shared.example").delete()
    assert again(client, LIST, etag).status_code == 404


def test_the_organisations_language_is_that_of_the_next_answer(api_of, nhf):
    client = api_of("nhf")
    etag = remembered(client, LIST)
    other = "nn" if nhf.default_language != "nn" else "nb"
    Organization.objects.filter(pk=nhf.pk).update(default_language=other)
    after = again(client, LIST, etag)
    assert (after.status_code, after["Content-Language"]) == (200, other)


def test_a_word_of_the_organisation_is_in_the_next_answer(api_of, nhf):
    client, url = api_of("nhf"), "/api/v1/content/terminology/?locale=nb"
    etag = remembered(client, url)
    TerminologyOverride.objects.create(
        term="peer_mentor", locale="nb", singular="følgesvenn", plural="følgesvenner"
    )
    assert again(client, url, etag).json()["terms"]["peer_mentor"]["singular"] == "følgesvenn"


def test_a_new_name_or_colour_is_asked_of_the_layers_again(api_of, nhf):
    """Which may show it or not; the memory doesn't judge."""
    client = api_of("nhf")
    etag = remembered(client, LIST)
    Organization.objects.filter(pk=nhf.pk).update(name="Another name", brand_color="#123456")
    with statements() as queries:
        assert again(client, LIST, etag).status_code == 304
    assert queries
    remembered(client, LIST)


def test_what_is_kept_for_one_request_answers_no_other(api_of, nhf):
    faq("q")
    client = api_of("nhf")
    etag = remembered(client, LIST)
    for url, headers in (
        (f"{LIST}?page_size=2", {}),
        (BUNDLE, {}),
        (LIST, {"accept-language": "en"}),
        (LIST, {"host": "blindeforbundet.localhost"}),
        (LIST, {"authorization": "Bearer nonsense"}),
    ):
        assert again(client, url, etag, **headers).status_code != 304
    assert again(client, LIST, '"another"').status_code == 200
    assert client.get(LIST).status_code == 200
    assert client.post(LIST, headers={"if-none-match": etag}).status_code == 405
    assert asked(client, LIST, etag, secure=True).status_code == 200


def test_another_website_is_not_told_what_one_is_told(api_of, nhf, settings):
    settings.CORS_ALLOWED_ORIGINS = [WEBSITE]
    client = api_of("nhf")
    etag = remembered(client, LIST, headers={"origin": WEBSITE})
    allowed = again(client, LIST, etag, origin=WEBSITE)
    assert allowed["Access-Control-Allow-Origin"] == WEBSITE
    stranger = again(client, LIST, etag, origin="https://elsewhere.example")
    assert stranger.status_code == 304
    assert "Access-Control-Allow-Origin" not in stranger


@pytest.mark.parametrize("credential", ["session", "cookie"])
def test_whoever_shows_who_they_are_is_never_answered_from_memory(api_of, nhf, credential):
    faq("q")
    client = api_of("nhf", "mentor@nhf.example" if credential == "session" else None)
    if credential == "cookie":
        client.cookies["sessionid"] = "nonsense"
    etag = client.get(LIST)["ETag"]
    for _time in range(3):
        with statements() as queries:
            assert again(client, LIST, etag).status_code == 304
        assert queries


def test_its_line_is_in_the_log_like_any_other(api_of, nhf, caplog):
    client = api_of("nhf")
    etag = remembered(client, LIST)
    with caplog.at_level(logging.INFO, logger="meander.request"):
        answer = again(client, LIST, etag)
    (line,) = [record.msg for record in caplog.records if record.name == "meander.request"]
    told = {name: line[name] for name in ("organization", "method", "route", "status", "user")}
    assert told == {
        "organization": "nhf",
        "method": "GET",
        "route": "api/v1/content/faqs/",
        "status": 304,
        "user": None,
    }
    assert line["request_id"] == answer["X-Request-Id"]


def test_the_memory_has_a_limit(nhf):
    """As many addresses as anyone likes, and addresses as long as they like, leave it small."""

    def answer(request):
        request.tenant = nhf
        response = HttpResponse(status=304)
        response.content_stamp = "1"
        return response

    middleware = RememberedContentMiddleware(answer)
    for number in range(MOST_KEPT + 10):
        middleware(RequestFactory().get(LIST, {"page": number}, headers={"if-none-match": '"x"'}))
    assert len(middleware._kept) == MOST_KEPT
    assert not any("page=9" in key for key in middleware._kept)
    assert any(f"page={MOST_KEPT + 9}" in key for key in middleware._kept)
    empty = RememberedContentMiddleware(answer)
    empty(RequestFactory().get(LIST, {"page": "1" * LONGEST_KEY}, headers={"if-none-match": '"x"'}))
    assert not empty._kept


def test_the_web_processes_login_is_enough(live_site):
    """It owns nothing and may read no organisation's tables: it asks as the organisation's role."""
    with live_site.client("nhf") as client:
        etag = client.get(LIST).headers["ETag"]
        answers = [client.get(LIST, headers={"If-None-Match": etag}) for _time in range(4)]
        assert [answer.status_code for answer in answers] == [304] * 4
        assert len({tuple(sorted(a.headers.items())) for a in map(_without_request, answers)}) == 1
        with schema_context("nhf"):
            faq("ny")
        after = client.get(LIST, headers={"If-None-Match": etag})
        assert [item["question"] for item in after.json()["results"]] == ["ny"]
        with schema_context("public"):
            Organization.objects.filter(schema_name="nhf").update(status="suspended")
        assert client.get(LIST, headers={"If-None-Match": etag}).status_code == 403


def _without_request(answer):
    for name in ("X-Request-Id", "Date"):
        answer.headers.pop(name, None)
    return answer
