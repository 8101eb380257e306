"""From draft to completion: who may what, what is destroyed when, what is never changed."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.conf import settings
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from domain.access.queries import scope_for
from domain.assignments import erasing, opening, rules
from domain.assignments.answering import accept_assignment, decline_assignment
from domain.assignments.consent_text import current
from domain.assignments.jobs import follow, organizations_with_something_due
from domain.assignments.models import Assignment, AssignmentConsent, AssignmentReadReceipt
from domain.assignments.states import STEPS
from domain.audit.models import AuditEvent
from domain.certification import pausing
from domain.certification.models import DeclarationText
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.encryption.devices import open_on_device
from domain.encryption.errors import CiphertextRefused, ContentErased
from domain.encryption.reading import read_sealed
from domain.identity.device_keys import register_key
from domain.identity.errors import StepUpRequired
from tests.support.jobs import work_off

from .conftest import CONTENT

pytestmark = pytest.mark.django_db
WORDS = current("nb").sha256


def test_an_assignment_is_sent_opened_accepted_and_completed(write, karim, solveig, session):
    row = rules.send_assignment(write(), by=karim)
    opened = opening.open_assignment(row, by=solveig, session=session)
    assert opened.content == CONTENT
    assert (opened.assignment.status, opened.receipt.session_id) == ("opened", session.pk)
    row = accept_assignment(row, text_sha256=WORDS, by=solveig)
    again = opening.open_assignment(row, by=solveig, session=session)
    assert (again.content, again.assignment.status) == (CONTENT, "accepted")
    assert rules.complete_assignment(row, by=solveig).status == "completed"
    assert AssignmentReadReceipt.objects.filter(assignment=row, user=solveig).count() == 2
    actions = AuditEvent.objects.filter(object_id=str(row.pk)).values_list("action", flat=True)
    assert {f"assignment.{word}" for word in ("sent", "opened", "accepted", "completed")} <= set(actions)


def test_nobody_reads_it_but_the_recipient_and_until_then_the_sender(bring, karim, solveig, admin, session):
    row = bring("sent")
    assert opening.read_own(row, by=karim) == CONTENT
    for other in (karim, admin):
        with pytest.raises(NotAllowed):
            opening.open_assignment(row, by=other, session=session)
    with pytest.raises(NotAllowed):
        read_sealed(row, "content", by=admin, scope=scope_for(admin))
    row = opening.open_assignment(row, by=solveig, session=session).assignment
    with pytest.raises(NotAllowed):
        opening.read_own(row, by=karim)


def test_it_is_opened_only_by_who_has_just_proved_who_they_are(bring, solveig, session):
    row = bring("sent")
    session.verified_at = timezone.now() - timedelta(seconds=settings.STEP_UP_SECONDS + 1)
    for stale in (session, None):
        with pytest.raises(StepUpRequired):
            opening.open_assignment(row, by=solveig, session=stale)
    row.refresh_from_db()
    assert (row.status, AssignmentReadReceipt.objects.count()) == ("sent", 0)


def test_without_a_receipt_there_is_no_content(bring, solveig, session):
    """What happens after the decryption and before the commit takes the receipt along, and the answer."""
    row = bring("sent")
    found = None
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        opened = opening.open_assignment(row, by=solveig, session=session)
        found = opened.content and 1 / 0
    row.refresh_from_db()
    assert (found, row.status, AssignmentReadReceipt.objects.count()) == (None, "sent", 0)


@pytest.mark.parametrize("status", ["sent", "opened", "accepted"])
def test_withdrawing_destroys_the_content_at_once(bring, karim, solveig, session, status):
    row = rules.withdraw_assignment(bring(status), by=karim, reason="Someone else went")
    assert row.is_erased
    with pytest.raises(InvalidState, match="withdrawn, and its content destroyed"):
        opening.open_assignment(row, by=solveig, session=session)
    with pytest.raises(ContentErased):
        read_sealed(row, "content", by=None, scope=None)


def test_what_expired_is_destroyed_by_the_job_and_closed_before_that(nhf, bring, solveig, session):
    row = bring("sent")
    Assignment.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(InvalidState) as refused:
        opening.open_assignment(row, by=solveig, session=session)
    assert refused.value.code == "assignment-expired"
    run_clock(nhf)
    row = Assignment.objects.get(pk=row.pk)
    assert (row.status, row.is_erased) == ("expired", True)


def test_what_was_completed_is_kept_for_a_while(nhf, bring, solveig, session):
    row = bring("completed")
    run_clock(nhf)
    assert opening.open_assignment(row, by=solveig, session=session).content == CONTENT
    Assignment.objects.filter(pk=row.pk).update(completed_at=timezone.now() - timedelta(days=31))
    run_clock(nhf)
    assert Assignment.objects.get(pk=row.pk).is_erased
    with pytest.raises(InvalidState, match="destroyed"):
        opening.open_assignment(row, by=solveig, session=session)


def test_the_sender_is_told_once_that_nobody_opens_it(nhf, bring, karim):
    row, fresh = bring("sent"), bring("sent")
    Assignment.objects.filter(pk=row.pk).update(sent_at=timezone.now() - timedelta(days=10, minutes=1))
    assert [one.schema_name for one in due_organizations()] == ["nhf"]
    for _time in range(3):
        run_clock(nhf)
    (sent,) = mail.outbox
    assert sent.to == [karim.email]
    told = sent.subject + sent.body
    assert str(row.pk) in told
    for word in (*CONTENT.values(), "Solveig", str(row.recipient), str(row.contact)):
        assert word not in told
    row.refresh_from_db()
    fresh.refresh_from_db()
    assert (row.escalation, fresh.escalated_at) == ("sent", None)
    assert due_organizations() == []


def test_a_mentor_who_is_paused_is_refused_with_the_reason(write, karim, solveig):
    row = write()
    pausing.pause(pausing.status_of(solveig), by=karim, reason="Rest")
    with pytest.raises(InvalidState) as refused:
        rules.send_assignment(row, by=karim)
    assert (refused.value.code, str(refused.value)) == ("paused", "Paused until further notice.")


def test_a_driver_needs_the_drivers_declaration(write, karim, admin):
    from domain.certification.declarations import publish_text

    publish_text(DeclarationText.objects.get(role_context="driver"), by=admin)
    row = write(role_context="driver")
    with pytest.raises(InvalidState) as refused:
        rules.send_assignment(row, by=karim)
    assert refused.value.code == "declaration-not-signed"
    assert rules.send_assignment(write(), by=karim).status == "sent"


def test_who_is_no_mentor_gets_none(write, karim, admin):
    with pytest.raises(InvalidInput) as refused:
        rules.send_assignment(write(recipient=admin), by=karim)
    assert refused.value.field == "recipient"


def test_it_is_declined_without_being_read(bring, solveig):
    row = decline_assignment(bring("sent"), by=solveig, reason="Away")
    answer = row.consent
    assert (row.status, row.is_erased, answer.response) == ("declined", True, "declined")
    with pytest.raises(InvalidState):
        accept_assignment(row, text_sha256=WORDS, by=solveig)


def test_one_agrees_to_the_words_of_today_alone(bring, solveig):
    row = bring("opened")
    with pytest.raises(InvalidState) as refused:
        accept_assignment(row, text_sha256="0" * 64, by=solveig)
    assert refused.value.code == "text-changed"
    accept_assignment(row, text_sha256=WORDS, by=solveig)
    answer = AssignmentConsent.objects.get(assignment=row)
    assert (answer.language, answer.text_version, answer.text_sha256) == ("nb", 1, WORDS)


def test_answers_and_receipts_are_never_changed_nor_deleted(bring, solveig):
    row = bring("accepted")
    answer, receipt = AssignmentConsent.objects.get(), AssignmentReadReceipt.objects.get()
    opening.close_reading(row, by=solveig)
    with connection.as_owner():
        for model, one, values in (
            (AssignmentConsent, answer, {"response": "declined"}),
            (AssignmentConsent, answer, {"reason": "x"}),
            (AssignmentReadReceipt, receipt, {"opened_at": timezone.now()}),
            (AssignmentReadReceipt, receipt, {"closed_at": timezone.now() + timedelta(days=1)}),
        ):
            with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
                model.objects.filter(pk=one.pk).update(**values)
        for model in (AssignmentConsent, AssignmentReadReceipt, Assignment):
            with pytest.raises(DatabaseError, match="kept for ever"), transaction.atomic():
                model.objects.all()._raw_delete("default")


def test_it_is_sealed_to_the_phone_that_asks(nhf, bring, solveig, session):
    private = X25519PrivateKey.generate()
    key = register_key(session, purpose="seal", public_key=private.public_key().public_bytes_raw())
    row = bring("sent")
    opened = opening.open_assignment(row, by=solveig, session=session, device_key=key.pk)
    assert (opened.content, opened.receipt.device_key_id) == (None, key.pk)
    raw = private.private_bytes_raw()
    aad = opening.associated_data(row.pk, key.pk)
    assert CONTENT["name"].encode() in open_on_device(opened.sealed, raw, info=opening.INFO, aad=aad)
    elsewhere = opening.associated_data(bring("sent").pk, key.pk)
    with pytest.raises(CiphertextRefused):
        open_on_device(opened.sealed, raw, info=opening.INFO, aad=elsewhere)


def test_a_key_of_somebody_else_is_refused(bring, solveig, session):
    from tenants.fields import uuid7

    with pytest.raises(InvalidInput, match="no key of yours"):
        opening.open_assignment(bring("sent"), by=solveig, session=session, device_key=uuid7())


def test_ciphertext_that_was_moved_is_refused(bring, solveig, session):
    one, other = bring("sent"), bring("sent")
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE assignments_assignment SET content = "
            "(SELECT content FROM assignments_assignment WHERE id = %s) WHERE id = %s",
            [one.pk, other.pk],
        )
    with pytest.raises(CiphertextRefused), transaction.atomic():
        opening.open_assignment(other, by=solveig, session=session)
    assert not AssignmentReadReceipt.objects.filter(assignment=other).exists()


def test_erasing_a_contact_takes_the_content_along(bring, contact):
    sent, done = bring("sent"), bring("completed")
    erasing.forget_contact(contact=contact, by=None)
    rows = {row.pk: row for row in Assignment.objects.all()}
    assert (rows[sent.pk].status, rows[sent.pk].is_erased) == ("withdrawn", True)
    assert (rows[done.pk].status, rows[done.pk].is_erased) == ("completed", True)


def test_erasing_a_mentor_takes_what_they_were_sent_along(bring, solveig):
    row = bring("opened")
    erasing.forget_person(solveig)
    row = Assignment.objects.get(pk=row.pk)
    assert (row.status, row.is_erased) == ("withdrawn", True)


def test_a_draft_is_changed_and_what_was_sent_is_not(write, karim, admin):
    row = rules.change_assignment(write(), changes={"content": {"name": "Another"}}, by=karim)
    assert opening.read_own(row, by=karim)["name"] == "Another"
    row = rules.send_assignment(row, by=karim)
    with pytest.raises(InvalidState):
        rules.change_assignment(row, changes={"content": CONTENT}, by=karim)
    for wrong in ({}, {"name": 3}, {"nome": "x"}, {"name": "x" * 201}, [], {"name": "\x00"}):
        with pytest.raises(InvalidInput):
            write(content=wrong)


def test_only_who_coordinates_there_writes_and_withdraws(write, tree, person, karim, bring):
    from domain.access.models import RoleAssignment
    from domain.access.rules import assign_role

    row = bring("sent")
    RoleAssignment.objects.filter(user=karim).delete()
    assign_role(karim, "coordinator", local_association=tree.bergen, by=None)
    with pytest.raises(NotAllowed):
        rules.withdraw_assignment(row, by=karim)
    with pytest.raises(NotAllowed):
        write()


def test_every_step_of_the_table_is_refused_from_every_other_state(write, karim):
    row = write()
    for name, step in STEPS.items():
        for status in ("draft", "sent", "opened", "accepted", *("declined", "withdrawn", "completed")):
            if status in step.sources:
                continue
            row.status = status
            with pytest.raises(InvalidState) as refused:
                rules.step(row, name, by=karim)
            assert refused.value.code == f"assignment-{status}"


def run_clock(nhf):
    from tenants.jobs import enqueue

    enqueue(follow.job_name, nhf, key="now")
    work_off()


def due_organizations():
    with connection.as_owner():
        return list(organizations_with_something_due(timezone.now()))
