"""Erasing a person from an organisation, as they may demand. Part of the area's rules.

What is said on the record stays provable and loses their words (`domain.audit.erasure`); everything else
about them goes (`domain.identity.erasing`). Other organisations keep what is theirs; with the last one the
account goes. It needs the owner's rights, so in the admin it is a job.
"""

from django.db import transaction
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from domain.audit import erasure
from domain.audit.models import AuditEvent
from domain.audit.rules import write
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.core.scope import EVERYWHERE
from domain.identity.choices import MembershipStatus
from domain.identity.erasing import erase_account, forget_in_organization, is_needed
from domain.identity.models import Membership, User
from tenants.models import Organization

from .giving import require_another_administrator
from .leaving import withdraw_invitations
from .models import Invitation
from .queries import scope_for

ERASE = "identity.delete_membership"


def require_erasable(membership: Membership, *, by: User | None) -> None:
    """Raise NotAllowed, or InvalidState for oneself and for whoever alone administers the organisation."""
    if by is not None and not scope_for(by).can(ERASE, EVERYWHERE):
        raise NotAllowed(_("You may not erase people."))
    if by is not None and by.pk == membership.user_id:
        raise InvalidState(_("You can't erase yourself: ask another administrator."), code="yourself")
    if membership.status != MembershipStatus.LEFT:
        require_another_administrator(membership.user)


def note_request(membership: Membership, *, by: User | None, reason: str) -> AuditEvent:
    """Record that somebody asked for the erasure, in the transaction that asks the worker for it.

    The worker is told the event, not why: its jobs' arguments are no organisation's.

    `reason` goes with the other words about the person once they are erased. Raises as `require_erasable`.
    """
    require_erasable(membership, by=by)
    person = membership.user
    return write(
        "person.erasure-requested",
        User._meta.label_lower,
        str(person.pk),
        str(person),
        by=by,
        reason=reason,
        subject_ids=[person.pk],
    )


@transaction.atomic
def erase_member(membership: Membership, *, by: User | None, reason: str) -> None:
    """Erase a person from the organisation that is selected, and the account if it was the last.

    `reason` stays on the record. Raises NotAllowed, InvalidState, or InvalidInput without a reason.
    """
    reason = " ".join(reason.split())[:500]
    if not reason:
        raise InvalidInput(_("Say why: it is kept on the record."), code="required", field="reason")
    require_erasable(membership, by=by)
    person, organization = membership.user, membership.organization
    # What they invited to would stand in nobody's name.
    withdraw_invitations(person, by=by, reason="")
    invitations = list(Invitation.objects.of(person).values_list("pk", flat=True))
    forget_in_organization(person, organization)
    for invitation in invitations:
        erasure.erase_object(Invitation._meta.label_lower, str(invitation), by=by, reason=reason)
    erasure.erase_person(person.pk, by=by, reason=reason)
    write("person.erased", User._meta.label_lower, str(person.pk), "", by=by, reason=reason)
    if not is_needed(person):
        erase_account(person)


def erase_everywhere(person: User, *, reason: str) -> list[Organization]:
    """Erase a person from all organisations and the platform, by its operator; returns from which.

    Raises InvalidState for the platform's staff and where they alone administer an organisation; then nothing
    was erased.
    """
    if person.is_platform_staff:
        raise InvalidState(_("Who is the platform's staff can't be erased: take that role first."))
    with transaction.atomic():
        memberships = Membership.objects.filter(user=person).select_related("organization")
        found = [(each.pk, each.organization) for each in memberships.order_by("organization__name")]
        for pk, organization in found:
            with tenant_context(organization):
                membership = Membership.objects.select_related("user", "organization").get(pk=pk)
                erase_member(membership, by=None, reason=reason)
        if not found:
            erase_account(person)
    return [organization for _pk, organization in found]


def drop_invitations(person: User) -> None:
    """A step of the erasure: invitations to their address, or by which they came, hold both."""
    Invitation.objects.of(person).delete()
