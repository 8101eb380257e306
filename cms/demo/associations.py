"""Local associations of the demo organisations, and where the demo people belong."""

import random
from datetime import date

from django.db import connection, transaction
from stdnum.no import orgnr

from domain.associations.bulk import NewAssociation, create_many
from domain.associations.choices import COUNTIES, AssociationKind
from domain.associations.memberships import join_association
from domain.associations.models import LocalAssociation, LocalAssociationMembership
from domain.identity.models import User

from .associations_places import places
from .locations import MUNICIPALITIES

# Number of all: the national body, one region per county, chapters, and groups below some of them.
SIZES = {"nhf": 1400, "blindeforbundet": 40}
NAMES = {"nhf": ("NHF", "nhf.example"), "blindeforbundet": ("Blindeforbundet", "blindeforbundet.example")}
# One seed: the demo is the same on every machine.
SEED = 20260101
# {e-mail: counties in whose first chapters the person belongs, the primary one first}
BELONGS = {
    "nhf": {
        "coordinator@nhf.example": ["03"],
        "mentor@nhf.example": ["03", "32", "33"],
        "both@meander.example": ["46"],
        "admin@nhf.example": ["50"],
    },
    "blindeforbundet": {
        "coordinator@blindeforbundet.example": ["03"],
        "mentor@blindeforbundet.example": ["03", "32"],
        "both@meander.example": ["46", "11"],
        "admin@blindeforbundet.example": ["15"],
    },
}
SINCE = date(2023, 1, 1)


@transaction.atomic
def seed_associations() -> bool:
    """Make the tree of the organisation that is selected; False if it has one already, or none to have."""
    schema = getattr(connection, "schema_name", "")
    if schema not in SIZES or LocalAssociation.objects.exists():
        return False
    create_many(
        plan(schema), by=None, valid_from=SINCE, reason="Register of the demo organisation", one_event=True
    )
    seed_memberships(schema)
    return True


def seed_memberships(schema: str) -> None:
    """Let the demo people belong somewhere, where they don't yet."""
    for email, counties in BELONGS[schema].items():
        user = User.objects.get(email=email)
        if LocalAssociationMembership.objects.filter(user=user).exists():
            continue
        for county in counties:
            chapter = (
                LocalAssociation.objects.active()
                .filter(county=county, kind=AssociationKind.LOCAL)
                .order_by("number")[0]
            )
            join_association(user=user, association=chapter, by=None, valid_from=SINCE)


def plan(schema: str) -> list[NewAssociation]:
    """What the organisation's register holds."""
    chance = random.Random(f"{SEED} {schema}")  # noqa: S311 - a demo is no secret
    short, host = NAMES[schema]
    counties = list(COUNTIES)
    new = [
        NewAssociation(
            "1",
            values={"name": f"{short} sentralt", "kind": AssociationKind.NATIONAL, "email": f"post@{host}"},
        )
    ]
    for code in counties:
        new.append(
            NewAssociation(
                code,
                parent="1",
                values={
                    "name": f"{short} {COUNTIES[code]}",
                    "kind": AssociationKind.REGION,
                    "county": code,
                    "email": f"{_ascii(COUNTIES[code])}@{host}",
                    "organization_number": _organization_number(chance),
                    "account_dimension": f"R{code}",
                },
            )
        )
    rest = SIZES[schema] - len(new)
    # A tenth of a large organisation are groups below a chapter.
    groups = rest // 10 if rest > 100 else 0
    chapters = []
    for at, code in enumerate(counties):
        share = (rest - groups) // len(counties) + (at < (rest - groups) % len(counties))
        for index, place in enumerate(places(code, share, chance)):
            chapters.append(_chapter(code, index, place, short, host, chance))
    for index, chapter in enumerate(chance.sample(chapters, groups)):
        kind = ("Ungdom", "Foreldre", "Turgruppe", "Studieringen")[index % 4]
        new_group = NewAssociation(
            f"{chapter.number}-{kind[0]}",
            parent=chapter.number,
            paying_entity=chapter.number,
            values={
                "name": f"{chapter.values['name']}, {kind.lower()}",
                "kind": AssociationKind.GROUP,
                "county": chapter.values["county"],
                "municipality": chapter.values["municipality"],
            },
        )
        new.append(new_group)
    return [*new, *chapters]


def _chapter(
    code: str, index: int, place: str, short: str, host: str, chance: random.Random
) -> NewAssociation:
    number = f"{code}{index + 1:03d}"
    is_entity = chance.random() < 0.6
    return NewAssociation(
        number,
        parent=code,
        # Who is no legal entity is paid for by the region.
        paying_entity="" if is_entity else code,
        values={
            "name": f"{short} {place}",
            "kind": AssociationKind.LOCAL,
            "county": code,
            "municipality": MUNICIPALITIES[code][index % len(MUNICIPALITIES[code])][0],
            "email": f"{_ascii(place)}@{host}",
            "organization_number": _organization_number(chance) if is_entity else "",
            "account_dimension": f"L{number}",
        },
    )


def _organization_number(chance: random.Random) -> str:
    """One with a right check digit from the registers' range of synthetic numbers (31…): nobody's."""
    while True:
        start = f"31{chance.randrange(10**6):06d}"
        for digit in range(10):
            if orgnr.is_valid(f"{start}{digit}"):
                return f"{start}{digit}"


def _ascii(text: str) -> str:
    table = str.maketrans({"æ": "ae", "ø": "o", "å": "a", " ": "-"})
    return text.lower().translate(table)
