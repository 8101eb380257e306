"""Searches of lists that grow: by beginnings of words, however they are spelled, and by an index."""

import pytest
from django.db import transaction
from django_tenants.utils import schema_context

from domain.access.queries import scope_for
from domain.activities.models import Activity
from domain.core.searching import found, words_of
from domain.identity.models import Membership, User
from domain.people.models import Contact
from tenants.db import connection

COORDINATOR = "coordinator@nhf.example"
MEMBERS = ("user__name_search", "user__email", "external_reference")


@pytest.fixture
def ase(large):
    """A contact and an activity that are like no other of the demo."""
    contact = Contact.objects.earliest("pk")
    contact.first_name, contact.last_name = "Åse", "Bjørn-Larsen"
    contact.phone, contact.email = "+4791234567", "ase.bjorn@post.example"
    contact.save(update_fields=["first_name", "last_name", "phone", "email"])
    activity = Activity.objects.exclude(mentor=None).earliest("pk")
    activity.theme, activity.place = "Selvhjelp på øya", "Grünerløkka 12b"
    activity.save()
    return contact, activity


def test_contacts_are_found_by_name_telephone_and_address(ase):
    for text, is_found in (
        ("åse", True),
        ("aase bjoern", True),
        ("larsen ÅSE", True),
        ("arsen", False),
        ("912 34 567", True),
        ("+47 91 23", True),
        ("0047 912", True),
        ("4567", False),
        ("ase.bjorn@post.example", True),
        ("post.example ås", True),
        ("åse hansen", False),
    ):
        rows = found(Contact.objects.filter(pk=ase[0].pk), ["name_search"], text)
        assert rows.exists() is is_found, text


def test_activities_are_found_by_theme_place_and_mentor(ase, api_of, browser_of):
    activity = ase[1]
    name = activity.mentor.last_name
    for text, is_found in (
        ("selvhj", True),
        ("oya grün", True),
        ("12b", True),
        (f"grünerløkka {name}", True),
        ("hjelp", False),
        ("%", False),
        ("–", False),
    ):
        rows = api_of("nhf", COORDINATOR).get("/api/v1/activities/", {"search": text}).json()["results"]
        assert (str(activity.pk) in {row["id"] for row in rows}) is is_found, text
        page = browser_of("nhf", COORDINATOR).get("/admin/activities/", {"q": text})
        assert (activity in page.context["object_list"]) is is_found, text
    activity.theme, activity.place = "", ""
    activity.save(update_fields=["theme", "place"])
    activity.refresh_from_db()
    assert activity.text_search == ""  # What is taken out is no longer found.


def test_a_telephone_number_is_one_word_and_other_numbers_are_not():
    assert words_of(" +47 912 34 567 ") == ["4791234567"]
    assert words_of("00 20 00 01") == ["00200001"]
    assert words_of("uke 7 8") == ["uke", "7", "8"]


def plan(rows) -> str:
    """How PostgreSQL would find rows if reading all of them were dear."""
    text, parameters = rows.order_by().query.sql_with_params()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {text}", parameters)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_activities_and_contacts_are_found_by_an_index(large, person):
    scope = scope_for(person(COORDINATOR))
    row = Activity.objects.exclude(place="").earliest("pk")
    assert row in found(
        Activity.objects.all(), ["text_search"], row.place
    )  # Though they were written in bulk.
    steps = plan(found(Activity.objects.visible_to(scope), ["text_search", "mentor__name_search"], "ås"))
    assert "Bitmap Index Scan on activity_by_words" in steps
    assert "Index Cond: (mentor_id = ANY" in steps
    assert "Seq Scan on activities_activity" not in steps
    steps = plan(found(Contact.objects.visible_to(scope), ["name_search"], "bø 912"))
    assert "Bitmap Index Scan on contact_by_words" in steps
    steps = plan(found(Membership.objects.visible_to(scope), MEMBERS, "bø"))
    assert "Seq Scan on identity_user" not in steps
    assert "meander_people_found" not in steps.split("InitPlan")[0]


def test_people_are_found_by_an_index_behind_the_wall(nhf):
    with connection.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'meander_people_found'")
        source = cursor.fetchone()[0].replace("words\n", "$$'bo':*$$::tsquery\n")
        cursor.execute(f"EXPLAIN {source}")
        assert "Bitmap Index Scan on user_by_words" in "\n".join(row[0] for row in cursor.fetchall())


def test_an_organisation_finds_its_own_people_alone(nhf, person):
    mentor = person("mentor@nhf.example")
    words = {"name_search": mentor.last_name, "email": "mentor@nhf"}
    for column, word in words.items():
        assert mentor.pk in set(found(User.objects.all(), [column], word).values_list("pk", flat=True))
        with schema_context("blindeforbundet"), connection.cursor() as cursor:
            asked = User.found_by(column, word)
            assert asked is not None
            cursor.execute("SELECT public.meander_people_found('''m'':*'::tsquery)")
            assert (mentor.pk,) not in cursor.fetchall()
            assert mentor not in found(User.objects.all(), [column], word)
    # An address is no name: who may look for names alone doesn't learn it.
    assert mentor not in found(User.objects.all(), ["name_search"], "mentor@nhf.example")
