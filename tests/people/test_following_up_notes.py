"""The day to follow up a note: its author is mailed once, or the coordinator where the author has left."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from domain.core.reminding import Delivery
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership
from domain.people.mentoring import assign_mentor
from domain.people.models import ContactNote
from domain.people.notes import add_note, change_note, note_follow_up
from domain.people.reminder_jobs import follow_up
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db


class Context:
    def __init__(self, organization):
        self.organization = organization


@pytest.fixture
def written(east, mentor):
    def make(visibility="team", days=0, by=mentor):
        assign_mentor(east.contacts.grorud, user=mentor, by=None)
        day = timezone.localdate() + timedelta(days=days)
        return add_note(
            contact=east.contacts.grorud, author=by, by=by, body="x", visibility=visibility, follow_up_on=day
        )

    return make


def remind(organization):
    """As the schedule does, twice."""
    for _turn in range(2):
        follow_up(Context(organization))
        work_off()
    return [message.to for message in mail.outbox]


def test_the_author_is_mailed_once_on_the_day_and_not_told_about_whom(nhf, mentor, written):
    row = written()
    assert remind(nhf) == [[mentor.email]]
    assert "Åse" not in mail.outbox[0].body + mail.outbox[0].subject
    row.refresh_from_db()
    assert row.reminder == Delivery.SENT


def test_a_new_day_is_reminded_of_anew(nhf, mentor, written):
    row = written()
    remind(nhf)
    change_note(row, changes={"follow_up_on": timezone.localdate() - timedelta(days=1)}, by=mentor)
    assert len(remind(nhf)) == 2


@pytest.mark.parametrize(("visibility", "told"), [("team", True), ("private", False)])
def test_where_the_author_has_left_the_coordinator_is_told_of_a_note_of_the_team(
    nhf, east, mentor, written, visibility, told
):
    written(visibility)
    Membership.objects.here().filter(user=mentor).update(status=MembershipStatus.LEFT, left_at=timezone.now())
    assert remind(nhf) == ([[east.coordinator.email]] if told else [])
    assert ContactNote.objects.get().reminder == (Delivery.SENT if told else Delivery.NO_ADDRESS)


def test_nobody_is_told_before_the_day_or_of_what_was_done(nhf, mentor, written):
    written(days=3)
    assert remind(nhf) == []
    ContactNote.objects.update(follow_up_on=timezone.localdate())
    note_follow_up(ContactNote.objects.get(), by=mentor)
    assert remind(nhf) == []
