"""What happens seldom, so that lists and records show it: an erased person, an account shut out of the
platform, all sessions ended after a theft, and an organisation that asks for a second step.

Each is made once. It is done as people do it, so the records say by whom and why.
"""

from django.conf import settings
from django.db import transaction
from django_tenants.utils import schema_context, tenant_context

from domain.access.breaches import ENDED, end_all_sessions
from domain.access.choices import Role
from domain.access.erasing import erase_member
from domain.access.members import add_member
from domain.audit.models import AuditEvent
from domain.config.models import OrganizationSettings
from domain.config.rules import change_settings
from domain.identity.accounts import deactivate_account
from domain.identity.models import Membership, User
from domain.identity.sessions import open_session
from tenants.db import connection
from tenants.models import Organization
from tenants.provisioning import NewOrganization, create_organization

from .organizations import PASSWORD

ERASED_FROM, SHUT_OUT_FROM, BROKEN_INTO = "nhf", "nhf", "blindeforbundet"
# Asks people with wide access for a passkey after the password.
CAREFUL, CAREFUL_ADMIN = "ledsager", "admin@ledsager.example"


def seed_incidents() -> list[str]:
    """Make what is missing; its names. Needs the owner's rights, and the people of the demo."""
    steps = (erase_somebody, shut_somebody_out, end_sessions_after_a_theft, ask_for_a_second_step)
    return [step.__name__ for step in steps if step()]


@transaction.atomic
def erase_somebody() -> bool:
    organization = Organization.objects.get(schema_name=ERASED_FROM)
    with tenant_context(organization):
        if AuditEvent.objects.filter(action="person.erased").exists():
            return False
        person = _member(organization, "roger.tangen@nhf.example", "Roger", "Tangen")
        membership = Membership.objects.here().select_related("user", "organization").get(user=person)
        admin = User.objects.get(email="admin@nhf.example")
        with connection.as_owner():
            erase_member(membership, by=admin, reason="Bedt om det i brev")
    return True


@transaction.atomic
def shut_somebody_out() -> bool:
    with schema_context(settings.PLATFORM_SCHEMA):
        if AuditEvent.objects.filter(action="person.deactivated").exists():
            return False
    organization = Organization.objects.get(schema_name=SHUT_OUT_FROM)
    with tenant_context(organization):
        person = _member(organization, "vidar.holm@nhf.example", "Vidar", "Holm")
        open_session(
            person, organization, device_name="Ukjent telefon", platform="android", app_version="1.0.0"
        )
    with connection.as_owner(), schema_context(settings.PLATFORM_SCHEMA):
        owner = User.objects.get(email="owner@meander.example")
        deactivate_account(person, by=owner, reason="Kontoen er i fremmede hender")
    return True


@transaction.atomic
def end_sessions_after_a_theft() -> bool:
    organization = Organization.objects.get(schema_name=BROKEN_INTO)
    with tenant_context(organization):
        if AuditEvent.objects.filter(action=ENDED).exists():
            return False
        for email, device in (("mentor", "Aminas telefon"), ("coordinator", "Ingrids nettbrett")):
            user = User.objects.get(email=f"{email}@blindeforbundet.example")
            open_session(user, organization, device_name=device, platform="ios", app_version="1.0.0")
        admin = User.objects.get(email="admin@blindeforbundet.example")
        end_all_sessions(by=admin, reason="En PC ble stjålet fra kontoret")
    return True


@transaction.atomic
def ask_for_a_second_step() -> bool:
    """A small organisation of its own: in the others everybody signs in by password alone."""
    if Organization.objects.filter(schema_name=CAREFUL).exists():
        return False
    organization = create_organization(
        NewOrganization(
            schema_name=CAREFUL,
            name="Foreningen Ledsager",
            short_name="Ledsager",
            host=f"{CAREFUL}.{settings.PLATFORM_HOST}",
            contact_email="post@ledsager.example",
            brand_color="#2e5e3e",
            is_listed=True,
        )
    )
    with tenant_context(organization):
        admin = _member(organization, CAREFUL_ADMIN, "Torill", "Hagen", Role.ORG_ADMIN)
        row = OrganizationSettings.objects.get(singleton=True)
        change_settings(changes={"second_step": True}, by=admin, version=row.version)
    return True


def _member(
    organization: Organization, email: str, first: str, last: str, role: Role = Role.PEER_MENTOR
) -> User:
    return add_member(
        organization, email=email, role=role, by=None, first_name=first, last_name=last, password=PASSWORD
    )
