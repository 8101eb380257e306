"""Finding contacts that may be the same person, and counting them without naming anybody."""

from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from domain.access.coordinators import active_people, coordinators_at
from domain.access.queries import scope_for
from domain.associations.models import LocalAssociation
from domain.core.scope import Scope
from domain.identity.models import User

from .choices import ContactStatus, NoteVisibility
from .models import Contact, ContactMentor, ContactNote
from .models.contacts import COUNT

# More than this are no help to whoever has to compare them.
MOST_CANDIDATES = 10


def duplicates_of(contact: Contact, scope: Scope | None) -> list[Contact]:
    """Contacts that may be the same person: the same phone, or the same name and year of birth.

    Only those that the scope sees (None: all): whether there is one elsewhere is nobody's to know. Names are
    compared as they are ordered: case, accents and punctuation don't count.
    """
    same = Q(pk__in=())
    if contact.phone:
        same |= Q(phone=contact.phone)
    if contact.name_key and contact.birth_year is not None:
        same |= Q(name_key=contact.name_key, birth_year=contact.birth_year)
    rows = Contact.objects.all() if scope is None else Contact.objects.visible_to(scope)
    found = rows.present().filter(same).exclude(pk=contact.pk).select_related("local_association")
    return list(found.order_by("name_key", "pk")[:MOST_CANDIDATES])


def with_mentors(rows: QuerySet[Contact]) -> QuerySet[Contact]:
    """With `current_mentors`, those of today, primary first, in one more query for all rows."""
    holding = ContactMentor.objects.holding().select_related("user").order_by("-is_primary", "valid_from")
    return rows.prefetch_related(Prefetch("mentors", queryset=holding, to_attr="current_mentors"))


def without_mentor(rows: QuerySet[Contact]) -> QuerySet[Contact]:
    """Those to whom nobody is assigned today."""
    return rows.exclude(pk__in=ContactMentor.objects.holding().order_by().values("contact"))


def mentors_on(contact: Contact, day: date | None = None) -> QuerySet[ContactMentor]:
    """Who supports a contact on a day (without one: today), the primary one first."""
    return contact.mentors.holding(day).select_related("user").order_by("-is_primary", "valid_from")


def who_follows_up(row: ContactNote) -> list[User]:
    """Whom the follow-up of a note is the business of: its author; where they left, or follow up the contact
    no more, those who coordinate where the contact is, if it is a note of the team."""
    author = active_people().filter(pk=row.author_id).first()
    if author is not None and ContactNote.objects.visible_to(scope_for(author)).filter(pk=row.pk).exists():
        return [author]
    if row.visibility == NoteVisibility.PRIVATE:
        return []
    return coordinators_at(row.contact.local_association.path)


def counts(scope: Scope) -> list[dict[str, Any]]:
    """How many contacts there are by local association and status, where the caller may count them.

    Each line has `association`, `total`, and a number per status. Nobody is named; merged and erased ones
    don't count.
    """
    where = scope.within(COUNT, "local_association__path")
    if not scope.is_inside or not scope.can(COUNT):
        return []
    found = (
        Contact.objects.present()
        .filter(where)
        .order_by()
        .values("local_association", "status")
        .annotate(number=Count("pk"))
    )
    lines: dict[Any, dict[str, Any]] = {}
    for row in found:
        line = lines.setdefault(row["local_association"], dict.fromkeys(ContactStatus.values, 0))
        line[row["status"]] = row["number"]
    places = LocalAssociation.objects.filter(pk__in=lines).order_by("path")
    return [
        {"association": place, "total": sum(lines[place.pk].values()), **lines[place.pk]} for place in places
    ]
