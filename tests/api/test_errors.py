"""Below /api/ every error is a problem document, in the caller's language, and nothing else."""

import json

import pytest
from django.urls import path
from rest_framework.response import Response

from api.core.views import PublicView

pytestmark = pytest.mark.django_db


def problem(response, status: int, slug: str) -> dict:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["type"] == f"/problems/{slug}"
    assert body["status"] == status
    assert body["instance"] == response.request["PATH_INFO"]
    assert body["title"]
    assert body["detail"]
    assert b"Traceback" not in response.content
    return body


@pytest.mark.parametrize(
    "address",
    ["/api/", "/api/nothing", "/api/v1/", "/api/v1/nothing/", "/api/v2/me/", "/api/v1/content/faqs"],
)
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_an_unknown_address_is_not_found(api_of, address, method):
    problem(getattr(api_of("nhf"), method)(address), 404, "not-found")


def test_an_unknown_host_is_not_found(client):
    response = client.get("/api/v1/content/faqs/", headers={"host": "nobody.localhost"})
    assert response.json()["type"] == "/problems/unknown-host"
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("address", ["/api/v1/content/faqs/", "/api/v1/client-config/"])
def test_a_method_that_is_not_there_is_named_with_those_that_are(api_of, address):
    response = api_of("nhf").delete(address)
    problem(response, 405, "method-not-allowed")
    assert "GET" in response["Allow"]


def test_json_that_cannot_be_read_is_a_malformed_request(api_of):
    response = api_of("nhf").post("/api/v1/auth/password/", data=b"{", content_type="application/json")
    problem(response, 400, "malformed-request")


def test_a_form_is_an_unsupported_media_type(api_of):
    response = api_of("nhf").post(
        "/api/v1/auth/password/", data="email=a", content_type="application/x-www-form-urlencoded"
    )
    problem(response, 415, "unsupported-media-type")


def test_a_body_that_is_too_large_is_refused(api_of, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = json.dumps({"email": "x" * 2000})
    response = api_of("nhf").post("/api/v1/auth/password/", data=body, content_type="application/json")
    problem(response, 413, "request-too-large")


@pytest.mark.parametrize("body", ["[]", '"text"', "null", "17", '{"email": {"a": 1}}'])
def test_json_of_another_shape_is_invalid_input(api_of, body):
    response = api_of("nhf").post("/api/v1/auth/password/", data=body, content_type="application/json")
    assert problem(response, 400, "invalid-input")["errors"]


def test_invalid_input_is_pointed_at(api_of):
    device = {"name": "x" * 200, "platform": "ios"}
    response = api_of("nhf").post("/api/v1/auth/password/", {"email": "a@b.no", "device": device})
    errors = problem(response, 400, "invalid-input")["errors"]
    assert {(e["pointer"], e["code"]) for e in errors} == {
        ("#/password", "required"),
        ("#/device/name", "max-length"),
        ("#/device/app_version", "required"),
    }


def test_unknown_parameters_are_named(api_of):
    response = api_of("nhf").get("/api/v1/content/faqs/?fits=1&pagesize=2&page_size=1")
    body = problem(response, 400, "unknown-parameter")
    assert "fits, pagesize" in body["detail"]
    assert [error["pointer"] for error in body["errors"]] == ["?fits", "?pagesize"]


@pytest.mark.parametrize(
    "parameter",
    [
        "page_size=0",
        "page_size=201",
        "page_size=x",
        "locale=de",
        "ordering=secret",
        "updated_since=x",
        "count=1",
        "fields=nothing",
        "category=1",
        "cursor=x",
        "cursor=W10",
        "cursor=bnVsbA",
    ],
)
def test_a_parameter_that_makes_no_sense_is_pointed_at(api_of, parameter):
    response = api_of("nhf").get(f"/api/v1/content/faqs/?{parameter}")
    slug = "invalid-cursor" if parameter.startswith("cursor") else "invalid-input"
    errors = problem(response, 400, slug)["errors"]
    assert errors[0]["pointer"] == "?" + parameter.split("=")[0]


@pytest.mark.parametrize(
    ("header", "title"),
    [
        ("nb", "Finnes ikke"),
        ("nn-NO, en;q=0.5", "Finst ikkje"),
        ("en-GB", "Not found"),
        ("fr, nb;q=0.1", "Finnes ikke"),
    ],
)
def test_errors_come_in_the_callers_language(api_of, header, title):
    response = api_of("nhf").get("/api/v1/nothing/", headers={"accept-language": header})
    assert problem(response, 404, "not-found")["title"] == title


def test_the_query_decides_before_the_header(api_of):
    response = api_of("nhf").get("/api/v1/nothing/?locale=en", headers={"accept-language": "nb"})
    assert problem(response, 404, "not-found")["title"] == "Not found"


def test_html_is_not_sent_even_if_asked_for(api_of):
    response = api_of("nhf").get("/api/v1/client-config/", headers={"accept": "text/html"})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"


class FailingView(PublicView):
    def get(self, request):
        raise RuntimeError("the database password is hunter2")


class FineView(PublicView):
    def get(self, request):
        return Response({})


urlpatterns = [path("api/fails/", FailingView.as_view()), path("api/fine/", FineView.as_view())]


@pytest.fixture
def failing_site(settings):
    settings.ROOT_URLCONF = __name__


@pytest.mark.parametrize("debug", [True, False])
def test_an_unforeseen_error_tells_nothing_of_the_inside(api_of, failing_site, settings, debug):
    settings.DEBUG = debug
    client = api_of("nhf")
    client.raise_request_exception = False
    response = client.get("/api/fails/")
    problem(response, 500, "internal-error")
    assert b"hunter2" not in response.content


def test_an_unforeseen_error_is_reported_to_whoever_listens(api_of, failing_site):
    with pytest.raises(RuntimeError, match="hunter2"):
        api_of("nhf").get("/api/fails/")


def test_an_error_of_another_layer_is_a_problem_document_too(api_of, failing_site, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.failing_middleware"]
    client = api_of("nhf")
    client.raise_request_exception = False
    problem(client.get("/api/fine/"), 500, "internal-error")


def failing_middleware(_get_response):
    def middleware(_request):
        raise RuntimeError("hunter2")

    return middleware
