"""Assignments in every state, thresholds and somebody who has reached one; fewer in Blindeforbundet."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.assignments import answering, honorarium, opening, rules
from domain.assignments.choices import Response
from domain.assignments.consent_text import current
from domain.assignments.models import Assignment, HonorariumThreshold
from domain.assignments.queries import candidates
from domain.associations.models import LocalAssociation
from domain.associations.standing import scope_of_user
from domain.certification.choices import RoleContext
from domain.identity.choices import SessionOrigin
from domain.identity.models import User, UserSession
from domain.identity.verification import mark_verified
from domain.people.models import Contact
from tenants.models import Organization

# Schema → who sends, and what becomes of what they send, each to another mentor.
SENT = {
    "nhf": (
        "coordinator@nhf.example",
        (
            *("sent", "late", "opened", "accepted", "declined", "withdrawn"),
            *("expired", "completed", "completed", "completed"),
        ),
    ),
    "blindeforbundet": ("coordinator@blindeforbundet.example", ("sent", "accepted", "completed")),
}
# From which number on → how much for each, NOK.
RATES = {"nhf": {1: "250.00", 3: "350.00", 15: "500.00"}, "blindeforbundet": {3: "400.00", 15: "600.00"}}
LETTERS = [
    ("Turid Aune", "Storgata 14, 0184 Oslo", "+4790055501", "Nyoperert hofte, går med rullator."),
    ("Ole Kvam", "Kirkeveien 2, 0368 Oslo", "+4790055502", "Nedsatt hørsel på begge ører."),
    ("Marit Sand", "Bygdøy allé 8, 0257 Oslo", "+4790055503", "Fikk diagnosen i vår."),
]
MESSAGE = "Ringer du før du drar? Hun er best på formiddagen."


@transaction.atomic
def seed_assignments() -> bool:
    """Make them in the organisation that is selected; False where there are some, or none to be."""
    schema = getattr(connection, "schema_name", "")
    if schema not in SENT or Assignment.objects.exists():
        return False
    email, states = SENT[schema]
    sender = User.objects.get(email=email)
    if not scope_of_user(sender).can("assignments.add_assignment"):
        role = RoleAssignment.objects.filter(role=Role.COORDINATOR).select_related("user").first()
        if role is None:
            return False
        sender = role.user
    for number, rate in RATES[schema].items():
        if not HonorariumThreshold.objects.filter(assignments_from=number).exists():
            honorarium.add_threshold(
                by=None,
                assignments_from=number,
                rate=Decimal(rate),
                valid_from=date(timezone.localdate().year, 1, 1),
            )
    scope = scope_of_user(sender)
    mentors = [each.user for each in candidates(scope, RoleContext.MENTOR) if not each.reason]
    if not mentors:
        return False
    # The last three completed ones are one mentor's, who reaches a threshold with them.
    for at, state in enumerate(states):
        _bring(at, mentors[0 if state == "completed" else at % len(mentors)], state, sender)
    if schema == "nhf":
        _write(len(states), mentors[-1], sender)
    return True


def _write(at: int, mentor: User, sender: User) -> Assignment:
    name, address, phone, summary = LETTERS[at % len(LETTERS)]
    scope = scope_of_user(sender)
    contact = Contact.objects.visible_to(scope).present().order_by("name_key", "pk").first()
    places = LocalAssociation.objects.filter(scope.within("assignments.add_assignment", "path"))
    return rules.write_assignment(
        recipient=mentor,
        contact=contact,
        local_association=None if contact else places.order_by("-path").first(),
        content={
            "name": name,
            "address": address,
            "phone": phone,
            "medical_summary": summary,
            "message": MESSAGE,
        },
        by=sender,
    )


def _bring(at: int, mentor: User, state: str, sender: User) -> None:
    """Send one, and let become of it what is wanted."""
    row = rules.send_assignment(_write(at, mentor, sender), by=sender)
    days = {"late": 13, "expired": 31}.get(state, 2)
    Assignment.objects.filter(pk=row.pk).update(sent_at=timezone.now() - timedelta(days=days))
    if state in ("sent", "late"):
        return
    if state == "withdrawn":
        rules.withdraw_assignment(row, by=sender, reason="En annen tok turen")
        return
    if state == "expired":
        Assignment.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(minutes=5))
        rules.expire_assignment(row, now=timezone.now())
        return
    session = _session(mentor)
    row = opening.open_assignment(row, by=mentor, session=session).assignment
    if state == Response.DECLINED:
        answering.decline_assignment(row, by=mentor, reason="Er bortreist den uka")
        return
    if state == "opened":
        return
    opening.close_reading(row, by=mentor)
    row = answering.accept_assignment(row, text_sha256=current(mentor.language).sha256, by=mentor)
    if state == "completed":
        rules.complete_assignment(row, by=mentor)


def _session(mentor: User) -> Any:
    """One in which the mentor has just confirmed who they are; it is over at once."""
    organization = Organization.objects.get(schema_name=connection.schema_name)
    row = UserSession.objects.create(
        user=mentor,
        organization=organization,
        origin=SessionOrigin.MOBILE,
        platform="android",
        device_name="Pixel 9",
        expires_at=timezone.now() + timedelta(minutes=5),
    )
    mark_verified(row)
    UserSession.objects.filter(pk=row.pk).update(revoked_at=timezone.now(), revoked_reason="demo")
    return row
