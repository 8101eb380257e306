"""Roles and states as the organisation says them."""

from typing import Any

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cms.admin.associations.words import name as association_name
from domain.access.choices import GIVEN_HERE, INVITED_TO, InvitationState, Role
from domain.access.models import Invitation, RoleAssignment
from domain.config.choices import Term
from domain.config.terminology import term
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership

STATUS_ICONS = {
    MembershipStatus.ACTIVE: ("circle-check", "good"),
    MembershipStatus.INVITED: ("mail", "quiet"),
    MembershipStatus.SUSPENDED: ("lock", "bad"),
    MembershipStatus.LEFT: ("cross", "quiet"),
}
INVITATION_ICONS = {
    InvitationState.OPEN: ("mail", ""),
    InvitationState.ACCEPTED: ("circle-check", "good"),
    InvitationState.EXPIRED: ("time", "quiet"),
    InvitationState.REVOKED: ("cross", "quiet"),
}


def role_name(role: str) -> str:
    """The organisation's own word where it has one: “Likeperson”, “Besøksvenn”."""
    if role in Term.values:
        return capfirst(term(Term(role)))
    return str(Role(role).label) if role in Role.values else role


def role_choices(*, empty: str = "", begin: bool = False) -> list[tuple[str, str]]:
    """What can be given in an organisation; with `begin`, to somebody who is new to it."""
    choices = [(role.value, role_name(role)) for role in (INVITED_TO if begin else GIVEN_HERE)]
    return [("", empty), *choices] if empty else choices


def roles_of(membership: Membership) -> str:
    """Today's roles, as the membership's summary has them."""
    return ", ".join(role_name(role) for role in membership.roles_summary)


def place_of(row: RoleAssignment | Invitation) -> str:
    """The local association, or that it is the whole organisation."""
    return str(row.local_association) if row.local_association else _("The whole organisation")


def when_of(row: RoleAssignment) -> str:
    """Whether a role holds today, will, or did."""
    today = timezone.localdate()
    if row.valid_from > today:
        return "coming"
    return "over" if row.valid_to is not None and row.valid_to < today else "now"


def when_name(row: RoleAssignment) -> str:
    return {"now": _("Holds now"), "coming": _("Not yet"), "over": _("Over")}[when_of(row)]


def tone_of_role(row: RoleAssignment) -> str:
    return "good" if when_of(row) == "now" else "quiet"


def icon_of_role(row: RoleAssignment) -> str:
    return {"now": "circle-check", "coming": "time", "over": "cross"}[when_of(row)]


def association_word() -> str:
    return association_name()


def status_icon(row: Any) -> str:
    return STATUS_ICONS[row.status][0]


def status_tone(row: Any) -> str:
    return STATUS_ICONS[row.status][1]
