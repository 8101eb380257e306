"""Sharing a local association with one more person until a day: the exception from the roles.

Part of the area's rules. What a share opens is `domain.access.roles.SHARED`; the caller's scope contains it
(`domain.access.queries`), so lists, details, exports, choosers and the API agree on it.
"""

from datetime import date, timedelta

from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.associations.models import LocalAssociation
from domain.audit.rules import record
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User

from .models import AssociationShare
from .queries import scope_for
from .rules import check_version

CODENAME = "see_members"
# An exception that lasts is a role.
LONGEST = timedelta(days=366)


@transaction.atomic
def share_association(
    association: LocalAssociation, *, user: User, until: date, reason: str, by: User | None
) -> AssociationShare:
    """Let a member see who belongs to an association and to those below it, from today until a day.

    Sharing once more with the same person changes day and reason. Raises NotAllowed, or InvalidInput for a
    day that is past or more than a year ahead, a missing reason, or someone who is no active member.
    """
    _require_right(association, by=by)
    today, reason = timezone.localdate(), " ".join(reason.split())
    if not reason:
        raise InvalidInput(_("Say why: it is kept on the record."), field="reason")
    if not today <= until <= today + LONGEST:
        raise InvalidInput(_("Choose a day from today to a year ahead."), field="until")
    active = Membership.objects.here().filter(user=user, status=MembershipStatus.ACTIVE)
    if not active.exists():
        raise InvalidInput(_("This person is not an active member of the organisation."), field="user")
    # One at a time for the same place: the second call changes what the first one made.
    association = LocalAssociation.objects.select_for_update(no_key=True).get(pk=association.pk)
    share = AssociationShare.objects.filter(user=user, content_object=association).first()
    before = share.valid_to if share is not None and share.valid_to >= today else None
    if share is None:
        share = AssociationShare(
            user=user, content_object=association, permission=_permission(), created_by=by
        )
    if before is None:
        share.valid_from = today
    share.valid_to, share.reason, share.updated_by = until, reason[:500], by
    share.save()
    record(
        "share.created" if before is None else "share.changed",
        share,
        by=by,
        reason=share.reason,
        changes={"local_association": (None, str(association)), "valid_to": (before, until)},
        subject_ids=[user.pk],
    )
    return share


@transaction.atomic
def end_share(share: AssociationShare, *, by: User | None, version: int | None = None) -> None:
    """End a share at once. Raises NotAllowed, StaleVersion, or InvalidState where it is gone already."""
    share.check_schema()
    row = (
        AssociationShare.objects.select_for_update(of=("self",))
        .select_related("user", "content_object")
        .filter(pk=share.pk)
        .first()
    )
    if row is None:
        raise InvalidState(_("This has ended already."), code="ended")
    check_version(row, version)
    _require_right(row.content_object, by=by)
    record(
        "share.ended",
        row,
        by=by,
        changes={"valid_to": (row.valid_to, timezone.localdate() - timedelta(days=1))},
        subject_ids=[row.user_id],
    )
    row.delete()


def drop_ended_shares() -> int:
    """Delete shares whose last day is past; returns how many. They have had no effect since."""
    deleted, _by_model = AssociationShare.objects.filter(valid_to__lt=timezone.localdate()).delete()
    return deleted


def _require_right(association: LocalAssociation, *, by: User | None) -> None:
    if by is not None and not scope_for(by).can("access.change_roleassignment", association.path):
        raise NotAllowed(_("You may not share this local association."))


def _permission() -> Permission:
    return Permission.objects.get(
        content_type__app_label="associations", content_type__model="localassociation", codename=CODENAME
    )
