"""Three organisations with a row of every kind, and somebody of every role signed in.

Made once per run of this folder, in one transaction that is rolled back; each request of a test is undone by
itself (`undone`), so that whatever it did, the next one meets the same rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context
from rest_framework.test import APIClient

from cms.demo.organizations import PASSWORD
from domain.access.choices import Role
from domain.access.members import add_member
from domain.access.models import RoleAssignment
from domain.access.rules import assign_role
from domain.identity.choices import SupportArea
from domain.identity.models import Membership, User
from domain.identity.sessions import open_session
from domain.identity.support import approve_grant, request_grant
from tenants.db import connection
from tenants.models import Organization
from tests.support.canaries import plant, plant_in_branding
from tests.support.rows import MAKERS, make_note, make_rows, make_support_person, make_tree, unknown_like

OWN, FOREIGN, PLATFORM = "nhf", "blindeforbundet", "platform"
SIDES = {OWN: "own", FOREIGN: "foreign", PLATFORM: "platform"}
# What is written into the rows of each side, and must be read nowhere else.
MARKS = {"own": "Kanarinhf", "sibling": "Kanarivest", "foreign": "Kanaribl", "platform": "Kanariplattform"}
HOSTS = {OWN: "nhf.localhost", FOREIGN: "blindeforbundet.localhost", PLATFORM: "localhost"}
# Rows that belong to whoever asks: one's own, a colleague's, one in another organisation.
PERSONAL = ("session", "passkey", "device-key", "file", "upload")


# What the platform keeps of every organisation: none is foreign to it.
CONSOLE = ("organization", "host", "run")


@dataclass
class Person:
    """Somebody who asks: on which host, with a browser and an app."""

    name: str
    host: str
    browser: Client
    app: APIClient
    user: User | None = None
    rows: dict[str, Any] = field(default_factory=dict)

    def client(self, address: str) -> Client:
        return self.app if address.startswith("/api/") else self.browser


@dataclass
class World:
    """`rows[side][kind]`: own (in Øst), sibling (in Vest), foreign (another organisation), platform."""

    people: dict[str, Person]
    rows: dict[str, dict[str, Any]]
    trees: dict[str, Any]

    def row(self, side: str, kind: str, person: Person) -> Any:
        """The row on this side of what `person` may reach; None where there is none."""
        if side == "own" and (kind in PERSONAL or kind in person.rows):
            return person.rows.get(kind)
        if person.host == PLATFORM and kind in CONSOLE and side != "own":
            return None
        if person.host == PLATFORM:
            side = {"own": "platform", "foreign": "own", "sibling": "sibling"}[side]
            if kind in PERSONAL and side == "platform":
                return person.rows.get(kind)
        return self.rows[side].get(kind)

    def unknown(self, kind: str) -> str:
        return unknown_like(self.rows["own"][kind])


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written here is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _add(organization: str, name: str, role: Role, first_name: str) -> User:
    there = Organization.objects.get(schema_name=organization)
    return add_member(
        there,
        email=f"{name}@{organization}.example",
        role=role,
        by=None,
        first_name=first_name,
        last_name=f"{name.title()}sen",
        password=PASSWORD,
    )


def _user(email: str) -> User:
    with connection.as_owner():
        return User.objects.get(email=email)


def _sign_in(name: str, host: str, user: User | None, *, token_of: str = "") -> Person:
    """A browser and an app of the user on the organisation's host; `token_of` names another organisation."""
    # The app in the language of the content, which there is no other of.
    browser = Client(HTTP_HOST=HOSTS[host], HTTP_ACCEPT_LANGUAGE="en")
    app = APIClient(HTTP_HOST=HOSTS[host], HTTP_ACCEPT_LANGUAGE="nb")
    person = Person(name, host, browser, app, user)
    person.app.default_format = "json"
    for client in (person.browser, person.app):
        client.raise_request_exception = False
    if user is None:
        return person
    with schema_context(token_of or host):
        organization = Organization.objects.get(schema_name=token_of or host)
        tokens = open_session(user, organization, device_name="Phone")
        person.app.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access_token}")
    with schema_context(host):
        person.browser.force_login(user)
        if not token_of:
            from tests.support.rows import (
                make_device_key,
                make_file,
                make_passkey,
                make_session,
                make_upload,
            )

            person.rows["session"] = make_session(None, user)
            person.rows["passkey"] = make_passkey(None, user)
            person.rows["device-key"] = make_device_key(None, user)
            person.rows["file"] = make_file(None, user)
            person.rows["upload"] = make_upload(None, user)
    return person


