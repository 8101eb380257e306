"""Something of everything that the API serves, so that calls reach rows and not only their absence."""

from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.access.invitations import invite
from domain.associations.memberships import join_association
from domain.associations.rules import create_association, set_active
from domain.files.rules import accept_file
from domain.identity.models import DeviceKey, PasskeyCredential, User
from domain.identity.sessions import open_session
from domain.identity.support import approve_grant, request_grant
from domain.sales.models import DemoSlot
from tenants.db import connection
from tenants.models import Organization
from tests.api.content import card, faq, link
from tests.support.rows import make_rows

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
# Everyone who calls: the organisation on whose host, and the person, if any.
CALLERS: dict[str, tuple[str, str | None]] = {
    "a stranger": ("nhf", None),
    "a peer mentor": ("nhf", "mentor@nhf.example"),
    "a coordinator": ("nhf", "coordinator@nhf.example"),
    "an administrator": ("nhf", "admin@nhf.example"),
    "support under a grant": ("nhf", "owner@meander.example"),
    "a visitor of the platform": ("platform", None),
    "the platform's staff": ("platform", "owner@meander.example"),
}


def person(email: str) -> User:
    with connection.as_owner():
        return User.objects.get(email=email)


def organization(schema: str) -> Organization:
    return Organization.objects.get(schema_name=schema)


def build() -> None:
    """Rows in NHF and on the platform; support is let in."""
    admin, staff = person("admin@nhf.example"), person("owner@meander.example")
    with schema_context("platform"):
        soon = timezone.now() + timedelta(days=3)
        DemoSlot.objects.create(starts_at=soon, ends_at=soon + timedelta(hours=1))
        terms: dict[str, Any] = {"reason": "En liste åpner seg ikke", "by": staff, "access": "write"}
        areas = ["faqs", "local_associations"]
        ends_at = timezone.now() + timedelta(hours=4)
        grant = request_grant(organization("nhf"), areas=areas, ends_at=ends_at, **terms)
        request_grant(organization("blindeforbundet"), areas=areas, ends_at=ends_at, **terms)
    with schema_context("nhf"):
        approve_grant(grant, by=admin)
        top = create_association(name="Norge", number="1", kind="national", by=None)
        east = create_association(name="Øst", number="10", parent=top, kind="region", county="03", by=None)
        grorud = create_association(name="Grorud", number="101", parent=east, county="03", by=None)
        closed = create_association(name="Ålesund", number="201", parent=top, by=None)
        set_active(closed, active=False, by=None)
        for name in ("mentor", "coordinator"):
            join_association(user=person(f"{name}@nhf.example"), association=east, is_primary=True, by=None)
        for name in ("mentor", "coordinator", "admin"):
            keep_keys(person(f"{name}@nhf.example"))
            accept_file(ContentFile(PDF, name="referat.pdf"), by=person(f"{name}@nhf.example"))
        invite(email="ny@nhf.example", role="peer_mentor", by=admin)
        make_rows(grorud, person("mentor@nhf.example"))
        faq("Hva er likepersonsarbeid?"), link("Helsenorge"), card("Hva er viktig nå?")


def keep_keys(owner: User) -> None:
    """A passkey, and a phone's key in a session of its own."""
    with connection.as_owner():
        PasskeyCredential.objects.create(
            user=owner, credential_id=owner.pk.bytes, public_key=b"k", name="Telefonen", sign_count=0
        )
        session = open_session(owner, organization("nhf"), device_name="Nettbrettet").session
        DeviceKey.objects.create(
            user=owner, session=session, purpose=DeviceKey.Purpose.SEAL, public_key=owner.pk.bytes * 2
        )


def token(caller: str) -> str:
    """The access token of a new session of the caller; empty for whoever has none."""
    schema, email = CALLERS[caller]
    if email is None:
        return ""
    with schema_context(schema):
        return open_session(person(email), organization(schema)).access_token
