"""Two years behind the demo organisations: contacts who came and went, and assignments that are over.

What is made by the rules happened today; the year in figures needs what happened before.
"""

import random
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import models, transaction

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.assignments.choices import USUAL_LIFE
from domain.assignments.choices import AssignmentStatus as S
from domain.assignments.models import Assignment
from domain.associations.choices import AssociationKind
from domain.associations.models import LocalAssociation, LocalAssociationMembership
from domain.audit.rules import noun_of, write
from domain.certification.queries import today_here, zone_here
from domain.identity.models import User
from domain.people.choices import GIVEN_REASONS, ConsentBasis, ContactStatus, Source
from domain.people.models import Contact, ContactMentor, ContactStatusChange
from tenants.db import connection

from .contacts import FIRST, LAST
from .large.assignments import answers, crossings, receipts

# Schema → so many contacts, and so many assignments.
SIZES = {"nhf": (190, 150), "blindeforbundet": (40, 24)}
SEED = 20241123
DAYS = 730
# Nobody's numbers (no Norwegian one begins with 00), by which those who were made here are known again.
PHONE = "+470003"
# Of twenty: what became of an assignment.
STATES = (S.COMPLETED,) * 13 + (S.DECLINED,) * 4 + (S.EXPIRED,) * 2 + (S.WITHDRAWN,)


@transaction.atomic
def seed_years() -> bool:
    """Make them in the organisation that is selected; False where they are, or don't belong."""
    schema = connection.schema_name
    if schema not in SIZES or Contact.objects.filter(phone__startswith=PHONE).exists():
        return False
    chance = random.Random(f"{SEED} {schema}")  # noqa: S311 - a demo is no secret
    coordinator = User.objects.get(email=f"coordinator@{schema}.example")
    contacts, assignments = SIZES[schema]
    # Those whom the rules registered today came one after the other as well.
    _backdate(Contact.objects.filter(phone__startswith="+470001"), chance)
    _contacts(contacts, chance, coordinator)
    date_contacts()
    _assignments(assignments, chance, coordinator)
    return True


def date_contacts() -> None:
    """Give contacts that were made in bulk the history that the rules would have given them."""
    chance = random.Random(SEED)  # noqa: S311 - a demo is no secret
    undated = list(
        Contact.objects.filter(status_changes=None, phone__startswith="+4700").order_by("phone", "pk")
    )
    begun = dict(
        ContactMentor.objects.filter(contact__in=undated)
        .order_by()
        .values_list("contact")
        .annotate(first=models.Min("valid_from"))
    )
    came: dict[Any, datetime] = {}
    changes = []
    for row in undated:
        first = min(day for day in (row.closed_on, begun.get(row.pk), today_here()) if day)
        at = _hours(first - timedelta(days=chance.randrange(1, 30)), chance)
        if row.closed_on is None and row.pk not in begun:
            at = _some_time(chance)
        came[row.pk] = at
        changes.append(_change(row, "", ContactStatus.NEW, at))
        if row.status == ContactStatus.CLOSED and row.closed_on:
            closed = max(at, _hours(row.closed_on, chance))
            changes.append(_change(row, ContactStatus.ACTIVE, ContactStatus.CLOSED, closed))
    ContactStatusChange.objects.bulk_create(changes, batch_size=2000)
    _set_created(Contact, came)


def _change(row: Contact, before: str, after: str, at: datetime) -> ContactStatusChange:
    reason = row.closed_reason if after == ContactStatus.CLOSED else ""
    return ContactStatusChange(
        contact=row, before=before, after=after, reason=reason, at=at, by_id=row.created_by_id
    )


def _backdate(rows: Iterable[Contact], chance: random.Random) -> None:
    came = {row.pk: _some_time(chance) for row in rows}
    for change in ContactStatusChange.objects.filter(contact__in=came, before=""):
        ContactStatusChange.objects.filter(pk=change.pk).update(at=came[change.contact_id])
    _set_created(Contact, came)


def _set_created(model: type[models.Model], moments: dict[Any, datetime]) -> None:
    """One statement: `created_at` is set by nothing else than the insert."""
    if not moments:
        return
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS row SET created_at = made.at "  # noqa: S608 - the table's own name
            "FROM unnest(%s::uuid[], %s::timestamptz[]) AS made(id, at) WHERE row.id = made.id",
            [list(moments), list(moments.values())],
        )


