"""More people of the large demo organisation: roles of every kind, for parts of it, from day to day."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from domain.access.choices import Role
from domain.access.invitations import invite
from domain.access.members import change_membership, register_person
from domain.access.memberships import end_membership, suspend_member
from domain.access.models import Invitation
from domain.access.rules import assign_role
from domain.access.sharing import share_association
from domain.associations.choices import AssociationKind
from domain.associations.memberships import join_association
from domain.associations.models import LocalAssociation
from domain.identity.elsewhere import person_by_email
from domain.identity.models import Membership, User
from domain.identity.profile import change_profile
from domain.identity.sessions import open_session
from tenants.models import Organization

from .organizations import PASSWORD

SCHEMA = "nhf"


@dataclass(frozen=True)
class Person:
    """`county` and `chapter` (its how-manieth) say where they belong; days count from today."""

    number: str
    first_name: str
    last_name: str
    role: Role
    county: str
    chapter: int = 0
    # Where the role holds: "" the organisation, "region" the county's, "chapter" their own.
    reach: str = ""
    begins: int = 0
    ends: int | None = None
    is_deputy: bool = False
    title: str = ""
    language: str = "nb"
    has_login: bool = True
    purpose: str = ""

    @property
    def email(self) -> str:
        letters = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "á": "a", "ö": "o", " ": "."})
        return f"{self.first_name}.{self.last_name}@nhf.example".lower().translate(letters)

    @property
    def phone(self) -> str:
        """A number that nobody has: no Norwegian one begins with 00."""
        return f"+470000{self.number}"


MENTOR, LEADER = Role.PEER_MENTOR, Role.COORDINATOR
PEOPLE = [
    Person("1002", "Ragnhild", "Dahl", LEADER, "03", 0, "region", title="Leder i Oslo"),
    Person("1003", "Tor", "Eriksen", LEADER, "46", 0, "region", language="nn", title="Leiar i Vestland"),
    Person("1004", "Marit", "Lund", LEADER, "50", 0, "region"),
    Person("1005", "Ivar", "Bakke", LEADER, "55", 0, "region", ends=45, is_deputy=True, title="Vikar"),
    Person("1006", "Nadia", "Rahimi", LEADER, "11", 1, "chapter"),
    Person("1007", "Elin", "Sørlie", LEADER, "34", 0, "region", begins=14),
    Person("1008", "Gunn", "Haugen", Role.FINANCE, "03"),
    Person("1009", "Petter", "Vik", Role.AUDITOR, "03", ends=60),
    Person("1010", "Sissel", "Aas", Role.PRIVACY_OFFICER, "03"),
    Person(
        "1024",
        "Kari",
        "Heger",
        Role.PEOPLE_READER,
        "03",
        ends=30,
        purpose="Svarer fylkeslegen om oppfølgingen i høst",
    ),
    Person("1011", "Jonas", "Myhre", Role.ORG_ADMIN, "32", title="Rådgiver"),
    Person("1012", "Máret", "Eira", MENTOR, "56", 0, "region"),
    Person("1013", "Arne", "Solberg", MENTOR, "46", 1, "chapter", language="nn"),
    Person("1014", "Fatima", "Yusuf", MENTOR, "03", 1, "chapter"),
    Person("1015", "Kjell", "Strøm", MENTOR, "03", 2, "chapter", ends=7),
    Person("1016", "Liv", "Hansen", MENTOR, "32", 0, "chapter"),
    Person("1017", "Omar", "Aziz", MENTOR, "33", 0, "chapter"),
    Person("1018", "Berit", "Fossum", MENTOR, "50", 1, "chapter"),
    Person("1019", "Håkon", "Lie", MENTOR, "55", 0, "chapter", begins=3),
    Person("1020", "Turid", "Berge", MENTOR, "18", 0, "chapter"),
    Person("1021", "Geir", "Nygård", MENTOR, "15", 0, "chapter"),
    Person("1022", "Anne", "Moe", MENTOR, "42", 0, "chapter", has_login=False),
    Person("1023", "Oddvar", "Kleppe", MENTOR, "46", 2, "chapter", has_login=False, language="nn"),
]
SUSPENDED, LEFT = "1017", "1021"
# Devices of the people everyone signs in as; how each says they are reached.
DEVICES = {
    "mentor@nhf.example": ("0000 0003", [("Solveigs telefon", "android"), ("Solveigs nettbrett", "ios")]),
    "coordinator@nhf.example": ("0000 0002", [("Karims iPhone", "ios")]),
    "admin@nhf.example": ("0000 0001", []),
}


@transaction.atomic
def seed_more_people() -> bool:
    """Make them in the organisation that is selected; False where they are, or don't belong."""
    if getattr(connection, "schema_name", "") != SCHEMA:
        return False
    if Membership.objects.here().filter(external_reference=PEOPLE[0].number).exists():
        return False
    for person in PEOPLE:
        _make(person)
    by_number = {row.external_reference: row for row in Membership.objects.here().select_related("user")}
    admin = User.objects.get(email="admin@nhf.example")
    _sign_in_devices(by_number[SUSPENDED].user)
    suspend_member(by_number[SUSPENDED], by=admin, reason="Mistet telefonen")
    end_membership(by_number[LEFT], by=admin, reason="Flyttet til utlandet")
    share_association(
        _region("46"),
        user=by_number["1004"].user,
        until=timezone.localdate() + timedelta(days=30),
        reason="Vikarierer for Tor i ferien",
        by=admin,
    )
    if not Invitation.objects.exists():
        invite(
            email="hilde.ruud@nhf.example",
            first_name="Hilde",
            last_name="Ruud",
            role=Role.PEER_MENTOR,
            local_association=_chapter("03", 3),
            language="nb",
            message="Så fint at du vil bli likeperson hos oss!",
            by=admin,
        )
    return True


