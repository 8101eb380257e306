"""Where the demo's mentors are, and municipalities from where one looks for them."""

import random
from decimal import Decimal

from django.db import connection

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.associations.choices import LocationSource, Precision
from domain.associations.locations import protect_location, set_location
from domain.associations.models import LocalAssociationMembership, MentorLocation, MunicipalityPosition
from domain.audit.entities import create_entity
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User

# Some towns of each county: number of the municipality, name, degrees north and east. Written by hand for the
# demo; an organisation enters those it needs.
MUNICIPALITIES: dict[str, list[tuple[str, str, str, str]]] = {
    "03": [("0301", "Oslo", "59.91", "10.75")],
    "11": [
        ("1103", "Stavanger", "58.97", "5.73"),
        ("1108", "Sandnes", "58.85", "5.74"),
        ("1106", "Haugesund", "59.41", "5.27"),
    ],
    "15": [
        ("1506", "Molde", "62.74", "7.16"),
        ("1508", "Ålesund", "62.47", "6.15"),
        ("1505", "Kristiansund", "63.11", "7.73"),
    ],
    "18": [
        ("1804", "Bodø", "67.28", "14.40"),
        ("1806", "Narvik", "68.44", "17.43"),
        ("1833", "Rana", "66.31", "14.14"),
    ],
    "31": [
        ("3105", "Sarpsborg", "59.28", "11.11"),
        ("3103", "Moss", "59.43", "10.66"),
        ("3101", "Halden", "59.12", "11.39"),
    ],
    "32": [
        ("3201", "Bærum", "59.89", "10.52"),
        ("3203", "Asker", "59.83", "10.44"),
        ("3205", "Lillestrøm", "59.96", "11.05"),
    ],
    "33": [
        ("3301", "Drammen", "59.74", "10.20"),
        ("3303", "Kongsberg", "59.67", "9.65"),
        ("3305", "Ringerike", "60.17", "10.26"),
    ],
    "34": [
        ("3403", "Hamar", "60.79", "11.07"),
        ("3405", "Lillehammer", "61.12", "10.47"),
        ("3401", "Kongsvinger", "60.19", "12.00"),
    ],
    "39": [
        ("3905", "Tønsberg", "59.27", "10.41"),
        ("3907", "Sandefjord", "59.13", "10.22"),
        ("3909", "Larvik", "59.05", "10.03"),
    ],
    "40": [
        ("4003", "Skien", "59.21", "9.61"),
        ("4001", "Porsgrunn", "59.14", "9.66"),
        ("4005", "Notodden", "59.56", "9.26"),
    ],
    "42": [("4204", "Kristiansand", "58.15", "8.00"), ("4203", "Arendal", "58.46", "8.77")],
    "46": [
        ("4601", "Bergen", "60.39", "5.32"),
        ("4614", "Stord", "59.78", "5.50"),
        ("4640", "Sogndal", "61.23", "7.10"),
    ],
    "50": [
        ("5001", "Trondheim", "63.43", "10.40"),
        ("5006", "Steinkjer", "64.01", "11.50"),
        ("5035", "Stjørdal", "63.47", "10.92"),
    ],
    "55": [("5501", "Tromsø", "69.65", "18.96"), ("5503", "Harstad", "68.80", "16.54")],
    "56": [("5601", "Alta", "69.97", "23.27"), ("5603", "Hammerfest", "70.66", "23.68")],
}
# How most people answer: roughly.
ANSWERS = [Precision.MUNICIPALITY, Precision.POSTCODE, Precision.POSTCODE, None]
SEED = 20260102


def seed_locations() -> None:
    """Positions of what has none yet: municipalities, and mentors, of whom some don't agree to one."""
    known = set(MunicipalityPosition.objects.values_list("number", flat=True))
    for rows in MUNICIPALITIES.values():
        for number, name, north, east in rows:
            if number not in known:
                place = MunicipalityPosition(number=number, name=name, source="Skrevet for demoen")
                place.latitude, place.longitude = Decimal(north), Decimal(east)
                create_entity(place, by=None)
    placed = set(MentorLocation.objects.values_list("user", flat=True))
    for at, user in enumerate(_mentors()):
        if user.pk not in placed:
            seed_location(user, at)


def seed_location(user: User, at: int) -> None:
    """What the `at`-th mentor has answered: near a town of where they belong, or nothing."""
    chance = random.Random(f"{SEED} {getattr(connection, 'schema_name', '')} {at}")  # noqa: S311 - a demo
    answer = ANSWERS[at % len(ANSWERS)]
    home = LocalAssociationMembership.objects.current().filter(user=user).order_by("-is_primary").first()
    if home is None or home.association.county not in MUNICIPALITIES:
        return
    if at % 25 == 11:
        protect_location(by=user)
        return
    if answer is None:
        return
    towns = MUNICIPALITIES[home.association.county]
    _number, _name, north, east = next(
        (row for row in towns if row[0] == home.association.municipality), chance.choice(towns)
    )
    set_location(
        by=user,
        latitude=Decimal(north) + Decimal(chance.randint(-15, 15)) / 100,
        longitude=Decimal(east) + Decimal(chance.randint(-30, 30)) / 100,
        precision=answer,
        source=LocationSource.DEVICE,
    )


def _mentors() -> list[User]:
    """Mentors of today, always in the same order: whoever gave no position gives none the next time."""
    holders = RoleAssignment.objects.filter(role=Role.PEER_MENTOR).holding().order_by().values("user")
    here = Membership.objects.here().filter(status=MembershipStatus.ACTIVE).order_by().values("user")
    users = User.objects.filter(pk__in=holders).filter(pk__in=here)
    return list(users.order_by("name_key", "email", "pk"))
