"""One person, several organisations: which, and from one into the other without typing anything again."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_tenants.utils import tenant_context

from domain.audit.rules import record
from domain.core.errors import NotAllowed
from tenants.choices import OrganizationStatus
from tenants.models import Organization

from .choices import MembershipStatus
from .elsewhere import memberships_of
from .models import Membership, UserSession
from .second_step import is_asked_of
from .sessions import Tokens, open_session


class UnknownMembershipError(LookupError):
    """There is no such organisation, or the person doesn't belong to it: never told apart."""


@dataclass(frozen=True)
class Switched:
    """Tokens of the other organisation, and the host they are for."""

    tokens: Tokens
    organization: Organization
    host: str


def host_of(organization: Organization) -> str:
    """The host name that the organisation's links name."""
    for domain in organization.domains.all():
        if domain.is_primary:
            return domain.domain
    return ""


def can_enter(membership: Membership) -> bool:
    return (
        membership.status == MembershipStatus.ACTIVE
        and membership.organization.status == OrganizationStatus.ACTIVE
    )


def switch(session: UserSession, *, organization_id: object, network: str = "") -> Switched:
    """A new session of the same device for another organisation of its person.

    How fresh the proof of who they are is goes along. The other organisation's record gets the event; the
    first one learns nothing. Raises UnknownMembershipError, or NotAllowed where membership or organisation is
    suspended.
    """
    found = memberships_of(session)
    membership = next((one for one in found if str(one.organization_id) == str(organization_id)), None)
    if membership is None:
        raise UnknownMembershipError
    organization = membership.organization
    if not can_enter(membership):
        raise NotAllowed(_("Your membership or the organisation is suspended."), code="suspended")
    with tenant_context(organization), transaction.atomic():
        # Taken anew, as that organisation: it may have ended a moment ago.
        still = Membership.objects.select_for_update().get(pk=membership.pk)
        if still.status != MembershipStatus.ACTIVE:
            raise NotAllowed(_("Your membership or the organisation is suspended."), code="suspended")
        if is_asked_of(session.user):
            raise NotAllowed(
                _("This organisation asks you for a passkey: sign in there."), code="second-step-required"
            )
        tokens = open_session(
            session.user,
            organization,
            device_name=session.device_name,
            platform=session.platform,
            app_version=session.app_version,
            network=network or session.network,
            verified_at=session.verified_at,
        )
        record(
            "session.opened",
            tokens.session,
            by=session.user,
            changes={"method": (None, "switch")},
            session_id=tokens.session.pk,
            subject_ids=[session.user_id],
        )
    return Switched(tokens, organization, host_of(organization))
