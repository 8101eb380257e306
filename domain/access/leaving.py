"""What ends with a membership: roles, shares, invitations, places, positions. Part of the area's rules.

Each end is an event of its own, so that the record of a role or a share is whole without reading what became
of its holder. The right to do it was asked of whoever ends the membership (`domain.access.rules`).
"""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from domain.associations.locations import forget_location
from domain.associations.memberships import leave_association
from domain.associations.models import LocalAssociationMembership
from domain.audit.reading import subjects_of
from domain.audit.rules import record, write
from domain.identity.models import User

from .choices import Role
from .models import Invitation, RoleAssignment
from .models.shares import share_models


def end_roles(user: User, *, by: User | None, reason: str) -> None:
    """Yesterday was the last day of the roles that hold; those still to come never begin."""
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)
    roles = RoleAssignment.objects.select_for_update(of=("self",)).filter(user=user)
    for assignment in roles.select_related("local_association").exclude(valid_to__lt=today):
        before, place = assignment.valid_to, assignment.local_association
        if assignment.valid_from >= today:
            assignment.delete()
        else:
            assignment.valid_to, assignment.updated_by = yesterday, by
            assignment.save()
        changes: dict[str, Any] = {"role": (assignment.role, None), "valid_to": (before, yesterday)}
        if place is not None:
            changes["local_association"] = (str(place), None)
        record("role.ended", user, by=by, reason=reason, subject_ids=[user.pk], changes=changes)


def end_shares(user: User, *, by: User | None, reason: str) -> None:
    """What was shared with the person is gone; what they shared with others goes on until its day."""
    for model in share_models:
        rows: Any = model._default_manager
        shares = rows.select_for_update(of=("self",)).filter(user=user)
        _end(shares.select_related("user", "content_object"), user, by=by, reason=reason)


def _end(shares: Any, user: User, *, by: User | None, reason: str) -> None:
    for share in shares:
        # One whose last day is past ended on that day; the calendar's job says nothing of it either.
        if share.valid_to >= timezone.localdate():
            noun = getattr(share, "audit_noun", "share")
            # As its kind is named there: a contact by its id.
            write(
                f"{noun}.ended",
                share._meta.label_lower,
                str(share.pk),
                share.named_on_record(),
                by=by,
                reason=reason,
                changes={"valid_to": (share.valid_to, timezone.localdate() - timedelta(days=1))},
                subject_ids=subjects_of(share),
            )
        share.delete()


def invitations_of(user: User) -> QuerySet[Invitation]:
    """Undecided invitations that the person sent, or that would let them in again.

    Those of an expired link too: they could be sent again in a name that stands for nothing here.
    """
    theirs = Q(created_by=user) | Invitation.objects.to(user)
    return Invitation.objects.filter(theirs, accepted_at=None, revoked_at=None)


def withdraw_invitations(user: User, *, by: User | None, reason: str) -> None:
    for invitation in invitations_of(user).select_for_update(of=("self",)):
        invitation.revoked_at, invitation.updated_by = timezone.now(), by
        invitation.save()
        record("invitation.revoked", invitation, by=by, reason=reason, subject_ids=[user.pk])


def leave_associations(user: User, *, by: User | None) -> None:
    """Today is the last day of every local membership; the primary one goes last."""
    today = timezone.localdate()
    for local in LocalAssociationMembership.objects.filter(user=user).order_by("is_primary"):
        if local.valid_to is None or local.valid_to > today:
            leave_association(local, by=by, last_day=max(today, local.valid_from))


def forget_needless_location(user: User, *, by: User | None) -> None:
    """Where somebody is, is kept to find a mentor: of who is none any more, and won't be, it is gone."""
    today = timezone.localdate()
    roles = RoleAssignment.objects.filter(user=user, role=Role.PEER_MENTOR).exclude(valid_to__lt=today)
    if not roles.exists():
        forget_location(user, by=by)
