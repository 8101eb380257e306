"""The API's documentation in a browser, under the policy it is served with."""

from pathlib import Path

import pytest
import yaml
from django_tenants.utils import schema_context

from tests.api.content import faq
from tests.support.browser import DESKTOP, PHONE, chromium, violations, visitor

pytestmark = pytest.mark.browser
FAQS = "#operations-Content-listFaqs"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
METHODS = {"get", "put", "post", "patch", "delete"}


def test_every_call_is_listed_and_can_be_tried_without_breaking_the_policy(live_site):
    paths = yaml.load(DOCUMENT.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["paths"]
    calls = sum(len(METHODS & set(operations)) for operations in paths.values())
    with schema_context("nhf"):
        faq("Hva er en likeperson?")
    with chromium() as browser:
        for size in (DESKTOP, PHONE):
            page = visitor(browser, size)
            said: list[str] = []
            page.on("console", lambda message, said=said: said.append(message.text))
            page.on("pageerror", lambda error, said=said: said.append(str(error)))
            page.goto(live_site.url("nhf", "/api/docs/"))
            page.locator(FAQS).wait_for(timeout=180_000)
            assert page.locator(".opblock").count() == calls
            assert not violations(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

            call = page.locator(FAQS)
            call.locator(".opblock-summary-control").click()
            call.locator(".try-out__btn").click()
            call.locator(".execute").click()
            answer = call.locator(".live-responses-table td.response-col_status").nth(1)
            answer.wait_for()
            assert answer.inner_text().split()[0] == "200"
            assert not [text for text in said if "Content Security Policy" in text or "Error" in text], said
