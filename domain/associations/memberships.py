"""Who belongs to which local association: joining, leaving, and which one is the primary.

Part of the area's rules; a file of its own because the tree has enough of its own.
"""

from datetime import date, timedelta
from typing import Any, NoReturn

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg import errors as pg

from domain.audit.rules import record
from domain.config.queries import current_settings
from domain.core.errors import InvalidInput, InvalidState, StaleVersion
from domain.identity.choices import MembershipStatus
from tenants.db import connection

from .models import ADD_MEMBERSHIP, CHANGE_MEMBERSHIP, LocalAssociation, LocalAssociationMembership
from .standing import check_may


@transaction.atomic
def join_association(
    *,
    user: Any,
    association: LocalAssociation,
    by: Any,
    valid_from: date | None = None,
    valid_to: date | None = None,
    is_primary: bool = False,
) -> LocalAssociationMembership:
    """Make a person a member of an association, from today unless another day is given.

    The first one that lasts becomes the primary one. Raises InvalidInput (no member of the organisation,
    dates), InvalidState (closed; member already; more than the organisation's settings allow), NotAllowed.
    """
    # As it is now, and so until we are done: it may be closed or moved in the same moment.
    association = LocalAssociation.objects.select_for_update(no_key=True).get(pk=association.pk)
    check_may(by, ADD_MEMBERSHIP, association.path)
    _check_person(user)
    if not association.is_active:
        raise InvalidState(
            _("“%(name)s” is closed: nobody can join it.") % {"name": association},
            code="closed-association",
        )
    begin = valid_from or timezone.localdate()
    _check_period(begin, valid_to)
    held = _held(user)
    if is_primary and valid_to is not None:
        raise InvalidInput(_("The primary one has no last day."), field="is_primary")
    primary = is_primary or (valid_to is None and not any(m.is_primary and m.valid_to is None for m in held))
    if primary:
        _take_primary(held, by=by)
    row = LocalAssociationMembership(
        user=user,
        association=association,
        valid_from=begin,
        valid_to=valid_to,
        is_primary=primary,
        created_by=by,
        updated_by=by,
    )
    _save(row)
    record(
        "local-membership.created",
        row,
        by=by,
        subject_ids=[user.pk],
        changes={
            "association": (None, str(association)),
            "is_primary": (None, primary),
            "valid_from": (None, begin),
            **({"valid_to": (None, valid_to)} if valid_to else {}),
        },
    )
    return row


@transaction.atomic
def leave_association(
    membership: LocalAssociationMembership,
    *,
    by: Any,
    last_day: date | None = None,
    version: int | None = None,
) -> LocalAssociationMembership:
    """End a membership with `last_day` (today unless given). Where it was the primary one, the oldest other
    one that lasts becomes it.

    Raises InvalidInput for a day before it began, InvalidState where it has ended, NotAllowed, StaleVersion.
    """
    row = _locked(membership, version)
    check_may(by, CHANGE_MEMBERSHIP, row.association.path)
    day = last_day or timezone.localdate()
    _check_period(row.valid_from, day, field="last_day")
    if row.valid_to is not None and row.valid_to < timezone.localdate():
        raise InvalidState(_("This membership has ended already."), code="ended")
    before = row.valid_to
    row.valid_to, row.updated_by = day, by
    _save(row)
    record(
        "local-membership.ended",
        row,
        by=by,
        changes={"valid_to": (before, day)},
        subject_ids=[row.user_id],
    )
    if row.is_primary:
        lasting = [m for m in _held(row.user) if m.valid_to is None]
        if lasting:
            _make_primary(min(lasting, key=lambda m: (m.valid_from, m.pk)), by=by)
            row.refresh_from_db()
    return row


@transaction.atomic
def choose_primary(
    membership: LocalAssociationMembership, *, by: Any, version: int | None = None
) -> LocalAssociationMembership:
    """Make a membership that lasts the primary one. Raises InvalidState, NotAllowed, StaleVersion."""
    row = _locked(membership, version)
    check_may(by, CHANGE_MEMBERSHIP, row.association.path)
    if row.valid_to is not None:
        raise InvalidState(_("A membership with a last day can't be the primary one."), code="ended")
    if not row.is_primary:
        row = _make_primary(row, by=by)
    return row


