"""Contacts of the demo organisations: who is supported, by whom, who is close to them, what is written.

All names are invented; phone numbers are ones that nobody has (no Norwegian one begins with 00).
"""

import random
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.associations.choices import AssociationKind
from domain.associations.models import LocalAssociation
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User
from domain.people.choices import (
    ClosedReason,
    ConsentBasis,
    NoteKind,
    NoteVisibility,
    Relation,
    Source,
)
from domain.people.erasing import erase_contact
from domain.people.handing_out import ask_for_copy, make_copy
from domain.people.mentoring import assign_mentor
from domain.people.merging import merge_contacts
from domain.people.models import Contact, DiagnosisCategory, NoteRequest
from domain.people.notes import add_note, write_own_note
from domain.people.relatives import add_caregiver, link_relative, register_relative
from domain.people.requesting import withhold_note
from domain.people.rules import change_contact, close_contact, create_contact, pause_contact
from domain.people.sharing import share_contact
from tenants.db import connection

SIZES = {"nhf": 40, "blindeforbundet": 15}
# Counties whose first chapters the contacts belong to: where the demo's people are.
COUNTIES = {"nhf": ["03", "32", "33", "46", "50", "55"], "blindeforbundet": ["03", "32", "46"]}
SEED = 20260202
FIRST = [
    "Aslaug",
    "Birger",
    "Camilla",
    "Dagfinn",
    "Edith",
    "Fredrik",
    "Gyda",
    "Halvard",
    "Ingeborg",
    "Jostein",
    "Kristiane",
    "Ludvig",
    "Målfrid",
    "Njål",
    "Oddny",
    "Peder",
    "Rannveig",
    "Sverre",
    "Torbjørg",
    "Ulrik",
    "Vigdis",
    "Yngve",
    "Zahra",
    "Ælfred",
    "Øystein",
    "Åshild",
    "Amal",
    "Biret",
    "Didrik",
    "Elvira",
]
LAST = [
    "Almås",
    "Brekke",
    "Dybdal",
    "Engen",
    "Fjeld",
    "Gjertsen",
    "Hovland",
    "Indrebø",
    "Jørstad",
    "Kvamme",
    "Lillebø",
    "Myklebust",
    "Nordli",
    "Opsahl",
    "Rønning",
    "Skaug",
    "Tveit",
    "Ulvestad",
    "Vangen",
    "Ødegård",
    "Åmodt",
    "Isaksen",
    "Mahmoud",
    "Sørbø",
]
STREETS = ("Bjørkeveien", "Skolegata", "Fjordalleen", "Tunet")
DIAGNOSES = ("Cerebral parese", "Ryggmargsbrokk", "Multippel sklerose", "Retinitis pigmentosa", "Slag i 2024")
NOTES = (
    (NoteKind.INTERACTION, "Snakket en time på telefon. Vil gjerne møtes på kafé neste gang."),
    (NoteKind.OBSERVATION, "Virker tryggere enn sist, og har meldt seg på turgruppa."),
    (NoteKind.FOLLOW_UP, "Ring og hør hvordan det gikk med søknaden om hjelpemidler."),
    (NoteKind.INTERACTION, "Besøk hjemme. Søsteren var med. Spørsmål om ledsagerbevis."),
)


@transaction.atomic
def seed_contacts() -> bool:
    """Make them in the organisation that is selected; False where they are, or don't belong."""
    schema = connection.schema_name
    if schema not in SIZES or Contact.objects.exists():
        return False
    chance = random.Random(f"{SEED} {schema}")  # noqa: S311 - a demo is no secret
    coordinator = User.objects.get(email=f"coordinator@{schema}.example")
    contacts = [_contact(schema, at, chance, coordinator) for at in range(SIZES[schema])]
    _assign(schema, contacts, chance, coordinator)
    _families(contacts, coordinator)
    _write(schema, contacts, chance, coordinator)
    _twice(contacts, coordinator)
    _share(schema, contacts[2], coordinator)
    _hand_out(contacts[1])
    _ask_for_notes(schema, contacts[0])
    close_contact(contacts[3], closed_reason=ClosedReason.COMPLETED, by=coordinator, reason="Målet er nådd")
    pause_contact(contacts[4], by=coordinator, reason="På rehabilitering til våren")
    with connection.as_owner():
        erase_contact(contacts[5], by=None, reason="Bedt om det i brev")
    return True


def _contact(schema: str, at: int, chance: random.Random, by: User) -> Contact:
    counties = COUNTIES[schema]
    # Half of them where the demo's mentor is.
    county = counties[0] if at % 2 == 0 else counties[at % len(counties)]
    place = _chapter(county, at % 2)
    asked = at % 5 != 4
    values: dict[str, Any] = {
        "first_name": FIRST[(at * 7 + len(schema)) % len(FIRST)],
        "last_name": LAST[(at * 5 + len(schema)) % len(LAST)],
        "birth_year": chance.randrange(1935, 2008),
        "phone": f"+470001{at:04d}",
        "address": f"{chance.choice(STREETS)} {chance.randrange(1, 90)}",
        "postcode": f"{chance.randrange(1, 99):02d}{chance.randrange(1, 99):02d}",
        "city": chance.choice(("Nordvik", "Solheim", "Elvestad")),
        "municipality": place.municipality,
        "language": "nn" if county == "46" else "nb",
        "diagnosis_category": _category(at),
        "source": chance.choice(Source.values),
        "consent_basis": ConsentBasis.CONSENT if asked else ConsentBasis.NOT_YET,
        "consent_on": timezone.localdate() - timedelta(days=chance.randrange(20, 400)) if asked else None,
    }
    if at % 3 == 0:
        values["diagnosis"] = DIAGNOSES[at % len(DIAGNOSES)]
    if at % 4 == 0:
        values["email"] = f"kontakt{at}@eksempel.example"
    return create_contact(by=by, local_association=place, duplicate_checked=True, **values)


