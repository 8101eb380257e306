"""/support-access-grants/: for the organisation's administrators."""

import pytest
from django_tenants.utils import schema_context

from domain.identity.models import SupportAccessGrant

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/support-access-grants/"


def test_an_administrator_lists_filters_and_decides(ask, api_of):
    grant = ask()
    api = api_of("nhf", "admin@nhf.example")
    (row,) = api.get(f"{ADDRESS}?status=pending").json()["results"]
    assert (row["id"], row["status"], row["areas"]) == (str(grant.pk), "pending", grant.areas)
    assert api.get(f"{ADDRESS}?status=active").json()["results"] == []
    one = api.get(f"{ADDRESS}{grant.pk}/?expand=allowed_actions,requested_by").json()
    assert one["expanded"]["allowed_actions"] == ["approve", "decline"]
    assert one["expanded"]["requested_by"]["first_name"] == "Unni"
    approved = api.post(f"{ADDRESS}{grant.pk}/approve/")
    assert approved.status_code == 200
    assert approved.json()["status"] == "active"
    assert api.post(f"{ADDRESS}{grant.pk}/approve/").status_code == 409
    revoked = api.post(f"{ADDRESS}{grant.pk}/revoke/", {"reason": "Done"}, format="json")
    assert (revoked.json()["status"], revoked.json()["decided_reason"]) == ("revoked", "Done")


def test_declining_says_why(ask, api_of):
    grant = ask()
    api = api_of("nhf", "admin@nhf.example")
    declined = api.post(f"{ADDRESS}{grant.pk}/decline/", {"reason": "Not today"}, format="json")
    assert (declined.json()["status"], declined.json()["decided_reason"]) == ("declined", "Not today")


@pytest.mark.parametrize("email", ["coordinator@nhf.example", "mentor@nhf.example"])
def test_others_find_nothing(ask, api_of, email):
    grant = ask()
    api = api_of("nhf", email)
    assert api.get(ADDRESS).json()["results"] == []
    for address in ("", "approve/", "decline/", "revoke/"):
        call = api.post if address else api.get
        assert call(f"{ADDRESS}{grant.pk}/{address}").status_code == 404
    assert SupportAccessGrant.objects.get(pk=grant.pk).approved_at is None


def test_another_organisation_finds_nothing_either(ask, api_of):
    grant = ask()
    api = api_of("blindeforbundet", "admin@blindeforbundet.example")
    assert api.get(f"{ADDRESS}{grant.pk}/").status_code == 404
    assert api.post(f"{ADDRESS}{grant.pk}/approve/").status_code == 404


def test_a_grant_of_an_organisation_is_read_there(let_in, api_of):
    grant = let_in()
    with schema_context("nhf"):
        assert SupportAccessGrant.objects.in_force().get() == grant