def hand_over_memberships(merged: LocalAssociation, into: LocalAssociation, *, by: Any, today: date) -> int:
    """Everyone who belongs to the one belongs to the other from today; gives how many they are.

    Memberships that ended stay with the alias: history keeps its name. Who belongs to both already keeps the
    membership they have; the flag of the primary one goes with them. Called inside a merge.
    """
    rows = list(
        LocalAssociationMembership.objects.current()
        .select_for_update(of=("self",))
        .filter(association=merged)
        .select_related("user")
        .order_by("pk")
    )
    for row in rows:
        was_primary, last_day = row.is_primary, row.valid_to
        other = (
            LocalAssociationMembership.objects.current()
            .select_for_update(of=("self",))
            .filter(user=row.user_id, association=into)
            .first()
        )
        began_today = row.valid_from == today
        if began_today and other is None:
            row.association, row.updated_by = into, by
            row.save()
        else:
            row.is_primary, row.updated_by = False, by
            row.valid_to = today if began_today else today - timedelta(days=1)
            row.save()
            if other is None:
                other = LocalAssociationMembership(
                    user=row.user,
                    association=into,
                    valid_from=today,
                    valid_to=last_day,
                    is_primary=was_primary,
                    created_by=by,
                    updated_by=by,
                )
                other.save()
            elif was_primary and other.valid_to is None and not other.is_primary:
                _make_primary(other, by=by)
        record(
            "local-membership.handed-over",
            other or row,
            by=by,
            subject_ids=[row.user_id],
            changes={"association": (str(merged), str(into))},
        )
    return len(rows)


# --- What they have in common


def _locked(membership: LocalAssociationMembership, version: int | None) -> LocalAssociationMembership:
    membership.check_schema()
    row = (
        LocalAssociationMembership.objects.select_for_update(of=("self",))
        .select_related("association", "user")
        .get(pk=membership.pk)
    )
    if version is not None and row.version != version:
        raise StaleVersion(_("Someone else has changed this since you opened it. Reload and try again."))
    return row


def _held(user: Any) -> list[LocalAssociationMembership]:
    """The person's memberships that aren't over, locked."""
    today = timezone.localdate()
    rows = LocalAssociationMembership.objects.select_for_update(of=("self",)).filter(user=user)
    return [
        row for row in rows.order_by("pk") if row.valid_to is None or row.valid_to >= today or row.is_primary
    ]


def _take_primary(held: list[LocalAssociationMembership], *, by: Any) -> None:
    for row in held:
        if row.is_primary:
            row.is_primary, row.updated_by = False, by
            row.save()
            record(
                "local-membership.no-longer-primary",
                row,
                by=by,
                changes={"is_primary": (True, False)},
                subject_ids=[row.user_id],
            )


def _make_primary(row: LocalAssociationMembership, *, by: Any) -> LocalAssociationMembership:
    _take_primary([other for other in _held(row.user) if other.pk != row.pk], by=by)
    row.is_primary, row.updated_by = True, by
    _save(row)
    record(
        "local-membership.made-primary",
        row,
        by=by,
        changes={"is_primary": (False, True)},
        subject_ids=[row.user_id],
    )
    return row


def _check_person(user: Any) -> None:
    is_member = user.memberships.filter(organization__schema_name=connection.schema_name).exclude(
        status=MembershipStatus.LEFT
    )
    if not is_member.exists():
        raise InvalidInput(_("This person is not a member of the organisation."), field="user")


def _check_period(begin: date, end: date | None, field: str = "valid_to") -> None:
    if end is not None and end < begin:
        raise InvalidInput(_("The last day can't be before the first."), code="period", field=field)


def _save(row: LocalAssociationMembership) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        _refuse(error)


def _refuse(error: IntegrityError) -> NoReturn:
    cause = error.__cause__
    name = cause.diag.constraint_name if isinstance(cause, pg.Error) else ""
    if name in ("local_membership_no_overlap", "local_membership_once"):
        raise InvalidState(
            _("The person belongs to this one at that time already."), code="member-already"
        ) from error
    if name == "local_membership_limit":
        raise InvalidState(
            _("A person can belong to at most %(count)d at once.")
            % {"count": current_settings().max_local_associations},
            code="too-many-associations",
        ) from error
    if name == "local_membership_one_primary":
        raise StaleVersion(
            _("Someone else has just chosen the primary one. Reload and try again.")
        ) from error
    raise error
