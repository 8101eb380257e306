"""The organisation's questions and answers for everyone, as a page in its colours."""

import pytest

from cms import rules
from cms.models import FaqEntry
from domain.config.models import FeatureArea
from domain.config.rules import set_area

from .conftest import locale

pytestmark = pytest.mark.django_db
PAGE = "/faqs/"


def test_without_any_for_everyone_there_is_no_page_and_no_link(nhf, make, browser_of):
    make.faq("For medlemmer?", audience="members")
    make.faq("Utkast?", audience="public", live=False)
    client = browser_of("nhf")
    assert client.get(PAGE).status_code == 404
    assert PAGE not in client.get("/").content.decode()


def test_the_front_page_leads_to_what_everyone_may_read_and_to_nothing_else(nhf, make, browser_of):
    make.faq("Hva koster det?", audience="public")
    make.faq("Bare for oss?", audience="members")
    client = browser_of("nhf")
    assert f'href="{PAGE}"' in client.get("/").content.decode()
    for each in (client, browser_of("nhf", "admin@nhf.example")):
        page = each.get(PAGE).content.decode()
        assert "<summary>Hva koster det?</summary>" in page
        assert "Bare for oss?" not in page
        assert "theme.css" in page
    assert browser_of("blindeforbundet").get(PAGE).status_code == 404


def test_each_text_stands_once_in_the_readers_language_or_the_next_best(nhf, make, browser_of):
    entry = make.faq("Hva koster det?", audience="public")
    make.faq("Hvem kan bli med?", audience="public")
    copy = rules.translate(entry, locale("en"), by=None)
    copy.question = "What does it cost?"
    rules.edit(copy, by=None, publish=True)
    page = browser_of("nhf").get(PAGE, headers={"Accept-Language": "en"}).content.decode()
    assert '<details class="faq" lang="en">' in page and "What does it cost?" in page
    assert "Hva koster det?" not in page
    assert '<details class="faq" lang="nb">' in page and "Hvem kan bli med?" in page


def test_nothing_in_an_answer_runs(nhf, make, browser_of):
    entry = make.faq("Hva?", audience="public")
    FaqEntry.objects.filter(pk=entry.pk).update(
        answer='<p onclick="x()">Trygt<script>alert(1)</script></p>', question="<b>Hva?</b>"
    )
    page = browser_of("nhf").get(PAGE).content.decode()
    assert "<p>Trygt</p>" in page
    assert "alert(1)" not in page and "&lt;b&gt;Hva?&lt;/b&gt;" in page


def test_whoever_has_it_gets_it_again_only_when_it_has_changed(nhf, make, browser_of):
    entry = make.faq("Hva koster det?", audience="public")
    client = browser_of("nhf")
    first = client.get(PAGE)
    assert first["Cache-Control"] == "public, max-age=300"
    assert {"Cookie", "Accept-Language"} <= {part.strip() for part in first["Vary"].split(",")}
    assert "Set-Cookie" not in first and not first.cookies
    again = client.get(PAGE, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    entry.question = "Hva koster det nå?"
    rules.edit(entry, by=None, publish=True)
    assert client.get(PAGE, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_it_is_gone_with_the_area(nhf, make, browser_of, person):
    make.faq("Hva koster det?", audience="public")
    row = FeatureArea.objects.filter(area="faqs").first()
    set_area(area="faqs", enabled=False, version=row.version if row else None, by=person("admin@nhf.example"))
    client = browser_of("nhf")
    assert client.get(PAGE).status_code == 404
    assert PAGE not in client.get("/").content.decode()


def test_nobody_can_post_to_it(nhf, make, browser_of):
    make.faq("Hva koster det?", audience="public")
    assert browser_of("nhf").post(PAGE).status_code == 405
