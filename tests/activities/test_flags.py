"""What is doubtful about an activity, and what becomes of a doubt."""

from datetime import timedelta

import pytest
from django.utils import timezone

from domain.access.rules import assign_role
from domain.activities.deciding import (
    approve_activity,
    confirm_flag,
    dismiss_flag,
    flag_activity,
    join_as_co_leader,
    submit_activity,
    withdraw_activity,
)
from domain.associations.memberships import join_association
from domain.core.errors import InvalidInput, InvalidState, NotAllowed

pytestmark = pytest.mark.django_db


def kinds(row) -> list[str]:
    return sorted(row.flags.values_list("kind", flat=True))


@pytest.fixture
def colleague(tree, person):
    """Another mentor of Grorud."""
    other = person("both@meander.example")
    join_association(user=other, association=tree.grorud, by=None)
    assign_role(other, "peer_mentor", local_association=tree.grorud, by=None)
    return other


def test_the_same_visit_twice_is_flagged_once(log, solveig):
    first = log(submit=True)
    second = log(hours=0.5, submit=True)
    assert (kinds(first), kinds(second)) == ([], ["duplicate"])
    assert second.flags.get().other == first
    again = submit_activity(withdraw_activity(second, by=solveig), by=solveig)
    assert kinds(again) == ["duplicate"]


def test_one_after_the_other_is_no_duplicate(log):
    log(submit=True)
    assert kinds(log(hours=1, submit=True)) == []


def test_what_another_mentor_of_the_chapter_led_at_that_time_can_be_joined(log, east, solveig, colleague):
    first = log(by=None, leaders=[colleague], type="walk", submit=True)
    second = log(type="walk", hours=0.5, submit=True)
    flag = second.flags.get()
    assert (flag.kind, flag.other) == ("joint", first)
    join_as_co_leader(flag, by=east.coordinator)
    second.refresh_from_db()
    assert second.status == "rejected"
    assert {each.user_id for each in first.leaders.all()} == {colleague.pk, solveig.pk}


def test_what_can_hardly_be_is_flagged(log):
    assert kinds(log(duration_minutes=13 * 60, submit=True)) == ["too_long"]
    assert kinds(log(started_at=timezone.now() + timedelta(hours=2), submit=True)) == ["future"]
    for hour in range(8):
        assert kinds(log(hours=48 + hour / 2, duration_minutes=20, submit=True)) == []
    assert kinds(log(hours=53, duration_minutes=20, submit=True)) == ["too_many"]


def test_open_flags_keep_it_from_being_approved(log, east, solveig):
    row = log(duration_minutes=13 * 60, submit=True)
    with pytest.raises(InvalidState, match="decide on them first"):
        approve_activity(row, by=east.coordinator)
    with pytest.raises(NotAllowed):
        dismiss_flag(row.flags.get(), by=solveig)
    flag = dismiss_flag(row.flags.get(), by=east.coordinator, note="Helgesamling")
    assert (flag.status, flag.decided_by, flag.note) == ("dismissed", east.coordinator, "Helgesamling")
    with pytest.raises(InvalidState, match="decided already"):
        confirm_flag(flag, by=east.coordinator)
    assert approve_activity(row, by=east.coordinator).status == "approved"


def test_a_confirmed_flag_keeps_it_from_counting(log, east, person):
    from domain.activities.deciding import override_verdict
    from domain.activities.judging import explain

    row = log()
    row = override_verdict(
        row, counts=True, reason="Godkjent", evidence="Kursbevis", by=person("admin@nhf.example")
    )
    assert row.counts
    with pytest.raises(InvalidInput):
        flag_activity(row, reason="", by=east.coordinator)
    flag_activity(row, reason="Aldri avholdt", by=east.coordinator)
    confirm_flag(row.flags.get(), by=east.coordinator)
    row.refresh_from_db()
    assert not row.counts
    assert "A doubt about it was confirmed." in explain(row).reasons