def _some_time(chance: random.Random) -> datetime:
    """Within the two years, somewhat more in the second."""
    return _hours(today_here() - timedelta(days=1 + int(DAYS * chance.random() ** 1.2)), chance)


def _hours(day: date, chance: random.Random) -> datetime:
    return datetime.combine(day, time(chance.randrange(8, 17), chance.randrange(60)), tzinfo=zone_here())


def _contacts(number: int, chance: random.Random, by: User) -> None:
    """Most of them are closed by now: the support came to an end."""
    places = list(
        LocalAssociation.objects.active().filter(kind=AssociationKind.LOCAL).order_by("number", "pk")
    )
    # As uneven as a country is: most come from a few counties.
    counties = sorted({place.county for place in places})
    weights = dict(zip(counties, (9, 5, 4, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1), strict=False))
    chosen = chance.choices(places, weights=[weights.get(place.county, 1) for place in places], k=number)
    rows = []
    for at, place in enumerate(chosen):
        closed = chance.randrange(10) < 7
        day = today_here() - timedelta(days=chance.randrange(3, DAYS - 60))
        row = Contact(
            first_name=FIRST[(at * 11 + number) % len(FIRST)],
            last_name=LAST[(at * 7 + at // len(LAST)) % len(LAST)],
            birth_year=chance.randrange(1935, 2006),
            phone=f"{PHONE}{at:04d}",
            municipality=place.municipality,
            status=ContactStatus.CLOSED if closed else ContactStatus.ACTIVE,
            closed_reason=chance.choice(GIVEN_REASONS) if closed else "",
            closed_on=day if closed else None,
            local_association=place,
            source=chance.choice(Source.values),
            consent_basis=ConsentBasis.CONSENT,
            consent_on=day - timedelta(days=chance.randrange(5, 50)),
            created_by=by,
            updated_by=by,
        )
        row.name_it()
        rows.append(row)
    Contact.objects.bulk_create(rows)
    _note(rows, [row.pk for row in rows], by)


def _assignments(number: int, chance: random.Random, by: User) -> None:
    """Answered or not, and over: their content is destroyed."""
    homes = {
        row.user_id: row.association
        for row in LocalAssociationMembership.objects.current().select_related("association")
    }
    held = RoleAssignment.objects.filter(role=Role.PEER_MENTOR).holding().select_related("user")
    mentors = [row.user for row in held.order_by("user__pk") if row.user_id in homes]
    rows = (
        [_assignment(chance, chance.choice(mentors), homes, by) for _at in range(number)] if mentors else []
    )
    Assignment.objects.bulk_create(rows)
    _set_created(Assignment, {row.pk: row.sent_at for row in rows if row.sent_at})
    _note(rows, {row.recipient_id for row in rows}, by)
    for made in (receipts(rows), answers(rows), crossings(rows)):
        # Who had reached a threshold by the rules has reached it.
        type(made[0])._base_manager.bulk_create(made, ignore_conflicts=True) if made else None


def _assignment(chance: random.Random, mentor: User, homes: dict[Any, Any], by: User) -> Assignment:
    sent = _hours(today_here() - timedelta(days=45 + int((DAYS - 60) * chance.random() ** 1.2)), chance)
    opened = sent + timedelta(hours=chance.randrange(2, 120))
    answered = opened + timedelta(hours=chance.randrange(1, 40))
    state = chance.choice(STATES)
    row = Assignment(
        recipient=mentor,
        sender=by,
        local_association=homes[mentor.pk],
        status=state,
        sent_at=sent,
        expires_at=sent + USUAL_LIFE,
        created_by=by,
        updated_by=by,
    )
    if state == S.COMPLETED:
        row.opened_at, row.accepted_at = opened, answered
        row.completed_at = answered + timedelta(days=chance.randrange(1, 12))
        row.content_destroyed_at = row.completed_at + timedelta(days=30)
    elif state == S.DECLINED:
        row.opened_at = opened if chance.randrange(2) else None
        row.declined_at = row.content_destroyed_at = answered
    elif state == S.WITHDRAWN:
        row.withdrawn_at = row.content_destroyed_at = opened
    else:
        row.expired_at = row.content_destroyed_at = row.expires_at
    return row


def _note(rows: list[Any], people: Iterable[Any], by: User) -> None:
    if rows:
        write(
            f"{noun_of(rows[0])}.created",
            rows[0]._meta.label_lower,
            "",
            "",
            by=by,
            changes={"rows": (None, len(rows))},
            reason="Register of the demo organisation",
            subject_ids=set(people),
        )
