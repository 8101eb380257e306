"""The first entities of the API: the organisation itself, its settings, its areas."""

import pytest

from domain.audit.models import AuditEvent
from domain.config.models import FeatureArea, OrganizationSettings

pytestmark = pytest.mark.django_db
ADMIN, MENTOR = "admin@nhf.example", "mentor@nhf.example"
AREAS, SETTINGS, OWN = "/api/v1/feature-areas/", "/api/v1/organization-settings/", "/api/v1/organization/"


def area(name: str = "faqs") -> str:
    return f"{AREAS}{FeatureArea.objects.get(area=name).pk}/"


def test_an_admin_lists_the_areas_by_name(api_of, nhf):
    answer = api_of("nhf", ADMIN).get(AREAS).json()
    names = [row["area"] for row in answer["results"]]
    assert names == sorted(FeatureArea.objects.values_list("area", flat=True))[:25]
    assert set(answer["results"][0]) == {
        *("id", "created_at", "updated_at", "version", "area", "enabled", "enabled_at", "options")
    }


def test_whoever_may_not_read_areas_finds_none(api_of, nhf):
    client = api_of("nhf", MENTOR)
    assert client.get(AREAS).json() == {"results": [], "next": None, "previous": None}
    assert client.get(area()).status_code == 404
    assert client.patch(area(), {"enabled": False}).status_code == 404
    assert client.get(SETTINGS).status_code == 404


def test_an_admin_switches_an_area_off(api_of, nhf):
    client = api_of("nhf", ADMIN)
    before = client.get(area())
    after = client.patch(area(), {"enabled": False}, headers={"if-match": before["ETag"]})
    assert (after.status_code, after.json()["enabled"]) == (200, False)
    assert after.json()["version"] == before.json()["version"] + 1
    assert after["ETag"] == client.get(area())["ETag"] != before["ETag"]
    assert AuditEvent.objects.filter(action="area.disabled").count() == 1
    assert client.get("/api/v1/content/faqs/").status_code == 404


def test_settings_are_changed_field_by_field(api_of, nhf):
    client = api_of("nhf", ADMIN)
    answer = client.patch(
        SETTINGS, {"escalation_days": 5, "quiet_hours_start": "22:00", "quiet_hours_end": "07:30"}
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["quiet_hours_end"] == "07:30:00"
    assert OrganizationSettings.objects.get().escalation_days == 5


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"escalation_days": 0}, "#/escalation_days"),
        ({"escalation_days": "many"}, "#/escalation_days"),
        ({"expense_limit_nok": "-1"}, "#/expense_limit_nok"),
        ({"expense_limit_nok": "12345678.00"}, "#/expense_limit_nok"),
        ({"locales": ["de"]}, "#/locales/0"),
        ({"locales": []}, "#/locales"),
        ({"no_such": 1}, "#/no_such"),
        ({"support_access_policy": "x"}, "#/support_access_policy"),
        ({"km_rates_source": "x\u0000"}, "#/km_rates_source"),
    ],
)
def test_a_setting_that_makes_no_sense_is_pointed_at(api_of, nhf, change, pointer):
    answer = api_of("nhf", ADMIN).patch(SETTINGS, change)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_quiet_hours_need_both_ends(api_of, nhf):
    answer = api_of("nhf", ADMIN).patch(SETTINGS, {"quiet_hours_start": "22:00"})
    assert answer.status_code == 400


def test_every_member_reads_the_organisation_and_its_admin_renames_it(api_of, nhf):
    assert api_of("nhf", MENTOR).get(OWN).json()["slug"] == "nhf"
    assert api_of("nhf", MENTOR).patch(OWN, {"short_name": "X"}).status_code == 403
    assert api_of("nhf").get(OWN).status_code == 401
    client = api_of("nhf", ADMIN)
    etag = client.get(OWN)["ETag"]
    answer = client.patch(OWN, {"short_name": "NHF 2"}, headers={"if-match": etag})
    assert (answer.status_code, answer.json()["short_name"]) == (200, "NHF 2")
    stale = client.patch(OWN, {"short_name": "NHF 3"}, headers={"if-match": etag})
    assert (stale.status_code, stale["ETag"]) == (412, answer["ETag"])
