"""Mentors of the large demo: each in a chapter of their own, certified, some about to expire, some paused."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from domain.access.choices import Role
from domain.access.members import register_person
from domain.access.models import RoleAssignment
from domain.access.rules import assign_role
from domain.associations.choices import AssociationKind
from domain.associations.memberships import join_association
from domain.associations.models import LocalAssociation
from domain.certification import declarations, kinds, pausing, rules
from domain.certification.choices import Requirement, RoleContext, SigningMethod
from domain.certification.models import CertificationKind
from domain.certification.queries import current_text, today_here
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User

from .names import first_name, last_name
from .record import chance_of, note_rows, some_days

# The longest there is a certificate for; some have run out since.
OLDEST = 1130
YEARS = 3
# Of a hundred: haven't signed, have begun only, had it taken back, have a break.
UNSIGNED, UNDER_WAY, REVOKED, PAUSED = 3, 3, 1, 4
NUMBER = "L"


@dataclass(frozen=True)
class Mentor:
    """One of them as later steps need them; `since` is when they began."""

    user: User
    home: LocalAssociation
    since: date


@transaction.atomic
def seed_many_mentors(number: int) -> None:
    """So many in the end, with those who are there."""
    chance = chance_of("mentors")
    today = today_here()
    admin = User.objects.get(email="admin@nhf.example")
    kind = CertificationKind.objects.get(key="peer-mentor")
    kind = kinds.change_kind(kind, changes={"validity_months": 12 * YEARS}, by=admin)
    held = RoleAssignment.objects.filter(role=Role.PEER_MENTOR).holding().values("user").distinct().count()
    chapters = list(
        LocalAssociation.objects.active().filter(kind=AssociationKind.LOCAL).order_by("number", "pk")
    )
    homes = chance.sample(chapters, max(0, number - held))
    numbered = Membership.objects.here().filter(external_reference__startswith=NUMBER).count()
    made = []
    for at, home in enumerate(homes, start=numbered):
        since = today - some_days(chance, 20, OLDEST)
        row = register_person(
            first_name=first_name(chance),
            last_name=last_name(chance),
            external_reference=f"{NUMBER}{at:04d}",
            by=admin,
        )
        join_association(user=row.user, association=home, valid_from=since, by=admin)
        assign_role(row.user, Role.PEER_MENTOR, local_association=home, valid_from=since, by=admin)
        _certify(row.user, kind, since, chance.randrange(100), admin)
        made.append(row)
    pausing.greet_mentors(today)
    for row in made:
        if chance.randrange(100) < PAUSED:
            back = today + some_days(chance, 5, 90) if chance.randrange(3) else None
            status = pausing.status_of(row.user)
            pausing.pause(status, returns_on=back, reason="Trenger en pause", by=admin)
    note_rows(made, ([row.user_id] for row in made), by=admin)


def _certify(user: User, kind: CertificationKind, since: date, lot: int, admin: User) -> None:
    """From the day they began; `lot` of a hundred says what is lacking."""
    signed = lot >= UNSIGNED
    text = current_text(RoleContext.MENTOR)
    if signed and text is not None:
        shown = declarations.render(text, "nb")
        declarations.sign_declaration(
            user=user,
            text=text,
            language=shown.language,
            text_sha256=shown.sha256,
            method=SigningMethod.PAPER,
            by=admin,
        )
    held = rules.start_certification(user=user, kind=kind, by=admin)
    ready = signed and lot >= UNSIGNED + UNDER_WAY
    for requirement in kind.requirements[: None if ready else 1]:
        if requirement != Requirement.DECLARATION:
            held = rules.tick(held, requirement=requirement, done_on=since - timedelta(days=9), by=admin)
    if not ready:
        return
    held = rules.issue(held, issued_on=since, by=admin)
    if lot < UNSIGNED + UNDER_WAY + REVOKED:
        rules.revoke(held, reason="Sluttet i lokallaget", by=admin)


def many_mentors() -> list[Mentor]:
    """Those made here, each with where they belong."""
    rows = Membership.objects.here().filter(
        external_reference__startswith=NUMBER, status=MembershipStatus.ACTIVE
    )
    held = {
        row.user_id: row
        for row in RoleAssignment.objects.filter(role=Role.PEER_MENTOR)
        .holding()
        .select_related("local_association")
    }
    return list(_known(rows.select_related("user").order_by("external_reference"), held))


def _known(rows: Any, held: dict[Any, Any]) -> Iterator[Mentor]:
    for row in rows:
        role = held.get(row.user_id)
        if role is not None and role.local_association is not None:
            yield Mentor(row.user, role.local_association, role.valid_from)