def _assign(schema: str, contacts: list[Contact], chance: random.Random, by: User) -> None:
    """Two of three are supported, the first ones by the mentor everyone signs in as."""
    mentor = User.objects.get(email=f"mentor@{schema}.example")
    active = Membership.objects.here().filter(status=MembershipStatus.ACTIVE).order_by().values("user")
    held = RoleAssignment.objects.filter(role=Role.PEER_MENTOR, user__in=active).holding()
    others = [row.user for row in held.select_related("user").order_by("user__pk") if row.user != mentor]
    for at, contact in enumerate(contacts):
        if at % 3 == 2:
            continue
        assign_mentor(contact, user=mentor if at < 10 or not others else chance.choice(others), by=by)
        if at == 0 and others:
            assign_mentor(contact, user=others[0], by=by)


def _families(contacts: list[Contact], by: User) -> None:
    add_caregiver(
        contact=contacts[0],
        first_name="Solfrid",
        last_name="Brekke",
        relation=Relation.PARTNER,
        phone="+4700020001",
        is_primary=True,
        is_emergency_contact=True,
        informed_on=timezone.localdate() - timedelta(days=30),
        by=by,
    )
    add_caregiver(contact=contacts[1], first_name="Erling", last_name="Tveit", relation=Relation.CHILD, by=by)
    # Two siblings, who share their parents.
    for first, relation in (("Marianne", Relation.PARENT), ("Jan Petter", Relation.PARENT)):
        parent = register_relative(
            first_name=first, last_name="Skaug", phone="+4700020002", needs="Tolk til somali", by=by
        )
        for at in (0, 6):
            link_relative(
                contact=contacts[at],
                relative=parent,
                relation=relation,
                has_custody=True,
                is_primary=first == "Marianne",
                by=by,
            )


def _write(schema: str, contacts: list[Contact], chance: random.Random, coordinator: User) -> None:
    mentor = User.objects.get(email=f"mentor@{schema}.example")
    today = timezone.localdate()
    for at, contact in enumerate(contacts[:12]):
        kind, words = NOTES[at % len(NOTES)]
        follow = today + timedelta(days=chance.randrange(-5, 20)) if kind == NoteKind.FOLLOW_UP else None
        author = mentor if contact.mentors.filter(user=mentor).exists() else coordinator
        add_note(contact=contact, author=author, by=author, kind=kind, body=words, follow_up_on=follow)
    add_note(
        contact=contacts[0],
        author=coordinator,
        by=coordinator,
        kind=NoteKind.FOLLOW_UP,
        body="Avtal et nytt møte med begge foreldrene.",
        follow_up_on=today + timedelta(days=3),
    )
    add_note(
        contact=contacts[0],
        author=mentor,
        by=mentor,
        kind=NoteKind.OBSERVATION,
        visibility=NoteVisibility.PRIVATE,
        body="Egne tanker etter besøket.",
    )
    write_own_note(by=mentor, title="Husk til neste møte", body="Ta med brosjyren.", is_pinned=True)
    write_own_note(by=coordinator, title="Vaktliste i jula", body="Spør hvem som kan.", contact=contacts[0])


def _twice(contacts: list[Contact], by: User) -> None:
    """One who was registered twice and merged, and one who may have been."""
    for at, merged in ((7, True), (8, False)):
        first = contacts[at]
        again = create_contact(
            by=by,
            local_association=first.local_association,
            duplicate_checked=True,
            first_name=first.first_name,
            last_name=first.last_name,
            birth_year=first.birth_year,
            email=f"dobbel{at}@eksempel.example",
        )
        if merged:
            merge_contacts(again, into=first, by=by, reason="Registrert to ganger")
    change_contact(contacts[9], changes={"source": Source.EVENT}, by=by)


def _share(schema: str, contact: Contact, by: User) -> None:
    """Somebody without a mentor is shown to one for a fortnight."""
    mentor = User.objects.get(email=f"mentor@{schema}.example")
    until = timezone.localdate() + timedelta(days=14)
    share_contact(contact, user=mentor, until=until, reason="Ferievikar", by=by)


def _hand_out(contact: Contact) -> None:
    """A copy for the privacy officer, where the demo has one. After some days only its row is left."""
    held = RoleAssignment.objects.filter(role=Role.PRIVACY_OFFICER).holding().select_related("user")
    officer = held.order_by("user__pk").first()
    if officer is not None:
        make_copy(ask_for_copy(contact, by=officer.user), by=officer.user)


def _ask_for_notes(schema: str, contact: Contact) -> None:
    """Somebody wants to see what is kept: the mentor kept a note back, the coordinator has yet to answer."""
    held = RoleAssignment.objects.filter(role=Role.PRIVACY_OFFICER).holding().select_related("user")
    officer = held.order_by("user__pk").first()
    if officer is None:
        return
    ask_for_copy(contact, by=officer.user)
    mentor = User.objects.get(email=f"mentor@{schema}.example")
    for request in NoteRequest.objects.filter(contact=contact, author=mentor):
        withhold_note(request, justification="Notatet handler mest om ektefellen.", by=mentor)


def _category(at: int) -> DiagnosisCategory | None:
    found = list(DiagnosisCategory.objects.active())
    return found[at % len(found)] if found and at % 6 else None


def _chapter(county: str, at: int) -> LocalAssociation:
    chapters = LocalAssociation.objects.active().filter(county=county, kind=AssociationKind.LOCAL)
    found = list(chapters.order_by("number")[: at + 1])
    return found[-1]