def _keep_numbers_apart(schema: str, first: int) -> None:
    """Numbered rows that are made in this organisation from now on get numbers that the others' don't."""
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename) "
            "FROM pg_sequences WHERE schemaname = %s",
            [schema],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER SEQUENCE {name} RESTART {first}")


def make_world() -> World:
    """Needs a transaction that is open."""
    for place, schema in enumerate(HOSTS, start=1):
        _keep_numbers_apart(schema, place * 3_000_000)
    rows: dict[str, dict[str, Any]] = {}
    trees: dict[str, Any] = {}
    members: dict[str, User] = {}
    for schema in HOSTS:
        with schema_context(schema):
            trees[schema] = tree = make_tree()
            insider = _add(schema, "insider", Role.PEER_MENTOR, "Inger")
            side = SIDES[schema]
            rows[side] = make_rows(tree.grorud, insider)
            rows[side] |= {"above": tree.east, "neighbour": tree.sinsen, "root": tree.norge}
            rows[side]["organization"] = Organization.objects.get(schema_name=schema)
            rows[side]["host"] = rows[side]["organization"].domains.first()
            plant(rows[side], MARKS[side])
            plant_in_branding(rows[side]["organization"], MARKS[side])
            if schema == OWN:
                outsider = _add(schema, "outsider", Role.PEER_MENTOR, "Olga")
                rows["sibling"] = make_rows(tree.bergen, outsider)
                rows["sibling"] |= {"above": tree.west, "neighbour": tree.west}
                plant(rows["sibling"], MARKS["sibling"])
                for name in ("finance", "auditor", "privacy_officer"):
                    members[name] = _add(schema, name, Role(name), "Fia")
                for name in ("suspended", "left"):
                    members[name] = _add(schema, name, Role.ORG_ADMIN, "Svein")
                karim = _user("coordinator@nhf.example")
                RoleAssignment.objects.filter(user=karim).delete()
                assign_role(karim, "coordinator", local_association=tree.east, by=None)
    people = {
        "anonymous": _sign_in("anonymous", OWN, None),
        "stranger": _sign_in("stranger", OWN, _user("admin@blindeforbundet.example"), token_of=FOREIGN),
        "mentor": _sign_in("mentor", OWN, _user("mentor@nhf.example")),
        "both": _sign_in("both", OWN, _user("both@meander.example")),
        "coordinator": _sign_in("coordinator", OWN, _user("coordinator@nhf.example")),
        "admin": _sign_in("admin", OWN, _user("admin@nhf.example")),
        "support": _sign_in("support", OWN, _user("owner@meander.example"), token_of=PLATFORM),
        "staff": _sign_in("staff", PLATFORM, _user("owner@meander.example")),
        "foreign-admin": _sign_in("foreign-admin", FOREIGN, _user("admin@blindeforbundet.example")),
        **{name: _sign_in(name, OWN, user) for name, user in members.items()},
    }
    # Notes of one's own are nobody else's: who writes has one.
    with schema_context(OWN):
        for name in ("coordinator", "admin"):
            people[name].rows["note"] = make_note(trees[OWN].grorud, people[name].user)
    # Their sessions stay open, so that it is the membership alone that shuts them out.
    for name, left_at in (("suspended", None), ("left", timezone.now())):
        Membership.objects.filter(user=members[name]).update(status=name, left_at=left_at)
    people["support-read"] = _let_in(members)
    return World(people, rows, trees)


def _let_in(members: dict[str, User]) -> Person:
    """Support with a grant to read everything there is a grant for."""
    organization = Organization.objects.get(schema_name=OWN)
    with schema_context(PLATFORM):
        staff = make_support_person()
        grant = request_grant(
            organization,
            by=staff,
            areas=SupportArea.values,
            reason="Everything",
            ends_at=timezone.now() + timedelta(hours=4),
        )
    with schema_context(OWN):
        approve_grant(grant, by=_user("admin@nhf.example"))
    return _sign_in("support-read", OWN, staff)


__all__ = ["MAKERS", "Person", "World", "make_world", "undone"]
