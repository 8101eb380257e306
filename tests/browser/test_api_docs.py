"""The API's documentation in a browser, under the policy it is served with."""

from collections import Counter
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
    calls = Counter(
        operation["tags"][0]
        for operations in paths.values()
        for method, operation in operations.items()
        if method in METHODS
    )
    with schema_context("nhf"):
        faq("Hva er en likeperson?")
    with chromium() as browser:
        for size in (DESKTOP, PHONE):
            page = visitor(browser, size)
            said: list[str] = []
            page.on("console", lambda message, said=said: said.append(message.text))
            page.on("pageerror", lambda error, said=said: said.append(str(error)))
            page.goto(live_site.url("nhf", "/api/docs/"))
            page.locator(".opblock-tag").first.wait_for()
            assert page.locator(".opblock-tag").count() == len(calls)
            assert sum(calls.values()) > 200
            for tag, number in calls.items():
                heading = page.locator(f'.opblock-tag[data-tag="{tag}"]')
                heading.click()
                listed = page.locator(f'.opblock-tag-section:has([data-tag="{tag}"]) .opblock')
                listed.nth(number - 1).wait_for()
                assert listed.count() == number
                if tag != "Content":
                    heading.click()
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
