"""Where mentors are: no more exactly than they allow, seen by few, and not for long."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from domain.access.memberships import end_membership
from domain.access.models import RoleAssignment
from domain.access.queries import scope_for
from domain.access.rules import assign_role, end_role
from domain.associations.distances import about, near
from domain.associations.locations import protect_location, set_location, withdraw_location
from domain.associations.models import MentorLocation
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.identity.models import Membership
from tenants.db import connection

OSLO = {"latitude": Decimal("59.913868"), "longitude": Decimal("10.752245")}
ROUGHLY = {"precision": "municipality", "source": "device"}


@pytest.fixture
def solveig(tree, person, join):
    """A mentor of Grorud, below Øst."""
    solveig = person("mentor@nhf.example")
    solveig.association_memberships.all().delete()
    join(solveig, tree.grorud)
    return solveig


def sees(user) -> set:
    return set(MentorLocation.objects.visible_to(scope_for(user)).values_list("user", flat=True))


def test_a_position_is_rounded_before_it_is_stored(solveig):
    row = set_location(by=solveig, **OSLO, **ROUGHLY)
    assert (row.latitude, row.longitude) == (Decimal("60.0"), Decimal("10.8"))
    row = set_location(by=solveig, **OSLO, precision="postcode", source="map")
    assert (row.latitude, row.longitude) == (Decimal("59.90"), Decimal("10.8"))
    assert MentorLocation.objects.count() == 1
    said = [event.detail.changes for event in AuditEvent.objects.filter(action="mentor-location.set")]
    assert len(said) == 2
    assert not any(part in str(said) for part in ("59.9", "10.7", "10.8", "60.0"))


def test_the_database_refuses_what_is_more_exact_than_was_agreed(solveig):
    row = set_location(by=solveig, **OSLO, **ROUGHLY)
    for values in (
        {"latitude": Decimal("59.9139")},
        {"consent": ""},
        {"consented_at": None},
        {"is_protected": True},
        {"latitude": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            MentorLocation.objects.filter(pk=row.pk).update(**values)


def test_taking_the_consent_back_leaves_no_row(solveig):
    withdraw_location(set_location(by=solveig, **OSLO, **ROUGHLY), by=solveig)
    assert not MentorLocation.objects.exists()
    assert AuditEvent.objects.filter(action="mentor-location.withdrawn").exists()


def test_a_position_is_seen_where_the_mentor_belongs(solveig, tree, person, east_coordinator):
    set_location(by=solveig, **OSLO, **ROUGHLY)
    bjorn = person("both@meander.example")
    assert sees(solveig) == sees(east_coordinator) == sees(person("admin@nhf.example")) == {solveig.pk}
    assert sees(bjorn) == set()
    RoleAssignment.objects.filter(user=east_coordinator).delete()
    assign_role(east_coordinator, "coordinator", local_association=tree.west, by=None)
    assert sees(east_coordinator) == set()


def test_of_a_protected_address_nothing_is_kept_and_few_know(solveig, person, east_coordinator):
    row = set_location(by=solveig, **OSLO, precision="exact")
    row = protect_location(user=solveig, by=east_coordinator)
    assert (row.latitude, row.longitude, row.precision) == (None, None, "")
    astrid = person("admin@nhf.example")
    assert sees(solveig) == sees(east_coordinator) == {solveig.pk}
    assert sees(astrid) == set()
    everything = MentorLocation.objects.all()
    assert not near(everything, OSLO["latitude"], OSLO["longitude"], 500).exists()
    with pytest.raises(InvalidState) as refusal:
        set_location(by=astrid, user=solveig, consent="spoken", **OSLO, **ROUGHLY)
    assert "protect" not in str(refusal.value.message)
    with pytest.raises(NotAllowed):
        withdraw_location(row, by=astrid)
    withdraw_location(row, by=east_coordinator)
    set_location(by=solveig, **OSLO, **ROUGHLY)


def test_who_notes_a_position_for_a_mentor_says_how_they_agreed(solveig, person, east_coordinator):
    for consent in ("self", "", "guessed"):
        with pytest.raises(InvalidInput):
            set_location(by=east_coordinator, user=solveig, consent=consent, **OSLO, **ROUGHLY)
    with pytest.raises(NotAllowed):
        set_location(by=east_coordinator, **OSLO, **ROUGHLY)  # Karim is no mentor.
    with pytest.raises(NotAllowed):
        set_location(by=solveig, user=person("both@meander.example"), consent="spoken", **OSLO, **ROUGHLY)
    with pytest.raises(InvalidInput) as refusal:
        set_location(by=solveig, latitude=OSLO["longitude"], longitude=OSLO["latitude"], **ROUGHLY)
    assert refusal.value.field == "latitude"
    assert set_location(by=east_coordinator, user=solveig, consent="spoken", **OSLO, **ROUGHLY).consented_at


def test_a_position_goes_with_the_role_and_with_the_membership(solveig, person):
    set_location(by=solveig, **OSLO, **ROUGHLY)
    end_role(RoleAssignment.objects.get(user=solveig), by=None)
    assert not MentorLocation.objects.exists()
    bjorn = person("both@meander.example")
    protect_location(by=bjorn)
    end_membership(Membership.objects.here().get(user=bjorn), by=None)
    assert not MentorLocation.objects.exists()


def test_the_nearest_come_first_and_distances_are_those_of_a_globe(solveig, person):
    bjorn = person("both@meander.example")
    set_location(by=solveig, **OSLO, precision="exact")
    set_location(by=bjorn, latitude=Decimal("60.3913"), longitude=Decimal("5.3221"), precision="exact")
    rows = MentorLocation.objects.on_map()
    far = near(rows, Decimal("59.91"), Decimal("10.75"), 400)
    assert [row.user_id for row in far] == [solveig.pk, bjorn.pk]
    # Oslo to Bergen along a great circle: 305 km.
    assert 300 < far[1].km < 310
    assert [row.user_id for row in near(rows, Decimal("59.91"), Decimal("10.75"), 100)] == [solveig.pk]


def test_a_distance_is_told_no_farther_than_it_is_known():
    assert [about(km, "municipality") for km in (0, 12, 26)] == [
        "less than 20 km",
        "less than 20 km",
        "about 30 km",
    ]
    assert about(12, "exact") == about(12, "postcode") == "about 10 km"


def test_only_of_a_mentor_it_is_noted_that_no_position_may_be_kept(solveig, tree, person):
    astrid = person("admin@nhf.example")
    finance = person("coordinator@nhf.example")
    with pytest.raises(InvalidInput) as refusal:
        protect_location(user=finance, by=astrid)
    assert refusal.value.field == "user"
    Membership.objects.here().filter(user=solveig).update(status="suspended")
    assert protect_location(user=solveig, by=astrid).is_protected


def test_a_position_that_somebody_else_has_just_deleted_is_not_found(solveig, api_of, browser_of, person):
    """The row goes after the request has found it, before the rule has locked it."""

    def deleted(execute, sql, *args):
        if "FOR UPDATE" in sql and "associations_mentorlocation" in sql:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM associations_mentorlocation")
        return execute(sql, *args)

    row = set_location(by=solveig, **OSLO, **ROUGHLY)
    api, browser = api_of("nhf", solveig.email), browser_of("nhf", "admin@nhf.example")
    with connection.execute_wrapper(deleted):
        assert api.delete(f"/api/v1/mentor-locations/{row.pk}/").status_code == 404
        withdraw = f"/admin/mentor-locations/withdraw/{row.pk}/"
        assert browser.post(withdraw, {"version": row.version, "reason": "x"}).status_code == 404
