"""Sharing with one more person until a day: the exception from the roles. Part of the area's rules.

What the share of a local association opens is `domain.access.roles.SHARED`; the caller's scope contains it
(`domain.access.queries`), so lists, details, exports, choosers and the API agree on it. Later areas share
rows of their own by `give_share` (`domain.people.sharing`).
"""

from datetime import date, timedelta
from typing import Any, TypeVar

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
from .models.shares import Share, share_models
from .queries import scope_for
from .rules import check_version

S = TypeVar("S", bound=Share)
CODENAME = "see_members"
# An exception that lasts is a role.
LONGEST = timedelta(days=366)


@transaction.atomic
def share_association(
    association: LocalAssociation, *, user: User, until: date, reason: str, by: User | None
) -> AssociationShare:
    """Let a member see who belongs to an association and to those below it, from today until a day.

    Sharing once more with the same person changes day and reason. Raises as `give_share`.
    """
    _require_right(association, by=by)
    # One at a time for the same place: the second call changes what the first one made.
    association = LocalAssociation.objects.select_for_update(no_key=True).get(pk=association.pk)
    share, is_new, before = give_share(
        AssociationShare,
        association,
        codename=CODENAME,
        user=user,
        until=until,
        reason=reason,
        by=by,
    )
    record(
        "share.created" if is_new else "share.changed",
        share,
        by=by,
        reason=share.reason,
        changes={"local_association": (None, str(association)), "valid_to": (before, until)},
        subject_ids=[user.pk],
    )
    return share


def give_share(
    model: type[S], target: Any, *, codename: str, user: User, until: date, reason: str, by: User | None
) -> tuple[S, bool, date | None]:
    """Let a member have a permission on one row until a day; the caller has checked the right, has locked the
    row, and writes the event.

    Gives the share, whether it began now, and its last day before. Raises InvalidInput for a day that is past
    or more than a year ahead, a missing reason, or someone who is no active member.
    """
    today, reason = timezone.localdate(), " ".join(reason.split())
    if not reason:
        raise InvalidInput(_("Say why: it is kept on the record."), field="reason")
    if not today <= until <= today + LONGEST:
        raise InvalidInput(_("Choose a day from today to a year ahead."), field="until")
    if not Membership.objects.here().filter(user=user, status=MembershipStatus.ACTIVE).exists():
        raise InvalidInput(_("This person is not an active member of the organisation."), field="user")
    rows: Any = model._default_manager
    share: Any = rows.filter(user=user, content_object=target).first()
    before = share.valid_to if share is not None and share.valid_to >= today else None
    if share is None:
        share = model(user=user, content_object=target, created_by=by)
    if before is None:
        share.valid_from = today
    share.permission = _permission(target, codename)
    share.valid_to, share.reason, share.updated_by = until, reason[:500], by
    share.save()
    return share, before is None, before


@transaction.atomic
def end_share(share: AssociationShare, *, by: User | None, version: int | None = None) -> None:
    """End a share at once. Raises NotAllowed, StaleVersion, or InvalidState where it is gone already."""
    row = locked_share(share, version=version)
    _require_right(row.content_object, by=by)
    record(
        "share.ended",
        row,
        by=by,
        changes={"valid_to": (row.valid_to, timezone.localdate() - timedelta(days=1))},
        subject_ids=[row.user_id],
    )
    row.delete()


def locked_share(share: S, *, version: int | None) -> S:
    """A share as it is now, locked. Raises StaleVersion, or InvalidState where it is gone already."""
    share.check_schema()
    rows: Any = type(share)._default_manager
    row = rows.select_for_update(of=("self",)).select_related("user", "content_object").filter(pk=share.pk)
    found = row.first()
    if found is None:
        raise InvalidState(_("This has ended already."), code="ended")
    check_version(found, version)
    return found


def drop_ended_shares() -> int:
    """Delete shares of every kind whose last day is past; returns how many. They have had no effect since."""
    today = timezone.localdate()
    return sum(model._default_manager.filter(valid_to__lt=today).delete()[0] for model in share_models)


def _require_right(association: LocalAssociation, *, by: User | None) -> None:
    if by is not None and not scope_for(by).can("access.change_roleassignment", association.path):
        raise NotAllowed(_("You may not share this local association."))


def _permission(target: Any, codename: str) -> Permission:
    meta = target._meta
    return Permission.objects.get(
        content_type__app_label=meta.app_label, content_type__model=meta.model_name, codename=codename
    )
