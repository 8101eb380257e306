"""Reading certifications: the local day, what is missing, what a person has signed, whose code it is."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.config.choices import Area
from domain.config.queries import current_organization, is_enabled
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User

from .choices import ASKED_ANEW, IN_FORCE, CertificationStatus, MentorState, Requirement, RoleContext
from .codes import normalised
from .models import (
    CertificationKind,
    ConfidentialityDeclaration,
    DeclarationText,
    MentorCertification,
    MentorStatus,
)


def zone_here() -> ZoneInfo:
    """The time zone of the organisation that is selected: its days begin and end by it."""
    return ZoneInfo(current_organization().time_zone)


def today_here() -> date:
    return timezone.localdate(timezone=zone_here())


def is_in_use() -> bool:
    return is_enabled(Area.CERTIFICATION)


def missing(certification: MentorCertification, day: date) -> list[Requirement]:
    """What is still to be done before it can be issued, or renewed, on that day.

    What is asked for anew must have been done after the last issue.
    """
    lines = {row.requirement: row.done_on for row in certification.requirements.all()}
    lacking = []
    for key in certification.kind.requirements:
        requirement, done_on = Requirement(key), lines.get(key)
        if requirement == Requirement.DECLARATION:
            done = has_signed(certification.user, RoleContext.MENTOR, day) or (
                done_on is not None and current_text(RoleContext.MENTOR) is None
            )
        elif requirement in ASKED_ANEW and certification.issued_on is not None:
            done = done_on is not None and done_on > certification.issued_on
        else:
            done = done_on is not None
        if not done:
            lacking.append(requirement)
    return lacking


def present_mentors(day: date | None = None) -> QuerySet[User]:
    """Whoever is an active member and has the mentors' role on a day (without one: today)."""
    held = RoleAssignment.objects.filter(role=Role.PEER_MENTOR).holding(day or today_here())
    here = Membership.objects.here().filter(status=MembershipStatus.ACTIVE)
    return User.objects.filter(
        Q(pk__in=held.order_by().values("user")), Q(pk__in=here.order_by().values("user"))
    )


def to_renew(rows: QuerySet[MentorCertification], day: date, *, within: int) -> QuerySet[MentorCertification]:
    """Those of the day's mentors, of kinds in use, that end within so many days or have ended."""
    return rows.filter(
        issued_on__isnull=False,
        revoked_on__isnull=True,
        valid_until__lte=day + timedelta(days=within),
        kind__is_active=True,
        user__in=present_mentors(day).order_by().values("pk"),
    )


def paused_on(rows: QuerySet[MentorStatus], day: date) -> QuerySet[MentorStatus]:
    """Those of the day's mentors who take no assignments on it, whoever paused them."""
    by_somebody = Q(status=MentorState.PAUSED) & (Q(returns_on__isnull=True) | Q(returns_on__gt=day))
    return rows.filter(
        by_somebody | Q(status=MentorState.AUTO_PAUSED),
        user__in=present_mentors(day).order_by().values("pk"),
    )


def current_text(context: str) -> DeclarationText | None:
    """The version that is to be signed now; None where the organisation has published none."""
    published = DeclarationText.objects.published().filter(role_context=context)
    return published.order_by("-number").first()


def signed_declaration(user: Any, context: str, day: date) -> ConfidentialityDeclaration | None:
    """The person's declaration of the present version that holds on a day."""
    text = current_text(context)
    if text is None:
        return None
    declarations = ConfidentialityDeclaration.objects.holding(day).filter(user=user, text=text)
    return declarations.order_by("-signed_at").first()


def has_signed(user: Any, context: str, day: date) -> bool:
    return signed_declaration(user, context, day) is not None


def who_signed(users: Iterable[Any], context: str, day: date) -> set[Any] | None:
    """Who of these people (keys) has signed the present version, by a day; None where there is none."""
    text = current_text(context)
    if text is None:
        return None
    declarations = ConfidentialityDeclaration.objects.holding(day).filter(user__in=list(users), text=text)
    return set(declarations.order_by().values_list("user", flat=True))


def lacking_kinds(user: Any, day: date) -> list[tuple[CertificationKind, MentorCertification | None]]:
    """The required kinds that the person isn't certified as on that day, each with what comes nearest."""
    return lacking_kinds_of([user.pk], day)[user.pk]


def lacking_kinds_of(
    users: Iterable[Any], day: date
) -> dict[Any, list[tuple[CertificationKind, MentorCertification | None]]]:
    """The same of many people, by key, in two queries."""
    keys = list(users)
    required = list(CertificationKind.objects.required())
    if not required:
        return {key: [] for key in keys}
    held: dict[Any, list[MentorCertification]] = {}
    for row in MentorCertification.objects.filter(user__in=keys, kind__in=required):
        held.setdefault((row.user_id, row.kind_id), []).append(row)
    lacking: dict[Any, list[tuple[CertificationKind, MentorCertification | None]]] = {}
    for key in keys:
        found = lacking.setdefault(key, [])
        for kind in required:
            rows = held.get((key, kind.pk), [])
            if not any(row.status_on(day) in IN_FORCE for row in rows):
                found.append((kind, _nearest(rows)))
    return lacking


def certified_on(users: Iterable[Any]) -> Callable[[Any, date], bool]:
    """A question of these people, by key and day: whether they lack no required kind. Asked from memory."""
    required = [kind.pk for kind in CertificationKind.objects.required()]
    held: dict[Any, list[MentorCertification]] = {}
    for row in MentorCertification.objects.filter(user__in=list(users), kind__in=required):
        held.setdefault((row.user_id, row.kind_id), []).append(row)

    def on(key: Any, day: date) -> bool:
        return all(
            any(row.status_on(day) in IN_FORCE for row in held.get((key, kind), [])) for kind in required
        )

    return on


def _nearest(rows: Iterable[MentorCertification]) -> MentorCertification | None:
    """The one that says most about why: what isn't revoked, and was valid last."""
    return max(rows, key=lambda row: (row.revoked_on is None, row.valid_until or date.min), default=None)


def is_valid_code(text: str, day: date | None = None) -> bool:
    """Whether a certificate with this code is valid today. Nothing else is told, of nobody.

    That of somebody who has left the organisation, or is suspended, is not. One query whatever was typed, so
    that no answer takes longer than another.
    """
    day = day or today_here()
    active = Membership.objects.here().filter(user=OuterRef("user"), status=MembershipStatus.ACTIVE)
    rows = MentorCertification.objects.filter(Exists(active), verification_code=normalised(text))
    row = rows.first()
    return row is not None and row.status_on(day) in (
        CertificationStatus.VALID,
        CertificationStatus.EXPIRING,
    )
