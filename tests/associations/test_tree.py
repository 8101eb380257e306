"""The tree of local associations and what the database keeps right about it."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from domain.access.queries import scope_for
from domain.associations import rules
from domain.associations.models import CHANGE, LocalAssociation
from domain.associations.queries import ancestors_of, find_by_number, tree_on
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, InvalidState, NotAllowed, StaleVersion
from tests.support.queries import statements

pytestmark = pytest.mark.django_db


def fresh(association):
    return LocalAssociation.objects.get(pk=association.pk)


def actions_of(association) -> list[str]:
    events = AuditEvent.objects.filter(object_id=str(association.pk)).order_by("id")
    return list(events.values_list("action", flat=True))


def test_a_path_is_made_of_the_nodes_from_the_root_down(tree):
    assert tree.grorud.path == f"/{tree.norge.node}/{tree.east.node}/{tree.grorud.node}/"
    assert tree.grorud.depth == 2
    assert ancestors_of(tree.grorud) == [tree.norge, tree.east]


def test_a_move_takes_the_whole_subtree_along(tree, person):
    rules.move_association(tree.east, to=tree.west, by=person("admin@nhf.example"))
    assert fresh(tree.grorud).path == f"{tree.west.path}{tree.east.node}/{tree.grorud.node}/"
    assert fresh(tree.bergen).path == tree.bergen.path
    assert actions_of(tree.east)[-1] == "local-association.moved"


def test_the_subtree_of_a_move_is_written_in_one_statement(tree):
    many = [
        rules.create_association(name=f"Lag {number}", number=f"L{number}", parent=tree.east, by=None)
        for number in range(20)
    ]
    with statements() as few:
        rules.move_association(tree.grorud, to=tree.west, by=None)
    with statements() as found:
        rules.move_association(tree.east, to=tree.west, by=None)
    assert len(found) == len(few)
    assert all(fresh(each).path.startswith(fresh(tree.east).path) for each in many)


def test_nothing_hangs_below_itself(tree):
    with pytest.raises(InvalidState, match="itself or below it"):
        rules.move_association(tree.east, to=tree.grorud, by=None)
    with pytest.raises(InvalidState):
        rules.move_association(tree.east, to=tree.east, by=None)


def test_the_database_refuses_a_ring_by_itself(tree):
    with pytest.raises(IntegrityError, match="below itself"), transaction.atomic():
        LocalAssociation.objects.filter(pk=tree.east.pk).update(parent=tree.grorud)
    with pytest.raises(IntegrityError), transaction.atomic():
        LocalAssociation.objects.filter(pk=tree.east.pk).update(parent=tree.east)


def test_a_path_can_not_be_written_by_hand(tree):
    LocalAssociation.objects.filter(pk=tree.grorud.pk).update(path="/99/")
    assert fresh(tree.grorud).path == tree.grorud.path
    stale = fresh(tree.grorud)
    rules.move_association(tree.east, to=tree.west, by=None)
    stale.save()
    assert fresh(tree.grorud).path.startswith(fresh(tree.west).path)


def test_a_local_association_is_never_deleted(tree):
    with pytest.raises(IntegrityError), transaction.atomic():
        LocalAssociation.objects.filter(pk=tree.bergen.pk).delete()


def test_a_number_is_taken_whatever_its_case(tree):
    rules.create_association(name="Ungdom", number="u1", parent=tree.norge, by=None)
    with pytest.raises(InvalidInput) as refusal:
        rules.create_association(name="Andre", number="U1", parent=tree.norge, by=None)
    assert refusal.value.field == "number"


@pytest.mark.parametrize("number", ["923609017", "12345678", "92360901a"])
def test_an_organisation_number_has_nine_digits_and_a_check_digit(tree, number):
    with pytest.raises(InvalidInput) as refusal:
        rules.change_association(tree.grorud, changes={"organization_number": number}, by=None)
    assert refusal.value.field == "organization_number"


def test_an_organisation_number_belongs_to_one(tree):
    rules.change_association(tree.grorud, changes={"organization_number": "923 609 016"}, by=None)
    with pytest.raises(InvalidInput) as refusal:
        rules.change_association(tree.sinsen, changes={"organization_number": "923609016"}, by=None)
    assert refusal.value.field == "organization_number"


def test_a_change_is_recorded_field_by_field_and_refused_when_stale(tree, person):
    admin = person("admin@nhf.example")
    before = fresh(tree.grorud)
    rules.change_association(before, changes={"name": "Grorud og omegn"}, by=admin, version=before.version)
    event = AuditEvent.objects.get(action="local-association.changed")
    assert event.changes == {"name": ["Grorud", "Grorud og omegn"]}
    with pytest.raises(StaleVersion):
        rules.change_association(before, changes={"name": "Annet"}, by=admin, version=before.version)


def test_a_phone_number_is_stored_as_the_standard_writes_it(tree):
    changed = rules.change_association(tree.grorud, changes={"phone": "912 34 567"}, by=None)
    assert changed.phone == "+4791234567"
    with pytest.raises(InvalidInput):
        rules.change_association(tree.grorud, changes={"phone": "ring meg"}, by=None)


def test_closing_waits_for_what_is_below(tree):
    with pytest.raises(InvalidState, match="2 active ones"):
        rules.set_active(tree.east, active=False, by=None)
    for each in (tree.grorud, tree.sinsen):
        rules.set_active(each, active=False, by=None)
    assert not rules.set_active(tree.east, active=False, by=None).is_active
    with pytest.raises(InvalidState, match="closed"):
        rules.create_association(name="Ny", number="9", parent=tree.east, by=None)


def test_a_merge_leaves_an_alias_and_moves_what_was_below(tree):
    below = rules.create_association(name="Romsås", number="1011", parent=tree.grorud, by=None)
    rules.change_association(tree.bergen, changes={"paying_entity": tree.grorud}, by=None)
    remaining = rules.merge_associations(tree.grorud, into=tree.sinsen, by=None, reason="Årsmøtet")
    assert remaining == tree.sinsen
    alias = fresh(tree.grorud)
    assert (alias.merged_into, alias.is_active) == (tree.sinsen, False)
    assert fresh(below).parent == tree.sinsen
    assert fresh(tree.bergen).paying_entity == tree.sinsen
    assert find_by_number("101") == tree.sinsen
    with pytest.raises(InvalidState, match="merged into"):
        rules.change_association(alias, changes={"name": "Nytt"}, by=None)


def test_a_merge_into_itself_or_what_is_below_is_refused(tree):
    for into in (tree.east, tree.grorud):
        with pytest.raises(InvalidState):
            rules.merge_associations(tree.east, into=into, by=None)


def test_the_tree_of_an_earlier_day_can_be_seen_again(tree):
    long_ago = date(2024, 1, 1)
    for each in (tree.norge, tree.east, tree.west, tree.grorud, tree.sinsen, tree.bergen):
        each.places.update(valid_from=long_ago)
    today = timezone.localdate()
    rules.move_association(tree.grorud, to=tree.west, by=None)
    assert tree_on(today)[tree.grorud.pk] == fresh(tree.grorud).path
    assert tree_on(today - timedelta(days=1))[tree.grorud.pk] == tree.grorud.path
    assert tree_on(date(2023, 12, 31)) == {}
    # Moved back on the same day: as if nothing had been.
    rules.move_association(fresh(tree.grorud), to=tree.east, by=None)
    assert tree_on(today) == tree_on(long_ago)
    assert tree.grorud.places.count() == 2


def test_a_move_can_be_dated_back_but_not_before_the_last_one(tree):
    tree.grorud.places.update(valid_from=date(2025, 3, 1))
    with pytest.raises(InvalidInput):
        rules.move_association(tree.grorud, to=tree.west, from_day=date(2025, 2, 1), by=None)
    with pytest.raises(InvalidInput):
        tomorrow = timezone.localdate() + timedelta(days=1)
        rules.move_association(tree.grorud, to=tree.west, from_day=tomorrow, by=None)
    rules.move_association(tree.grorud, to=tree.west, from_day=date(2025, 6, 1), by=None)
    assert [edge.valid_to for edge in tree.grorud.places.all()] == [date(2025, 5, 31), None]


def test_every_member_reads_all_of_them_and_a_stranger_none(tree, person):
    mentor = scope_for(person("mentor@nhf.example"))
    assert LocalAssociation.objects.visible_to(mentor).count() == 6
    assert LocalAssociation.objects.visible_to(scope_for(None)).count() == 0


def test_an_admin_of_a_region_writes_below_it_only(tree, east_coordinator):
    scope = scope_for(east_coordinator)
    reach = LocalAssociation.objects.changeable_by(scope, "associations.view_localassociation")
    assert set(reach) == {tree.east, tree.grorud, tree.sinsen}
    assert not LocalAssociation.objects.changeable_by(scope, CHANGE).exists()
    with pytest.raises(NotAllowed):
        rules.change_association(tree.grorud, changes={"name": "Mitt"}, by=east_coordinator)
    with pytest.raises(NotAllowed):
        rules.create_association(name="Mitt", number="77", parent=tree.east, by=east_coordinator)


def test_the_whole_list_is_one_query(tree):
    with statements() as found:
        assert len(list(LocalAssociation.objects.in_tree_order())) == 6
    assert len(found) == 1


def test_a_subtree_is_found_by_its_index(tree):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, parameters = LocalAssociation.objects.below(tree.east.path).order_by().query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "association_path" in plan
    assert "~>=~" in plan
