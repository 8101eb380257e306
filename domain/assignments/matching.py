"""Finding a mentor near a contact: how far, whether they can be asked, and what they have to do already."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, DateField, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from domain.associations.distances import about, near
from domain.associations.models import MentorLocation, MunicipalityPosition
from domain.certification.choices import RoleContext
from domain.certification.models import MentorCertification
from domain.certification.queries import present_mentors, today_here
from domain.certification.standing import Standing, standings
from domain.core.scope import Scope
from domain.people.models import Contact, ContactMentor

from .choices import AssignmentStatus
from .models import Assignment
from .states import OPEN_STATES

# In kilometres: a county is within the farthest from everywhere.
NEAREST, USUAL, FARTHEST = 10, 50, 500
# More than these are nobody's neighbours: a smaller circle says more.
MOST = 500


@dataclass(frozen=True)
class Match:
    """A mentor near a contact, on a day."""

    location: MentorLocation
    # Along a great circle, from the middle of a municipality to a rounded position; told by `distance`.
    km: float
    standing: Standing
    certified_until: date | None
    open_assignments: int
    contacts: int

    @property
    def user(self) -> Any:
        return self.location.user

    @property
    def distance(self) -> str:
        return about(self.km, self.location.precision)


def origin_of(contact: Contact) -> MunicipalityPosition | None:
    """From where one looks: the contact's municipality, or that of their local association.

    None where neither is known, or nobody has entered where it is. A contact's address has no coordinates.
    """
    numbers = [number for number in (contact.municipality, contact.local_association.municipality) if number]
    known = {row.number: row for row in MunicipalityPosition.objects.filter(number__in=numbers)}
    return next((known[number] for number in numbers if number in known), None)


def mentors_near(
    scope: Scope, origin: MunicipalityPosition, *, km: int = USUAL, day: date | None = None
) -> list[Match]:
    """Mentors whose position the caller sees, within so many km, nearest first.

    One statement finds them with distance, certificate and load; whether they can be asked, and why not, is
    asked for all of them together. Nobody with a protected address is among them: nothing of it is kept.
    """
    day = day or today_here()
    rows = located(scope, origin, km=km, day=day)
    return matches(rows, day=day)


def located(scope: Scope, origin: MunicipalityPosition, *, km: int, day: date) -> QuerySet[MentorLocation]:
    """The statement of `mentors_near`: rows with `km`, `certified_until`, `open_assignments`, `contacts`."""
    seen = MentorLocation.objects.visible_to(scope).on_map()
    seen = seen.filter(user__in=present_mentors(day).order_by().values("pk"))
    valid = MentorCertification.objects.filter(
        user=OuterRef("user"), issued_on__lte=day, valid_until__gte=day
    ).exclude(revoked_on__lte=day)
    # Of a draft its recipient knows nothing yet.
    under_way = [state for state in OPEN_STATES if state != AssignmentStatus.DRAFT]
    sent = Assignment.objects.filter(recipient=OuterRef("user"), status__in=under_way)
    held = ContactMentor.objects.holding(day).filter(user=OuterRef("user"))
    return (
        near(seen, origin.latitude, origin.longitude, km)
        .annotate(
            certified_until=Subquery(
                valid.order_by("-valid_until").values("valid_until")[:1], output_field=DateField()
            ),
            open_assignments=_number(sent, "recipient"),
            contacts=_number(held, "user"),
        )
        .select_related("user")[:MOST]
    )


def _number(rows: QuerySet, person: str) -> Coalesce:
    """How many of the rows there are for the person of the outer query."""
    counted = rows.order_by().values(person).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def matches(rows: Iterable[MentorLocation], *, day: date) -> list[Match]:
    found = list(rows)
    judged = standings([row.user for row in found], on=day, context=RoleContext.MENTOR)
    return [
        Match(
            location=row,
            km=row.km,  # type: ignore[attr-defined]
            standing=judged[row.user_id],
            certified_until=row.certified_until,  # type: ignore[attr-defined]
            open_assignments=row.open_assignments,  # type: ignore[attr-defined]
            contacts=row.contacts,  # type: ignore[attr-defined]
        )
        for row in found
    ]
