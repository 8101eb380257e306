"""The `type` of every problem document leads to a page that says what it means and what to do."""

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from api.core import errors, middleware
from api.core.errors import TITLES, as_problem
from api.problems import EXPLANATIONS
from domain.core.errors import DomainError, InvalidInput, InvalidState, NotAllowed, StaleVersion
from tenants.choices import OrganizationStatus
from tenants.models import Organization

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
# Functions that take a slug, and at which place.
TAKE_A_SLUG = {"Problem": 0, "document": 0, "problem_response": 0, "refuse": 2}


def literal_slugs() -> Iterator[str]:
    """Slugs that the code writes out."""
    for room in ("api", "cms", "domain", "tenants"):
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                place = TAKE_A_SLUG.get(getattr(node.func, "id", getattr(node.func, "attr", "")))
                if place is not None and len(node.args) > place:
                    slug = node.args[place]
                    if isinstance(slug, ast.Constant) and isinstance(slug.value, str):
                        yield slug.value


def kinds_of_refusal(base: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    yield base
    for kind in base.__subclasses__():
        yield from kinds_of_refusal(kind)


def slugs() -> set[str]:
    closed = {f"organization-{s}" for s in OrganizationStatus if s != OrganizationStatus.ACTIVE}
    rules = {kind.code for kind in kinds_of_refusal() if not issubclass(kind, InvalidInput)}
    from_layers = {*errors._REST_SLUGS.values(), *middleware._SLUGS.values(), "invalid-token", "not-found"}
    return {*literal_slugs(), *closed, *rules, *from_layers}


def test_the_slugs_of_the_code_are_found():
    some = {"unknown-host", "invalid-cursor", "unknown-parameter", "sign-in-refused", "internal-error"}
    assert some <= slugs()


def test_every_slug_the_code_can_emit_is_declared_explained_and_documented():
    documented = set(re.findall(r"`([a-z-]+)`", (ROOT / "docs/api.md").read_text().split("| slug |")[1]))
    assert slugs() - set(TITLES) == set()
    assert set(EXPLANATIONS) == set(TITLES)
    assert set(TITLES) - documented == set()


@pytest.mark.parametrize("organization", ["nhf", "platform"])
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_problem_has_its_page_in_the_readers_language(browser_of, organization, language):
    client = browser_of(organization)
    shown = set()
    for slug, explanation in EXPLANATIONS.items():
        page = client.get(f"/problems/{slug}", headers={"accept-language": language})
        text = html.unescape(page.content.decode())
        assert page.status_code == 200, slug
        assert f'<html lang="{language}">' in text
        assert f"<code>{slug}</code>" in text
        for words in explanation:
            with translation.override("en"):
                source = str(words)
            with translation.override(language):
                assert str(words) in text, slug
            assert (source in text) == (language == "en"), slug
        shown.add(re.search(r'<p class="lead">(.+)</p>', text)[1])
    assert len(shown) == len(EXPLANATIONS)


@pytest.mark.parametrize(
    "slug", ["nothing", "Not-Found", "not_found", "not-found/", "../api", "%3Cscript%3E"]
)
def test_a_slug_that_is_no_problem_has_no_page(browser_of, slug):
    assert browser_of("nhf").get(f"/problems/{slug}").status_code == 404


def test_the_type_of_an_answer_leads_to_its_page_on_the_same_host(api_of, browser_of):
    problem = api_of("nhf").get("/api/v1/me/").json()
    assert browser_of("nhf").get(problem["type"]).status_code == 200


@pytest.mark.parametrize("status", [s for s in OrganizationStatus if s != OrganizationStatus.ACTIVE])
def test_on_a_host_that_is_shut_the_page_says_so_itself(api_of, browser_of, status):
    from tenants import routing

    Organization.objects.filter(schema_name="nhf").update(status=status)
    routing.forget()
    problem = api_of("nhf").get("/api/v1/me/").json()
    assert problem["type"] == f"/problems/organization-{status}"
    page = browser_of("nhf").get(problem["type"], headers={"accept-language": "en"})
    assert page.status_code == 403
    assert problem["title"]
    assert html.escape(TITLES[f"organization-{status}"]) in page.content.decode()


@pytest.mark.parametrize(
    ("error", "slug", "status"),
    [
        (InvalidState("Taken.", code="slot-taken"), "invalid-state", 409),
        (NotAllowed("No.", code="not-your-own"), "not-allowed", 403),
        (StaleVersion("Old.", code="moved"), "stale-version", 412),
        (DomainError("No.", code="schema-name-reserved"), "refused", 422),
    ],
)
def test_a_rules_own_code_stands_beside_the_kind_of_refusal(error, slug, status):
    problem = as_problem(error)
    assert (problem.slug, problem.status_code) == (slug, status)
    assert problem.errors == [{"pointer": "#", "code": error.code, "detail": error.message}]


def test_a_refusal_without_a_code_of_its_own_has_nothing_to_add():
    assert as_problem(InvalidState("No.")).errors == []
