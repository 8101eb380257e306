"""Rows of positions that an address can name (tests/support/rows.py has the others)."""

from itertools import count
from typing import Any

from django.utils import timezone

from domain.associations.models import LocalAssociation, MentorLocation, MunicipalityPosition
from domain.audit.entities import create_entity
from domain.identity.models import User

_numbers = count(9001)


def make_mentor_location(association: LocalAssociation, user: User) -> Any:
    """Of a person of the association, whatever their role: roughly Oslo."""
    if not user.association_memberships.filter(association=association).exists():
        user.association_memberships.create(association=association)
    found = MentorLocation.objects.filter(user=user).first()
    row = MentorLocation(user=user, latitude="59.8", longitude="10.8", precision="municipality")
    row.source, row.consent, row.consented_at = "device", "self", timezone.now()
    return found or create_entity(row, by=None)


def make_municipality_position(association: LocalAssociation, user: User) -> Any:
    row = MunicipalityPosition(number=str(next(_numbers)), name="Øyer", latitude="61.27", longitude="10.41")
    return create_entity(row, by=None)