def _make(person: Person) -> None:
    chapter = _chapter(person.county, person.chapter)
    values = {"display_title": person.title, "external_reference": person.number}
    if person.has_login:
        user = person_by_email(person.email) or User.objects.create_user(
            person.email,
            PASSWORD,
            first_name=person.first_name,
            last_name=person.last_name,
            language=person.language,
            phone=person.phone,
        )
        organization = Organization.objects.get(schema_name=SCHEMA)
        row, _created = Membership.objects.get_or_create(user=user, organization=organization)
        change_membership(row, changes=values, by=None)
    else:
        row = register_person(first_name=person.first_name, last_name=person.last_name, by=None, **values)
    join_association(user=row.user, association=chapter, by=None)
    today = timezone.localdate()
    assign_role(
        row.user,
        person.role,
        local_association={"": None, "region": _region(person.county), "chapter": chapter}[person.reach],
        valid_from=today + timedelta(days=person.begins),
        valid_to=today + timedelta(days=person.ends) if person.ends is not None else None,
        is_deputy=person.is_deputy,
        purpose=person.purpose,
        by=None,
    )


def _sign_in_devices(suspended: User) -> None:
    """Some are signed in with the app; the suspended one's phone is shut out with its owner."""
    organization = Organization.objects.get(schema_name=SCHEMA)
    open_session(
        suspended, organization, device_name="Omars telefon", platform="android", app_version="1.0.0"
    )
    for email, (phone, devices) in DEVICES.items():
        person = User.objects.get(email=email)
        change_profile(person, changes={"phone": phone}, by=person)
        for name, platform in devices:
            open_session(person, organization, device_name=name, platform=platform, app_version="1.0.0")


def _region(county: str) -> LocalAssociation:
    return LocalAssociation.objects.get(kind=AssociationKind.REGION, county=county)


def _chapter(county: str, at: int) -> LocalAssociation:
    chapters = LocalAssociation.objects.active().filter(county=county, kind=AssociationKind.LOCAL)
    return chapters.order_by("number")[at]
