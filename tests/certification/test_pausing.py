"""Pauses: by the mentor, by a coordinator, by an expired certificate; and who may be assigned."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from domain.certification import kinds, pausing, rules
from domain.certification.choices import MentorState, StandingCode
from domain.certification.models import MentorStatus, MentorStatusPeriod
from domain.certification.queries import today_here
from domain.certification.standing import check_mentor, check_standing, standing
from domain.config.models import OrganizationSettings
from domain.config.rules import set_area
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from tenants.db import connection
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def expired(solveig, kind, certify):
    """Solveig's certificate of two years ended a while ago."""
    held = certify(solveig, kind, on=today_here() - timedelta(days=800))
    rules.follow_dates(today_here())
    held.refresh_from_db()
    return held


def state(user) -> str:
    return MentorStatus.objects.get(user=user).status


def test_a_mentor_pauses_until_a_day_and_the_job_brings_them_back_on_it(solveig):
    day = today_here() + timedelta(days=10)
    row = pausing.take_break(by=solveig, returns_on=day, reason="Holiday")
    assert (row.status, row.returns_on) == (MentorState.PAUSED, day)
    assert pausing.return_from_pauses(day - timedelta(days=1)) == 0
    assert pausing.return_from_pauses(day) == 1
    assert pausing.return_from_pauses(day) == 0
    assert state(solveig) == MentorState.ACTIVE
    assert list(MentorStatusPeriod.objects.filter(mentor_status=row).values_list("status", flat=True)) == [
        "active",
        "paused",
        "active",
    ]


def test_a_return_that_is_not_to_come_is_refused(solveig):
    for day in (today_here(), today_here() - timedelta(days=1)):
        with pytest.raises(InvalidInput):
            pausing.take_break(by=solveig, returns_on=day)


def test_coordinators_of_the_place_are_told_without_the_name(solveig, karim, admin):
    pausing.take_break(by=solveig)
    work_off()
    (told,) = mail.outbox
    assert told.to == [karim.email]
    assert solveig.last_name not in told.body + told.subject
    assert solveig.first_name not in told.body.replace(karim.first_name, "")
    assert "/admin/mentor-statuses/inspect/" in told.body


def test_nobody_pauses_whom_they_do_not_reach(solveig, karim, person, tree):
    from domain.associations.memberships import join_association

    stranger = person("both@meander.example")
    join_association(user=stranger, association=tree.bergen, by=None)
    theirs, hers = pausing.status_of(stranger), pausing.status_of(solveig)
    with pytest.raises(NotAllowed):
        pausing.pause(theirs, by=karim)
    with pytest.raises(NotAllowed):
        pausing.pause_self(hers, by=stranger)
    with pytest.raises(NotAllowed):
        pausing.take_break(by=karim)
    paused = pausing.pause(hers, by=karim, reason="Rest")
    with pytest.raises(NotAllowed):
        pausing.resume(paused, by=solveig)
    assert pausing.resume(paused, by=karim).status == MentorState.ACTIVE


def test_an_expired_certificate_pauses_and_its_renewal_ends_the_pause(expired, solveig, admin):
    assert state(solveig) == MentorState.AUTO_PAUSED
    with pytest.raises(InvalidState) as refusal:
        pausing.resume(MentorStatus.objects.get(user=solveig), by=admin)
    assert refusal.value.code == "certificate-expired"
    rules.tick(expired, requirement="yearly_talk", by=admin)
    rules.renew(expired, by=admin)
    assert state(solveig) == MentorState.ACTIVE


def test_a_renewal_does_not_end_a_pause_that_somebody_chose(solveig, kind, certify, admin):
    held = certify(solveig, kind, on=today_here() - timedelta(days=800))
    pausing.take_break(by=solveig, reason="Ill")
    rules.follow_dates(today_here())
    assert state(solveig) == MentorState.PAUSED
    rules.tick(held, requirement="yearly_talk", by=admin)
    rules.renew(held, by=admin)
    assert state(solveig) == MentorState.PAUSED


def test_back_from_a_pause_with_an_expired_certificate_a_mentor_is_paused_automatically(
    solveig, kind, certify
):
    certify(solveig, kind, on=today_here() - timedelta(days=800))
    day = today_here() + timedelta(days=5)
    pausing.take_break(by=solveig, returns_on=day)
    rules.follow_dates(day)
    pausing.return_from_pauses(day)
    assert state(solveig) == MentorState.AUTO_PAUSED


def test_without_the_setting_nobody_is_paused_but_the_certificate_still_counts(solveig, kind, certify):
    OrganizationSettings.objects.update(auto_pause=False)
    pausing.status_of(solveig)
    certify(solveig, kind, on=today_here() - timedelta(days=800))
    rules.follow_dates(today_here())
    assert state(solveig) == MentorState.ACTIVE
    assert standing(solveig).code == StandingCode.CERTIFICATE_EXPIRED


# --- Standing: by the dates, whether or not the job has run


def test_standing_goes_by_the_day_that_is_asked_about(solveig, kind, certify):
    held = certify(solveig, kind, on=today_here())
    assert standing(solveig).is_allowed
    assert standing(solveig, on=held.valid_until).is_allowed
    after = standing(solveig, on=held.valid_until + timedelta(days=1))
    assert after.code == StandingCode.CERTIFICATE_EXPIRED
    with translation.override("nb"):
        assert str(held.valid_until.year) in after.words
    day = today_here() + timedelta(days=3)
    pausing.take_break(by=solveig, returns_on=day)
    assert standing(solveig).code == StandingCode.PAUSED
    assert standing(solveig).until == day
    assert standing(solveig, on=day).is_allowed


def test_who_was_never_certified_or_whose_certificate_was_revoked_is_refused(solveig, kind, certify, admin):
    assert standing(solveig).code == StandingCode.NO_CERTIFICATE
    held = certify(solveig, kind, on=today_here())
    rules.revoke(held, by=admin, reason="No")
    assert standing(solveig).code == StandingCode.CERTIFICATE_REVOKED
    with pytest.raises(InvalidState) as refusal:
        check_standing(solveig)
    assert refusal.value.code == "certificate-revoked"


def test_an_organisation_without_requirements_or_without_the_area_refuses_nobody(solveig, kind, admin):
    kinds.change_kind(kind, changes={"is_required": False}, by=admin)
    assert standing(solveig).is_allowed
    kinds.change_kind(kind, changes={"is_required": True}, by=admin)
    assert not standing(solveig).is_allowed
    set_area(area="certification", enabled=False, by=None)
    assert standing(solveig).is_allowed


def test_everybody_who_is_a_mentor_gets_a_status_once(solveig, tree):
    made = pausing.greet_mentors(today_here())
    assert made >= 1
    assert pausing.greet_mentors(today_here()) == 0
    assert state(solveig) == MentorState.ACTIVE


def test_who_is_given_people_to_support_is_held_meanwhile_from_pausing(solveig):
    MentorStatus.objects.get_or_create(user=solveig)
    with CaptureQueriesContext(connection) as asked:
        check_mentor(contact=None, user=solveig, day=today_here())
    found = [each["sql"] for each in asked if "certification_mentorstatus" in each["sql"]]
    assert found[0].endswith("FOR NO KEY UPDATE"), "before it is read"
