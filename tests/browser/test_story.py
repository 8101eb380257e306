"""The product's foundation in one story: written in the admin, seen in the phone, read by app and website."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django_tenants.utils import schema_context
from playwright.sync_api import Page

from domain.sales.models import DemoBooking
from tests.support.browser import DESKTOP, PHONE, chromium, expect, keep, sign_in, visitor
from tests.support.jobs import work_off

pytestmark = pytest.mark.browser
WIDTHS = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


def faqs_of(site, organization: str, **headers):
    """What the API delivers of the organisation's public FAQs in Norwegian: (etag, question → answer)."""
    with site.client(organization, headers=headers) as http:
        answer = http.get("/api/v1/content/faqs/", params={"locale": "nb", "page_size": 100})
    if answer.status_code == 304:
        return answer.headers["ETag"], None
    assert answer.status_code == 200
    found = {row["question"]: row["answer_html"] for row in answer.json()["results"]}
    return answer.headers["ETag"], found


class Editor:
    """An edit page of Wagtail, used no faster than a person could.

    Its scripts begin to watch the form two seconds after the page has come, and what is changed while a draft
    is on its way to the server counts as saved with it.
    """

    def __init__(self, page: Page):
        self.page = page
        form = page.locator("#w-editor-form")
        form.evaluate(
            """form => {
                form.saved = 0;
                form.addEventListener("w-autosave:success", () => { form.saved += 1; });
            }"""
        )
        expect(form).to_have_attribute("data-watched", "")
        self.form = form

    @contextmanager
    def edit(self) -> Iterator[None]:
        """Change something; ends when the draft is saved."""
        before = self.form.evaluate("form => form.saved")
        yield
        self.page.wait_for_function(
            "before => document.getElementById('w-editor-form').saved > before", arg=before
        )


def watch_forms(page: Page) -> None:
    """Let each form say in an attribute that its changes are being watched."""
    page.add_init_script(
        """addEventListener("w-unsaved:watch-edits", event => {
            event.target.setAttribute("data-watched", "");
        })"""
    )


@WIDTHS
def test_what_an_admin_writes_is_seen_in_the_phone_and_delivered_by_the_api(demo_site, tmp_path, size):
    before, published = faqs_of(demo_site, "nhf")
    question = next(iter(published))
    new_question = f"Hva er nytt på {size['width']} piksler?"
    new_answer = f"Svaret ble skrevet {size['width']} piksler bredt."

    with chromium() as browser:
        page = visitor(browser, size)
        watch_forms(page)
        sign_in(page, demo_site, "nhf", "admin@nhf.example")
        keep(page, tmp_path, f"dashboard-{size['width']}")
        page.goto(demo_site.url("nhf", "/admin/content/faqs/?locale=nb"))
        page.get_by_role("link", name=question, exact=True).click()
        page.wait_for_url("**/edit/**")

        editor = Editor(page)
        with editor.edit():
            page.locator("[name=question]").fill(new_question)
        with editor.edit():
            page.get_by_role("textbox", name="Svar").click()
            page.keyboard.press("ControlOrMeta+a")
            page.keyboard.insert_text(new_answer)

        page.get_by_role("button", name="Vis eller skjul forhåndsvisning").click()
        # The panel draws a second frame with what is typed, and puts it in the place of the first.
        phone = page.frame_locator("#w-preview-iframe").locator(".phone")
        expect(phone).to_be_visible()
        expect(phone).to_contain_text(new_question)
        expect(phone).to_contain_text(new_answer)
        if size == DESKTOP:
            # Live: what is typed while the panel is open shows without a click.
            for text in (f"{new_question} (straks)", new_question):
                with editor.edit():
                    page.locator("[name=question]").fill(text)
                expect(phone.get_by_text(text, exact=True)).to_be_visible()
        keep(page, tmp_path, f"faq-preview-{size['width']}")
        if size == PHONE:  # The panel covers the form here.
            page.locator("[data-form-side-close-button]").click()

        page.get_by_role("button", name="Flere handlinger").click()
        page.get_by_role("button", name="Publiser", exact=True).click()
        expect(page.locator(".messages .success")).to_contain_text(new_question)

    etag, unchanged = faqs_of(demo_site, "nhf", **{"If-None-Match": before})
    assert unchanged is not None and etag != before
    assert question not in unchanged
    assert new_answer in unchanged[new_question]
    assert faqs_of(demo_site, "nhf", **{"If-None-Match": etag}) == (etag, None)


@WIDTHS
def test_a_visitor_reads_the_platforms_answers_and_books_a_demo(demo_site, tmp_path, mailbox, size):
    email = f"nora.{size['width']}@forening.example"
    organization = f"Foreningen {size['width']}"
    _etag, published = faqs_of(demo_site, "platform")
    question, answer = next(iter(published.items()))

    with chromium() as browser:
        page = visitor(browser, size)
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(demo_site.sales_page)
        expect(page.locator("#faqs details")).to_have_count(len(published))
        page.get_by_text(question, exact=True).click()
        expect(page.locator("#faqs details").first).to_contain_text(re.sub(r"<[^>]*>", "", answer)[:60])
        keep(page, tmp_path, f"sales-site-{size['width']}")

        page.get_by_role("button", name="Send").click()
        expect(page.locator("#form-message")).to_be_focused()
        expect(page.locator("#name")).to_have_attribute("aria-invalid", "true")
        page.get_by_label("Navn *").fill("Nora Vik")
        page.get_by_label("E-post *").fill(email)
        page.get_by_label("Telefon").fill("912 34 567")
        page.get_by_label("Organisasjon *").fill(organization)
        page.get_by_label("Hvor mange frivillige har dere?").select_option("50_to_249")
        page.locator("#slots input").first.check()
        page.get_by_label("Dere kan lagre").check()
        keep(page, tmp_path, f"sales-form-{size['width']}")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#thanks")).to_be_focused()
        keep(page, tmp_path, f"sales-thanks-{size['width']}")
        assert not problems

    with schema_context("platform"):
        booking = DemoBooking.objects.get(email=email)
        assert (booking.organization_name, booking.phone) == (organization, "+4791234567")
        assert booking.wished_slots.count() == 1
    work_off(within=timedelta(minutes=5))
    sent = [mail for mail in mailbox if mail["To"] == email]
    assert len(sent) == 1
    assert "Nora Vik" in sent[0].get_content()

    with chromium() as browser:
        page = visitor(browser, size)
        sign_in(page, demo_site, "platform", "owner@meander.example")
        page.goto(demo_site.url("platform", "/admin/demo-bookings/"))
        expect(page.get_by_role("main")).to_contain_text(organization)
        keep(page, tmp_path, f"demo-bookings-{size['width']}")
