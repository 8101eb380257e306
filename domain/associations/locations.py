"""Where mentors are: saying it, taking it back, and keeping none where an address is protected.

Part of the area's rules. What comes in is rounded before anything else is done with it: a position that is
more exact than what was agreed to reaches neither the database nor the record.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.audit.entities import HIDDEN
from domain.audit.rules import record
from domain.core.errors import InvalidInput, InvalidState, NotAllowed, StaleVersion
from domain.identity.choices import MembershipStatus
from tenants.db import connection

from .choices import GRID, LocationConsent, LocationSource, Precision
from .models import MentorLocation
from .models.locations import CHANGE_LOCATIONS, LOCATE_SELF
from .models.municipalities import EAST, NORTH, SOUTH, WEST
from .places import check_may_about
from .standing import scope_of_user


def rounded(latitude: Decimal, longitude: Decimal, precision: str) -> tuple[Decimal, Decimal]:
    """The point of a precision's grid that is nearest, in degrees."""
    north, east = GRID[precision]
    return _nearest(latitude, north), _nearest(longitude, east)


def _nearest(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).quantize(Decimal(1), rounding=ROUND_HALF_EVEN) * step


@transaction.atomic
def set_location(
    *,
    by: Any,
    latitude: Decimal,
    longitude: Decimal,
    precision: str,
    source: str = LocationSource.TYPED,
    user: Any = None,
    consent: str = LocationConsent.SELF,
    consented_at: datetime | None = None,
) -> MentorLocation:
    """Keep where a mentor is (the caller, unless `user` is given), rounded; what was kept before is replaced.

    Whoever notes it for another says how that person agreed, and when (now unless given). Raises InvalidInput
    (outside Norway, no mentor, consent), InvalidState where none may be kept, NotAllowed, StaleVersion when
    it was set by two at once.
    """
    person = user or by
    own = by is not None and person.pk == by.pk
    _check_may(by, person)
    _check_mentor(person)
    _check_known(precision=(precision, Precision), source=(source, LocationSource))
    if own != (consent == LocationConsent.SELF):
        raise InvalidInput(
            _("Say how the mentor agreed: only they themselves can do it here."),
            code="consent",
            field="consent",
        )
    if consent not in LocationConsent.values:
        raise InvalidInput(_("This is none of the choices."), field="consent")
    now = timezone.now()
    if consented_at is not None and consented_at > now:
        raise InvalidInput(_("This can't be in the future."), field="consented_at")
    _check_in_norway(latitude, longitude)
    north, east = rounded(latitude, longitude, precision)
    row = MentorLocation.objects.select_for_update(of=("self",)).filter(user=person).first()
    if row is not None and row.is_protected:
        raise _none_may_be_kept()
    before = _shown(row) if row is not None else {}
    row = row or MentorLocation(user=person, created_by=by)
    row.latitude, row.longitude, row.precision, row.source = north, east, precision, source
    row.consent, row.consented_at, row.updated_by = consent, consented_at or now, by
    _save(row)
    after = _shown(row)
    changes = {name: (before.get(name), value) for name, value in after.items()}
    record("mentor-location.set", row, by=by, changes=changes, subject_ids=[person.pk])
    return row


@transaction.atomic
def withdraw_location(
    location: MentorLocation, *, by: Any, reason: str = "", version: int | None = None
) -> None:
    """The consent is taken back, or an address is protected no more: nothing of it is left but the record.

    By the mentor, or by whoever may note positions of mentors there; of a protected address by the mentor or
    whoever noted it. Raises NotAllowed, StaleVersion.
    """
    row = _locked(location, version)
    _check_may(by, row.user)
    if row.is_protected and by is not None and by.pk not in (row.user_id, row.protected_by_id):
        raise NotAllowed(_("You may not do this."))
    record("mentor-location.withdrawn", row, by=by, reason=reason[:500], subject_ids=[row.user_id])
    row.delete()


