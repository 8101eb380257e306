"""Contacts of the large demo, in the chapters of its mentors, with who supports them and what was written."""

import random
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from domain.associations.models import LocalAssociation
from domain.certification.queries import today_here
from domain.encryption.entities import prepare
from domain.identity.models import User
from domain.people.choices import (
    GIVEN_REASONS,
    ConsentBasis,
    ContactStatus,
    Language,
    NoteKind,
    Relation,
    Source,
)
from domain.people.models import Caregiver, Contact, ContactMentor, ContactNote, DiagnosisCategory

from .mentors import Mentor, many_mentors
from .names import first_name, last_name
from .record import chance_of, coordinator, note_rows, some_days

AT_ONCE = 1000
STREETS = ("Bjørkeveien", "Skolegata", "Fjordalleen", "Tunet", "Kirkebakken", "Stasjonsveien")
TOWNS = ("Nordvik", "Solheim", "Elvestad", "Granmo", "Sandnes bru", "Lillestrand")
DIAGNOSES = ("Cerebral parese", "Ryggmargsbrokk", "Multippel sklerose", "Slag i fjor", "Kroniske smerter")
WORDS = (
    (NoteKind.INTERACTION, "Snakket en time på telefon. Vil gjerne møtes på kafé neste gang."),
    (NoteKind.OBSERVATION, "Virker tryggere enn sist, og har meldt seg på turgruppa."),
    (NoteKind.FOLLOW_UP, "Ring og hør hvordan det gikk med søknaden om hjelpemidler."),
)


@transaction.atomic
def seed_many_contacts(number: int) -> None:
    """So many in the end, with those who are there."""
    chance = chance_of("contacts")
    by, today = coordinator(), today_here()
    mentors = many_mentors()
    others = list(LocalAssociation.objects.active().order_by("number", "pk"))
    categories = list(DiagnosisCategory.objects.active())
    rows: list[Contact] = []
    links: list[ContactMentor] = []
    for at in range(max(0, number - Contact.objects.count())):
        mentor = chance.choice(mentors) if mentors and chance.randrange(4) else None
        row = _contact(at, mentor.home if mentor else chance.choice(others), categories, chance, today, by)
        if mentor is not None and row.status != ContactStatus.NEW:
            links.append(_support(row, mentor, chance, today, by))
        rows.append(row)
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        prepare(part)
        Contact.objects.bulk_create(part)
    ContactMentor.objects.bulk_create(links, batch_size=AT_ONCE)
    note_rows(rows, ([row.pk] for row in rows), by=by)
    note_rows(links, ([row.contact_id, row.user_id] for row in links), by=by)
    _write(rows, links, chance, today, by)


def _contact(
    at: int,
    place: LocalAssociation,
    categories: list[DiagnosisCategory],
    chance: random.Random,
    today: date,
    by: User,
) -> Contact:
    lot = chance.randrange(100)
    status = (
        ContactStatus.NEW
        if lot < 8
        else ContactStatus.PAUSED
        if lot < 13
        else ContactStatus.CLOSED
        if lot < 30
        else ContactStatus.ACTIVE
    )
    asked = status != ContactStatus.NEW or chance.randrange(2) == 0
    closed = status == ContactStatus.CLOSED
    row = Contact(
        first_name=first_name(chance),
        last_name=last_name(chance),
        birth_year=chance.randrange(1932, 2010),
        # Nobody's: no Norwegian number begins with 00.
        phone=f"+47002{at:05d}" if chance.randrange(10) else "",
        email=f"person{at}@eksempel.example" if chance.randrange(3) == 0 else "",
        address=f"{chance.choice(STREETS)} {chance.randrange(1, 120)}",
        postcode=f"{chance.randrange(1, 99):02d}{chance.randrange(1, 99):02d}",
        city=chance.choice(TOWNS),
        municipality=place.municipality,
        language=chance.choice(Language.values) if chance.randrange(12) == 0 else Language.NB,
        diagnosis_category=chance.choice(categories) if categories and chance.randrange(6) else None,
        status=status,
        closed_reason=chance.choice(GIVEN_REASONS) if closed else "",
        closed_on=today - some_days(chance, 1, 700) if closed else None,
        local_association=place,
        source=chance.choice(Source.values),
        consent_basis=ConsentBasis.CONSENT if asked else ConsentBasis.NOT_YET,
        consent_on=today - some_days(chance, 10, 900) if asked else None,
        created_by=by,
        updated_by=by,
    )
    if chance.randrange(3) == 0:
        row.diagnosis = chance.choice(DIAGNOSES)
    row.name_it()
    return row


def _support(contact: Contact, mentor: Mentor, chance: random.Random, today: date, by: User) -> ContactMentor:
    begun = min(today, mentor.since + some_days(chance, 0, 300))
    return ContactMentor(
        contact=contact,
        user=mentor.user,
        is_primary=True,
        valid_from=begun,
        valid_to=max(begun, contact.closed_on) if contact.closed_on else None,
        created_by=by,
        updated_by=by,
    )


def _write(
    rows: list[Contact], links: list[ContactMentor], chance: random.Random, today: date, by: User
) -> None:
    """Notes of the team about those who are supported, some to be followed up; who is close to them."""
    notes: list[ContactNote] = []
    near: list[Caregiver] = []
    for link in links:
        kind, words = chance.choice(WORDS)
        follow = today + timedelta(days=chance.randrange(-20, 40)) if kind == NoteKind.FOLLOW_UP else None
        notes.append(
            ContactNote(
                contact=link.contact,
                author=link.user,
                kind=kind,
                body=words,
                # Most that should have been done by now were.
                follow_up_on=follow if chance.randrange(3) == 0 else None,
                created_by=link.user,
                updated_by=link.user,
            )
        )
    for row in chance.sample(rows, len(rows) // 5):
        values: dict[str, Any] = {"first_name": first_name(chance), "last_name": row.last_name}
        kin = Caregiver(
            contact=row,
            relation=chance.choice(Relation.values),
            is_primary=True,
            informed_on=row.consent_on,
            created_by=by,
            updated_by=by,
            **values,
        )
        kin.name_it()
        near.append(kin)
    prepare(notes)
    ContactNote.objects.bulk_create(notes, batch_size=AT_ONCE)
    Caregiver.objects.bulk_create(near, batch_size=AT_ONCE)
    note_rows(notes, ([row.contact_id] for row in notes), by=by)
    note_rows(near, ([row.contact_id, row.pk] for row in near), by=by)
