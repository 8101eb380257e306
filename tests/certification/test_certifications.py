"""Issuing, renewing and revoking; statuses that follow the date."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from domain.audit.models import AuditEvent
from domain.certification import kinds, rules
from domain.certification.choices import IN_FORCE, CertificationStatus, Requirement
from domain.certification.codes import ALPHABET, LENGTH, NOBODYS, normalised
from domain.certification.models import CertificationRequirement, MentorCertification
from domain.certification.periods import last_day
from domain.certification.queries import is_valid_code, lacking_kinds, today_here
from domain.core.errors import InvalidInput, InvalidState, NotAllowed, StaleVersion

pytestmark = pytest.mark.django_db


def started(user, kind, by=None):
    return rules.start_certification(user=user, kind=kind, by=by)


def test_a_certificate_is_issued_once_everything_it_asks_for_is_done(solveig, kind, karim):
    held = started(solveig, kind, karim)
    assert held.status == CertificationStatus.PENDING
    with pytest.raises(InvalidState) as refusal:
        rules.issue(held, by=karim)
    assert refusal.value.code == "incomplete"
    assert "Course" in str(refusal.value)
    held = rules.tick(held, requirement="course", by=karim)
    held = rules.tick(held, requirement="yearly_talk", by=karim)
    held = rules.issue(held, by=karim)
    today = today_here()
    assert held.status == CertificationStatus.VALID
    assert (held.issued_on, held.valid_until) == (today, last_day(today, 24))
    assert held.number == f"{today.year}-00001"
    with pytest.raises(InvalidState):
        rules.issue(held, by=karim)


def test_numbers_of_a_year_follow_each_other(solveig, karim, kind, certify, admin):
    day = today_here()
    numbers = [certify(user, kind, on=day).number for user in (solveig, karim, admin)]
    assert [number[-5:] for number in numbers] == ["00001", "00002", "00003"]


def test_a_person_has_one_of_a_kind_until_it_is_revoked(solveig, kind, certify, admin):
    held = certify(solveig, kind, on=today_here())
    with pytest.raises(InvalidState) as refusal:
        started(solveig, kind, admin)
    assert refusal.value.code == "certified-already"
    with pytest.raises(InvalidInput):
        rules.revoke(held, by=admin, reason=" ")
    held = rules.revoke(held, by=admin, reason="Broke a promise")
    assert held.status == CertificationStatus.REVOKED
    with pytest.raises(InvalidState):
        rules.renew(held, by=admin)
    assert started(solveig, kind, admin).status == CertificationStatus.PENDING


def test_a_police_certificate_is_a_day_and_who_saw_it_and_nothing_else(solveig, karim):
    kind = kinds.create_kind(key="driver", name_nb="Sjåfør", requirements=["police_certificate"], by=None)
    held = started(solveig, kind, karim)
    with pytest.raises(InvalidInput):
        rules.tick(held, requirement="police_certificate", by=None)
    with pytest.raises(InvalidInput):
        rules.tick(held, requirement="police_certificate", by=karim, done_on=today_here() + timedelta(days=1))
    rules.tick(held, requirement="police_certificate", by=karim, done_on=today_here() - timedelta(days=2))
    line = CertificationRequirement.objects.get(certification=held)
    assert (line.done_on, line.done_by) == (today_here() - timedelta(days=2), karim)
    kept = {field.name for field in CertificationRequirement._meta.fields}
    assert kept & {"file", "document", "body", "content", "note"} == set()


def test_a_tick_can_be_taken_back_and_changes_the_version_of_the_certification(solveig, kind, karim):
    held = started(solveig, kind, karim)
    ticked = rules.tick(held, requirement="course", by=karim, version=held.version)
    assert ticked.version > held.version
    with pytest.raises(StaleVersion):
        rules.untick(ticked, requirement="course", by=karim, version=held.version)
    rules.untick(ticked, requirement="course", by=karim)
    assert not CertificationRequirement.objects.filter(certification=held, done_on__isnull=False).exists()
    with pytest.raises(InvalidInput):
        rules.tick(held, requirement="police_certificate", by=karim)


def test_a_renewal_asks_for_the_yearly_talk_anew_and_not_for_the_course(solveig, kind, certify, karim):
    begun = today_here() - timedelta(days=700)
    held = certify(solveig, kind, on=begun)
    number = held.number
    with pytest.raises(InvalidState) as refusal:
        rules.renew(held, by=karim)
    assert "Yearly talk" in str(refusal.value)
    assert "Course" not in str(refusal.value)
    rules.tick(held, requirement="yearly_talk", by=karim)
    held = rules.renew(held, by=karim)
    assert held.number == number
    assert held.valid_until == last_day(today_here(), 24)
    assert held.status == CertificationStatus.VALID


@pytest.mark.parametrize("renewed_after", [600, 800], ids=["in force", "run out"])
def test_what_was_in_force_before_a_renewal_was_so_afterwards(solveig, kind, certify, karim, renewed_after):
    """Or an activity of then, looked at again, would count no more."""
    begun = today_here() - timedelta(days=900)
    held = certify(solveig, kind, on=begun)
    ended, renewed = held.valid_until, begun + timedelta(days=renewed_after)
    before = {day: held.status_on(begun + timedelta(days=day)) in IN_FORCE for day in range(-2, 800, 50)}
    rules.tick(held, requirement="yearly_talk", done_on=renewed, by=karim)
    rules.renew(held, renewed_on=renewed, by=karim)
    held = MentorCertification.objects.get(pk=held.pk)
    for day, was_in_force in before.items():
        if day < renewed_after:
            assert (held.status_on(begun + timedelta(days=day)) in IN_FORCE) == was_in_force, day
    assert held.status_on(renewed) in IN_FORCE
    assert (held.status_on(renewed - timedelta(days=1)) in IN_FORCE) == (ended >= renewed - timedelta(days=1))
    assert held.status_on(begun - timedelta(days=1)) == CertificationStatus.PENDING
    assert not lacking_kinds(solveig, begun)


@pytest.mark.parametrize(
    ("ended", "status"),
    [
        (91, CertificationStatus.VALID),
        (90, CertificationStatus.EXPIRING),
        (0, CertificationStatus.EXPIRING),
        (-1, CertificationStatus.EXPIRED),
    ],
)
def test_the_status_follows_the_days_that_are_left(solveig, kind, certify, ended, status):
    held = certify(solveig, kind, on=today_here())
    day = held.valid_until - timedelta(days=ended)
    assert held.status_on(day) == status
    rules.follow_dates(day)
    held.refresh_from_db()
    assert held.status == status


def test_following_the_dates_twice_writes_once(solveig, kind, certify):
    held = certify(solveig, kind, on=today_here())
    day = held.valid_until + timedelta(days=1)
    assert rules.follow_dates(day) == 1
    version = MentorCertification.objects.get(pk=held.pk).version
    assert rules.follow_dates(day) == 0
    assert MentorCertification.objects.get(pk=held.pk).version == version
    assert AuditEvent.objects.filter(action="mentor-certification.expired").count() == 1


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 3, 15), 1, date(2026, 4, 14)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 1, 1), 24, date(2027, 12, 31)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
    ],
)
def test_a_period_of_months_ends_on_the_day_before_the_same_date(first, months, last):
    assert last_day(first, months) == last


def test_codes_are_long_random_and_forgiving_to_read():
    codes = {MentorCertification().verification_code for _at in range(200)}
    assert len(codes) == 200
    assert LENGTH * 5 >= 128
    assert not set("ILOU") & set(ALPHABET)
    code = codes.pop()
    typed = "-".join(code[at : at + 4] for at in range(0, LENGTH, 4)).lower()
    assert normalised(typed.replace("0", "o").replace("1", "l")) == code
    for nonsense in ("", "x", code[:-1], code + "A", "u" * LENGTH, "\x00" * LENGTH, code * 50):
        assert normalised(nonsense) == NOBODYS


def test_a_code_tells_whether_it_is_valid_and_nothing_else(
    solveig, kind, certify, admin, django_assert_num_queries
):
    held = certify(solveig, kind, on=today_here() - timedelta(days=30))
    day = today_here()
    assert is_valid_code(held.grouped_code, day)
    assert not is_valid_code(held.verification_code, held.valid_until + timedelta(days=1))
    for typed in (held.verification_code, "7" * LENGTH, "nonsense"):
        with django_assert_num_queries(1):
            is_valid_code(typed, day)
    rules.revoke(held, by=admin, reason="Left")
    assert not is_valid_code(held.verification_code, day)


def test_who_has_left_or_is_suspended_has_no_valid_certificate(nhf, solveig, kind, certify):
    held = certify(solveig, kind, on=today_here())
    assert is_valid_code(held.verification_code)
    membership = solveig.memberships.filter(organization=nhf)
    for status, left_at in (("suspended", None), ("left", timezone.now())):
        membership.update(status=status, left_at=left_at)
        assert not is_valid_code(held.verification_code)


def test_a_coordinator_certifies_people_of_their_own_region_only(solveig, kind, karim, tree, person):
    from domain.associations.memberships import join_association

    stranger = person("both@meander.example")
    join_association(user=stranger, association=tree.bergen, by=None)
    held = started(stranger, kind)
    for forbidden in (
        lambda: started(stranger, kind, karim),
        lambda: rules.tick(held, requirement="course", by=karim),
        lambda: rules.revoke(held, by=karim, reason="No"),
        lambda: started(karim, kind, solveig),
    ):
        with pytest.raises(NotAllowed):
            forbidden()
    assert started(solveig, kind, karim).user == solveig


def test_a_kind_that_asks_for_more_adds_the_line_to_what_is_under_way(solveig, kind, admin):
    held = started(solveig, kind)
    kinds.change_kind(kind, changes={"requirements": ["declaration", "course"]}, by=admin)
    lines = set(held.requirements.values_list("requirement", flat=True))
    assert lines == {Requirement.COURSE, Requirement.DECLARATION}
    with pytest.raises(InvalidInput):
        kinds.change_kind(kind, changes={"key": "other"}, by=admin)
    with pytest.raises(InvalidInput):
        kinds.change_kind(kind, changes={"validity_months": 0}, by=admin)
    with pytest.raises(NotAllowed):
        kinds.change_kind(kind, changes={"validity_months": 12}, by=solveig)


def test_the_database_refuses_what_no_rule_would_write(solveig, kind):
    held = started(solveig, kind)
    rows = MentorCertification.objects.filter(pk=held.pk)
    for wrong in (
        {"status": "valid"},
        {"status": "gone"},
        {"status": "revoked"},
        {"issued_on": today_here()},
        {"verification_code": "short"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
