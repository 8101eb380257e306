"""A real Chromium for tests, and the accessibility rules of axe-core in it.

Playwright's calls run an event loop in the test's own thread, in which Django refuses to use the database:
read and write it before `chromium()` begins or after it ends.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# Nothing but the page asked for: no updates, no telemetry, no proxy of the surroundings.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
# How long a slow machine may take for anything: a wait ends as soon as its condition holds.
PATIENCE = 45_000  # milliseconds
expect.set_options(timeout=PATIENCE)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Of axe's further advice, the rules whose breach it takes for serious.
ADVICE = ["accesskeys", "aria-dialog-name", "label-title-only", "scope-attr-valid", "tabindex"]


def executable() -> str:
    """The browser of this machine; Playwright's own is never downloaded."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and MAC.exists():
        return str(MAC)
    assert found, f"no browser found: install one of {', '.join(NAMES)} (tools/browser.sh)"
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def visitor(browser: Browser, size: dict = DESKTOP, language: str = "nb-NO") -> Page:
    """An empty page of somebody with cookies of their own, on a screen of this size."""
    context = browser.new_context(
        viewport=size, locale=language, timezone_id="Europe/Oslo", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    return context.new_page()


def sign_in(page: Page, site, organization: str, email: str) -> None:
    """Through the login page, as people do."""
    from cms.demo.organizations import PASSWORD

    page.goto(site.url(organization, "/admin/login/"))
    page.locator("input[name=username]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/admin/")


@dataclass(frozen=True)
class Violation:
    """What axe found wrong with one element. `selector` leads to it, through frames and shadow roots."""

    rule: str
    impact: str
    selector: str
    html: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.impact}) at {self.selector}: {self.html[:200]}"


def violations(page: Page | Frame, *, impacts: tuple[str, ...] = ("serious", "critical")) -> list[Violation]:
    """What axe-core finds on the page as it is now."""
    options = {
        "resultTypes": ["violations"],
        "preload": False,
        "runOnly": {"type": "tag", "values": WCAG},
        "rules": {rule: {"enabled": True} for rule in ADVICE},
    }
    # What fades in is judged as it will be.
    page.evaluate(
        """() => document.getAnimations().forEach(animation => {
            if (animation.effect.getComputedTiming().endTime !== Infinity) animation.finish();
        })"""
    )
    response = Axe().run(page, options=options).response
    return [
        Violation(found["id"], found["impact"], " ".join(map(str, node["target"])), node["html"])
        for found in response["violations"]
        if found["impact"] in impacts
        for node in found["nodes"]
    ]


def keep(page: Page, folder: Path, name: str) -> Path:
    """A screenshot: in the folder SCREENSHOTS names if it is set, else in `folder`."""
    target = Path(os.environ.get("SCREENSHOTS") or folder) / f"{name}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target)
    return target
