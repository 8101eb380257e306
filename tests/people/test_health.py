"""What tells about health is for those who may read of it there: the diagnosis category as well."""

import pytest
from django.urls import reverse

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.access.rules import assign_role
from domain.people.mentoring import assign_mentor
from domain.people.models import DiagnosisCategory
from domain.people.rules import change_contact

pytestmark = pytest.mark.django_db
API = "/api/v1/contacts/"
ADMIN, KARIM, SOLVEIG, BOTH = (
    "admin@nhf.example",
    "coordinator@nhf.example",
    "mentor@nhf.example",
    "both@meander.example",
)


@pytest.fixture
def category(east):
    """What Åse and Per are counted by."""
    row = DiagnosisCategory.objects.create(name_nb="Særegen")
    for contact in (east.contacts.grorud, east.contacts.sinsen):
        change_contact(contact, changes={"diagnosis_category": row}, by=None)
    return row


@pytest.fixture
def officer(person):
    """Who sees all contacts, and nothing of their health."""
    user = person(ADMIN)
    RoleAssignment.objects.filter(user=user).delete()
    assign_role(user, Role.PRIVACY_OFFICER, by=None)
    return user


def told(client, query="") -> dict[str, str | None]:
    answer = client.get(f"{API}{query}")
    assert answer.status_code == 200, answer.content
    return {row["first_name"]: row["diagnosis_category"] for row in answer.json()["results"]}


def exported(browser) -> str:
    answer = browser.get(reverse("contacts:index"), {"export": "csv"})
    return b"".join(answer.streaming_content).decode()


def test_the_api_tells_the_category_to_whom_may_read_of_health_there(
    east, category, officer, mentor, person, api_of
):
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    assign_role(person(BOTH), Role.PEOPLE_READER, by=None, purpose="Quality")
    name, key = "Særegen", str(category.pk)
    whole = {"Åse": key, "Per": key, "Nils": None}
    for email, seen in (
        (ADMIN, dict.fromkeys(whole)),
        (KARIM, {"Åse": key, "Per": key}),
        (SOLVEIG, {"Åse": key}),
        (BOTH, whole),
    ):
        client = api_of("nhf", email)
        assert told(client) == seen, email
        known = {first: value for first, value in seen.items() if value}
        assert told(client, f"?diagnosis_category={key}") == known, email
        answer = client.get(f"{API}{east.contacts.grorud.pk}/?expand=diagnosis_category")
        expanded = answer.json()["expanded"]["diagnosis_category"]
        own = client.get(f"/api/v1/diagnosis-categories/{key}/").json()
        assert expanded == (own if known else None), email
        assert own["name_nb"] == name


def test_a_role_elsewhere_tells_no_category_here(east, category, officer, api_of):
    assign_role(officer, Role.COORDINATOR, local_association=east.tree.sinsen, by=None)
    client = api_of("nhf", ADMIN)
    assert told(client) == {"Åse": None, "Per": str(category.pk), "Nils": None}
    assert set(told(client, f"?diagnosis_category={category.pk}")) == {"Per"}


def test_pages_lists_and_exports_tell_it_to_nobody_else(east, category, officer, browser_of):
    karim, astrid = browser_of("nhf", KARIM), browser_of("nhf", ADMIN)
    page, index = reverse("contacts:inspect", args=[east.contacts.grorud.pk]), reverse("contacts:index")
    for browser, knows in ((karim, True), (astrid, False)):
        assert ("Særegen" in browser.get(page).content.decode()) is knows
        assert ("Særegen" in exported(browser)) is knows
        assert ("Særegen" in browser.get(index).content.decode()) is knows
    found = astrid.get(index, {"diagnosis_category": str(category.pk)}).content.decode()
    assert "Nils Vik" in found  # There is no such filter for them.
    assert "Nils Vik" not in karim.get(index, {"diagnosis_category": str(category.pk)}).content.decode()


def test_a_category_is_chosen_and_taken_away_over_the_api(east, category, api_of):
    karim, address = api_of("nhf", KARIM), f"{API}{east.contacts.sinsen.pk}/"
    assert (
        karim.patch(address, {"diagnosis_category": None}, format="json").json()["diagnosis_category"] is None
    )
    chosen = karim.patch(address, {"diagnosis_category": str(category.pk)}, format="json")
    assert chosen.json()["diagnosis_category"] == str(category.pk)