@transaction.atomic
def protect_location(*, by: Any, user: Any = None) -> MentorLocation:
    """Note that a mentor's address is protected (the caller's own, unless `user` is given).

    What was kept of their position is gone, and none can be kept until it is withdrawn. Nobody else sees
    that it is so. Raises InvalidState where somebody else has noted it, InvalidInput for who is no mentor,
    NotAllowed.
    """
    person = user or by
    _check_may(by, person)
    row = MentorLocation.objects.select_for_update(of=("self",)).filter(user=person).first()
    if row is not None and row.is_protected:
        if by is not None and by.pk not in (row.user_id, row.protected_by_id):
            raise _none_may_be_kept()
        return row
    if row is None:
        # Of others nothing is kept, and so nothing that nobody but who noted it would find again.
        _check_mentor(person, also=MembershipStatus.SUSPENDED)
        row = MentorLocation(user=person, created_by=by)
    row.latitude = row.longitude = row.consented_at = None
    row.precision = row.source = row.consent = ""
    row.is_protected, row.protected_by, row.updated_by = True, by, by
    _save(row)
    record("mentor-location.protected", row, by=by, subject_ids=[person.pk])
    return row


def forget_location(user: Any, *, by: Any, reason: str = "") -> None:
    """What is kept of a person's position goes with their membership. Called inside a transaction."""
    row = MentorLocation.objects.select_for_update(of=("self",)).filter(user=user).first()
    if row is not None:
        record("mentor-location.withdrawn", row, by=by, reason=reason[:500], subject_ids=[row.user_id])
        row.delete()


# --- What they have in common


def _check_may(by: Any, person: Any) -> None:
    if by is not None and person.pk == by.pk:
        if not scope_of_user(by).can(LOCATE_SELF):
            raise NotAllowed(_("Only a mentor can do this."))
        return
    check_may_about(by, CHANGE_LOCATIONS, person)


def _check_mentor(person: Any, *, also: MembershipStatus = MembershipStatus.ACTIVE) -> None:
    here = person.memberships.filter(
        organization__schema_name=connection.schema_name, status__in=[MembershipStatus.ACTIVE, also]
    )
    if not here.exists() or not scope_of_user(person).can(LOCATE_SELF):
        raise InvalidInput(_("This person is not a mentor of the organisation."), field="user")


def _check_known(**given: tuple[str, Any]) -> None:
    for field, (value, choices) in given.items():
        if value not in choices.values:
            raise InvalidInput(_("This is none of the choices."), field=field)


def _check_in_norway(latitude: Decimal, longitude: Decimal) -> None:
    for field, value, least, most in (
        ("latitude", latitude, SOUTH, NORTH),
        ("longitude", longitude, WEST, EAST),
    ):
        if not (value.is_finite() and least <= value <= most):
            raise InvalidInput(
                _("This lies outside Norway: %(least)d to %(most)d degrees.")
                % {"least": least, "most": most},
                code="outside-norway",
                field=field,
            )


def _none_may_be_kept() -> InvalidState:
    """Says no more than what whoever tries has to know."""
    return InvalidState(_("No position can be kept of this person."), code="no-position")


def _shown(row: MentorLocation) -> Mapping[str, Any]:
    return {
        "point": HIDDEN,
        "precision": row.precision,
        "source": row.source,
        "consent": row.consent,
        "consented_at": row.consented_at and row.consented_at.isoformat(timespec="minutes"),
    }


def _locked(location: MentorLocation, version: int | None) -> MentorLocation:
    location.check_schema()
    row = MentorLocation.objects.select_for_update(of=("self",)).select_related("user").get(pk=location.pk)
    if version is not None and row.version != version:
        raise StaleVersion(_("Someone else has changed this since you opened it. Reload and try again."))
    return row


def _save(row: MentorLocation) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        # Of a person there is one row: somebody else has just made it.
        raise StaleVersion(
            _("Someone else has changed this since you opened it. Reload and try again.")
        ) from error
