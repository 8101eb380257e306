"""What an app asks before anyone is signed in: its oldest version, and which organisations there are."""

import pytest
from django.core.files.base import ContentFile
from django_tenants.utils import schema_context

from tenants.choices import OrganizationStatus
from tenants.models import Domain, Organization
from tests.support.images import image

pytestmark = pytest.mark.django_db
ORGANIZATIONS = "/api/v1/organizations/"


class TestClientConfig:
    address = "/api/v1/client-config/"

    @pytest.mark.parametrize("organization", ["nhf", "platform"])
    def test_it_tells_versions_and_schemas_to_anyone(self, api_of, settings, organization):
        settings.MINIMUM_APP_VERSIONS = {"ios": "1.4.0", "android": "1.3.2"}
        response = api_of(organization).get(self.address)
        assert response.json() == {
            "minimum_app_versions": {"ios": "1.4.0", "android": "1.3.2"},
            "maintenance": None,
            "schema_versions": {"current": 1, "oldest_supported": 1},
        }
        assert response["Cache-Control"] == "public, max-age=60"

    def test_it_announces_maintenance_in_utc(self, api_of, settings):
        settings.MAINTENANCE_WINDOW = ["2026-12-01T23:00:00+01:00", "2026-12-02T01:30:00Z"]
        maintenance = api_of("nhf").get(self.address).json()["maintenance"]
        assert maintenance == {"starts_at": "2026-12-01T22:00:00Z", "ends_at": "2026-12-02T01:30:00Z"}

    def test_it_is_unchanged_until_it_changes(self, api_of, settings):
        client = api_of("nhf")
        etag = client.get(self.address)["ETag"]
        assert client.get(self.address, headers={"If-None-Match": etag}).status_code == 304
        settings.MINIMUM_APP_VERSIONS = {"ios": "2.0.0"}
        assert client.get(self.address, headers={"If-None-Match": etag}).status_code == 200

    def test_an_old_token_does_not_keep_an_app_from_asking(self, api_of):
        client = api_of("nhf")
        client.credentials(HTTP_AUTHORIZATION="Bearer expired")
        assert client.get(self.address).status_code == 200


def listed(api_of, query: str = "") -> list[str]:
    response = api_of("platform").get(f"{ORGANIZATIONS}{query}")
    assert response.status_code == 200, response.content
    return [row["short_name"] for row in response.json()["results"]]


def change(schema: str, **values) -> None:
    Organization.objects.filter(schema_name=schema).update(**values)


class TestOrganizations:
    def test_those_that_agreed_are_listed_by_name_and_never_the_platform(self, api_of):
        change("platform", is_listed=True)
        assert listed(api_of) == ["Blindeforbundet", "NHF"]

    def test_who_did_not_agree_is_not_listed(self, api_of):
        change("nhf", is_listed=False)
        assert listed(api_of) == ["Blindeforbundet"]

    @pytest.mark.parametrize("status", [s for s in OrganizationStatus if s != OrganizationStatus.ACTIVE])
    def test_who_is_not_active_is_not_listed(self, api_of, status):
        change("nhf", status=status)
        assert listed(api_of) == ["Blindeforbundet"]

    def test_nothing_but_what_was_agreed_to_is_told(self, api_of):
        row = api_of("platform").get(f"{ORGANIZATIONS}?search=handikap").json()["results"][0]
        assert row == {
            "id": str(Organization.objects.get(schema_name="nhf").pk),
            "name": "Norges Handikapforbund",
            "short_name": "NHF",
            "host": "nhf.localhost",
            "logo_url": None,
        }

    def test_the_host_is_the_primary_one_with_the_port_that_was_asked(self, api_of):
        Domain.objects.create(
            tenant=Organization.objects.get(schema_name="nhf"), domain="likeperson.example", is_primary=False
        )
        client = api_of("platform")
        rows = client.get(ORGANIZATIONS, headers={"host": "localhost:8000"}).json()["results"]
        assert [row["host"] for row in rows] == ["blindeforbundet.localhost:8000", "nhf.localhost:8000"]

    def test_the_logo_is_an_absolute_address_that_the_organisations_own_host_serves(self, api_of, browser_of):
        organization = Organization.objects.get(schema_name="nhf")
        with schema_context("nhf"):
            data = image("logo", width=200, height=80).file.read()
        organization.logo.save("logo.png", ContentFile(data))
        row = api_of("platform").get(f"{ORGANIZATIONS}?search=handikap").json()["results"][0]
        origin = "http://nhf.localhost"
        assert row["logo_url"].startswith(f"{origin}/")
        path = row["logo_url"].removeprefix(origin)
        served = browser_of("nhf").get(path)
        assert served.status_code == 200
        assert b"".join(served.streaming_content) == data
        for other in ("platform", "blindeforbundet"):
            assert browser_of(other).get(path).status_code == 404

    def test_a_name_is_found_by_each_of_its_words(self, api_of):
        assert listed(api_of, "?search=blinde norges") == ["Blindeforbundet"]
        assert listed(api_of, "?search=Norges") == ["Blindeforbundet", "NHF"]
        assert listed(api_of, "?search=x") == []

    def test_pages_follow_each_other(self, api_of):
        first = api_of("platform").get(f"{ORGANIZATIONS}?page_size=1&count=exact").json()
        assert (first["count"], first["previous"]) == (2, None)
        second = api_of("platform").get(first["next"]).json()
        assert [row["short_name"] for row in second["results"]] == ["NHF"]
        assert second["next"] is None

    @pytest.mark.parametrize("email", [None, "admin@nhf.example"])
    def test_only_the_platforms_host_lists_them(self, api_of, email):
        response = api_of("nhf", email).get(ORGANIZATIONS)
        assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")
