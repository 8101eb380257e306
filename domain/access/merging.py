"""When a local association is merged into another: what was given there holds at the other."""

from typing import Any

from django.utils import timezone

from domain.associations.models import LocalAssociation
from domain.audit.rules import record

from .models import AssociationShare, Invitation, RoleAssignment


def hand_over_roles(*, merged: LocalAssociation, into: LocalAssociation, by: Any) -> None:
    """Roles, open invitations and shares of the merged one become the other's, in the merge's transaction.

    What has ended stays with the alias. A role that the person has at the other already is left as it is:
    the alias reaches nothing any more.
    """
    today = timezone.localdate()
    roles = RoleAssignment.objects.select_for_update(of=("self",)).filter(local_association=merged)
    for role in roles.exclude(valid_to__lt=today).select_related("user"):
        there = RoleAssignment.objects.filter(
            user=role.user_id, role=role.role, local_association=into, valid_from=role.valid_from
        )
        if there.exists():
            continue
        role.local_association, role.updated_by = into, by
        role.save()
        record(
            "role.moved",
            role.user,
            by=by,
            changes={"local_association": (str(merged), str(into))},
            subject_ids=[role.user_id],
        )
    moved = {"local_association": (str(merged), str(into))}
    open_ones = Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True)
    for invitation in open_ones.filter(local_association=merged):
        invitation.local_association, invitation.updated_by = into, by
        invitation.save()
        record("invitation.moved", invitation, by=by, changes=moved)
    for share in AssociationShare.objects.filter(content_object=merged, valid_to__gte=today):
        share.content_object, share.updated_by = into, by
        share.save()
        record("associationshare.moved", share, by=by, changes=moved, subject_ids=[share.user_id])
