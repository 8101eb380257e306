"""Assignments of the large demo in every state, with readings, answers and thresholds that were reached."""

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from domain.assignments.choices import USUAL_LIFE, Response
from domain.assignments.choices import AssignmentStatus as S
from domain.assignments.consent_text import current
from domain.assignments.honorarium import period_of
from domain.assignments.models import (
    Assignment,
    AssignmentConsent,
    AssignmentReadReceipt,
    HonorariumCrossing,
    HonorariumThreshold,
)
from domain.certification.queries import zone_here
from domain.encryption.entities import prepare
from domain.encryption.rules import shred_rows
from domain.people.models import ContactMentor

from .record import chance_of, coordinator, note_rows

# Of a hundred.
MIX = {
    S.COMPLETED: 56,
    S.ACCEPTED: 9,
    S.OPENED: 6,
    S.SENT: 10,
    S.DECLINED: 7,
    S.WITHDRAWN: 4,
    S.EXPIRED: 5,
    S.DRAFT: 3,
}
# What is on its way was sent within so many days; what is over, within a year and more.
ON_ITS_WAY, LONG_AGO = 9, 500
# So long after completion the content is still there.
KEPT = timedelta(days=30)
MESSAGES = (
    "Ringer du før du drar? Hun er best på formiddagen.",
    "Trenger følge til NAV på tirsdag.",
    "Vil gjerne snakke med noen som har vært gjennom det samme.",
)
OVER = (S.DECLINED, S.WITHDRAWN, S.EXPIRED)
READ = (S.OPENED, S.ACCEPTED, S.COMPLETED)


@transaction.atomic
def seed_many_assignments(number: int) -> None:
    """So many more."""
    chance, by, now = chance_of("assignments"), coordinator(), timezone.now()
    links = list(
        ContactMentor.objects.holding()
        .filter(contact__phone__startswith="+47002")
        .select_related("contact__local_association", "user")
        .order_by("contact__phone")
    )
    if not links:
        return
    states = chance.choices(list(MIX), weights=list(MIX.values()), k=number)
    rows = [_assignment(state, chance.choice(links), chance, now, by) for state in states]
    for start in range(0, len(rows), 1000):
        part = rows[start : start + 1000]
        prepare(part)
        Assignment.objects.bulk_create(part)
    people = {row.pk: [row.recipient_id, row.contact_id] for row in rows}
    note_rows(rows, (people[row.pk] for row in rows), by=by)
    gone = [row.pk for row in rows if row.content_destroyed_at is not None]
    shred_rows(Assignment.objects.filter(pk__in=gone), by=None, reason="Over, or kept long enough")
    for made in (receipts(rows), answers(rows), crossings(rows)):
        type(made[0])._base_manager.bulk_create(made, batch_size=1000) if made else None
        note_rows(made, ([getattr(row, "user_id", None) or row.mentor_id] for row in made), by=by)


def _assignment(state: str, link: ContactMentor, chance: random.Random, now: datetime, by: Any) -> Assignment:
    on_its_way = state in (S.SENT, S.OPENED, S.ACCEPTED, S.DRAFT)
    sent = now - chance.random() * timedelta(days=ON_ITS_WAY if on_its_way else LONG_AGO)
    opened = sent + chance.random() * (now - sent) * 0.2
    answered = opened + chance.random() * (now - opened) * 0.2
    completed = min(now, answered + chance.random() * timedelta(days=14))
    contact = link.contact
    row = Assignment(
        recipient=link.user,
        sender=by,
        contact=contact,
        local_association=contact.local_association,
        content={
            "name": str(contact),
            "address": contact.address,
            "phone": contact.phone,
            "medical_summary": "",
            "message": chance.choice(MESSAGES),
        },
        status=state,
        expires_at=sent + USUAL_LIFE,
        sent_at=None if state == S.DRAFT else sent,
        created_by=by,
        updated_by=by,
    )
    if state in READ:
        row.opened_at = opened
    if state in (S.ACCEPTED, S.COMPLETED):
        row.accepted_at = answered
    if state == S.COMPLETED:
        row.completed_at = completed
        row.content_destroyed_at = completed + KEPT if completed + KEPT <= now else None
    if state == S.DECLINED:
        row.declined_at = row.content_destroyed_at = answered
    if state == S.WITHDRAWN:
        row.withdrawn_at = row.content_destroyed_at = answered
    if state == S.EXPIRED:
        # Long enough ago to be over.
        row.sent_at = min(sent, now - USUAL_LIFE - timedelta(days=1))
        row.expires_at = row.expired_at = row.content_destroyed_at = row.sent_at + USUAL_LIFE
    return row


def receipts(rows: list[Assignment]) -> list[AssignmentReadReceipt]:
    return [
        AssignmentReadReceipt(
            assignment=row,
            user=row.recipient,
            opened_at=row.opened_at,
            closed_at=row.opened_at + timedelta(minutes=4),
            created_by=row.recipient,
            updated_by=row.recipient,
        )
        for row in rows
        if row.opened_at is not None
    ]


def answers(rows: list[Assignment]) -> list[AssignmentConsent]:
    words = current("nb")
    made = []
    for row in rows:
        if row.accepted_at is None and row.declined_at is None:
            continue
        accepts = row.accepted_at is not None
        made.append(
            AssignmentConsent(
                assignment=row,
                user=row.recipient,
                response=Response.ACCEPTED if accepts else Response.DECLINED,
                text_version=words.version if accepts else None,
                text_sha256=words.sha256 if accepts else "",
                language=words.language if accepts else "",
                responded_at=row.accepted_at or row.declined_at,
                reason="" if accepts else "Er bortreist den uka",
                created_by=row.recipient,
                updated_by=row.recipient,
            )
        )
    return made


def crossings(rows: list[Assignment]) -> list[HonorariumCrossing]:
    """What the mentors of these stored rows reach with them: each threshold once in each period; told by now.

    Counted with all that they have completed; what they had reached before is left out.
    """
    zone = zone_here()
    thresholds = list(HonorariumThreshold.objects.order_by("assignments_from"))
    crossed = set(HonorariumCrossing.objects.values_list("mentor", "threshold", "period_start"))
    done: Counter[Any] = Counter()
    made = []
    finished = Assignment.objects.filter(
        completed_at__isnull=False, recipient__in={row.recipient_id for row in rows}
    )
    for row in finished.select_related("recipient").order_by("completed_at", "pk"):
        day = timezone.localdate(row.completed_at, timezone=zone)
        periods = {kind: period_of(day, kind) for kind in {each.period for each in thresholds}}
        done.update((row.recipient_id, kind, period.first) for kind, period in periods.items())
        for threshold in thresholds:
            first = periods[threshold.period].first
            holds = threshold.valid_from <= day and (threshold.valid_to is None or day <= threshold.valid_to)
            number = done[row.recipient_id, threshold.period, first]
            key = (row.recipient_id, threshold.pk, first)
            if not holds or number < threshold.assignments_from or key in crossed:
                continue
            crossed.add(key)
            made.append(
                HonorariumCrossing(
                    mentor=row.recipient,
                    threshold=threshold,
                    period_start=first,
                    crossed_at=row.completed_at,
                    notified_at=row.completed_at,
                )
            )
    return made
