"""Websites of other origins: those that the setting names may read the API in a browser, no others."""

import pytest

from .content import faq

pytestmark = pytest.mark.django_db
WEBSITE, STRANGER = "https://www.meander.example", "https://evil.example"
FAQS = "/api/v1/content/faqs/"


@pytest.fixture(autouse=True)
def website(settings):
    settings.CORS_ALLOWED_ORIGINS = [WEBSITE]


def cross_origin_headers(response) -> set[str]:
    return {name for name in response.headers if name.lower().startswith("access-control-")}


def preflight(client, address: str, origin: str, method: str = "GET", headers: str = "authorization"):
    return client.options(
        address,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": headers,
        },
    )


@pytest.mark.parametrize(
    ("address", "method", "headers"),
    [
        (FAQS, "GET", "authorization,if-none-match,accept-language"),
        ("/api/v1/auth/password/", "POST", "content-type"),
        ("/api/v1/demo-bookings/", "POST", "content-type"),
    ],
)
def test_a_browser_on_the_website_may_ask(api_of, address, method, headers):
    response = preflight(api_of("nhf"), address, WEBSITE, method, headers)
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == WEBSITE
    assert method in response["Access-Control-Allow-Methods"]
    assert set(headers.split(",")) <= set(response["Access-Control-Allow-Headers"].split(", "))
    assert "Access-Control-Allow-Credentials" not in response


def test_the_website_reads_answers_and_their_entity_tags(api_of, nhf):
    faq("Hva er en likeperson?")
    response = api_of("nhf").get(FAQS, headers={"Origin": WEBSITE})
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == WEBSITE
    assert "ETag" in response["Access-Control-Expose-Headers"]
    assert "origin" in response["Vary"].lower()
    unchanged = api_of("nhf").get(FAQS, headers={"Origin": WEBSITE, "If-None-Match": response["ETag"]})
    assert (unchanged.status_code, unchanged["Access-Control-Allow-Origin"]) == (304, WEBSITE)


@pytest.mark.parametrize("address", ["/api/v1/me/", "/api/v1/nothing/", f"{FAQS}?colour=red"])
def test_the_website_reads_problems_too(api_of, address):
    response = api_of("nhf").get(address, headers={"Origin": WEBSITE})
    assert response.status_code >= 400
    assert response["Access-Control-Allow-Origin"] == WEBSITE


@pytest.mark.parametrize(
    "origin",
    [
        STRANGER,
        "null",
        "http://www.meander.example",
        f"{WEBSITE}:8443",
        f"{WEBSITE}.evil.example",
        "https://evil.example/www.meander.example",
        "https://meander.example",
    ],
)
def test_any_other_origin_is_told_nothing(api_of, nhf, origin):
    asked = preflight(api_of("nhf"), FAQS, origin)
    read = api_of("nhf").get(FAQS, headers={"Origin": origin})
    signed_in = api_of("nhf", "mentor@nhf.example").get("/api/v1/me/", headers={"Origin": origin})
    for response in (asked, read, signed_in):
        assert cross_origin_headers(response) == set()
        assert "origin" in response["Vary"].lower()


def test_no_origin_is_allowed_until_one_is_named(api_of, settings):
    settings.CORS_ALLOWED_ORIGINS = []
    assert cross_origin_headers(preflight(api_of("nhf"), FAQS, WEBSITE)) == set()


def test_a_browsers_cookies_are_never_asked_for(browser_of, nhf):
    """Whoever is signed in to the admin is a stranger to the API: only a token counts there."""
    client = browser_of("nhf", "admin@nhf.example")
    response = client.get("/api/v1/me/", headers={"Origin": WEBSITE})
    assert response.status_code == 401
    assert "Access-Control-Allow-Credentials" not in response
    assert not response.cookies


@pytest.mark.parametrize("address", ["/", "/admin/login/", "/branding/theme.css", "/problems/not-found"])
def test_nothing_but_the_api_is_opened(browser_of, nhf, address):
    response = browser_of("nhf").get(address, headers={"Origin": WEBSITE})
    assert response.status_code == 200
    assert cross_origin_headers(response) == set()
