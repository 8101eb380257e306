"""NHF as the large demo makes it, in miniature: chapters, mentors, contacts, activities, assignments."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from cms.demo.large import Size, seed_large
from domain.assignments.honorarium import add_threshold
from domain.associations.choices import AssociationKind
from domain.associations.models import LocalAssociation
from domain.certification import declarations, kinds
from domain.certification.choices import RoleContext
from domain.certification.models import CertificationKind, DeclarationText

SIZE = Size(mentors=5, contacts=25, activities=90, assignments=40)


@pytest.fixture
def chapters(nhf):
    top = LocalAssociation.objects.create(name="NHF sentralt", number="1", kind=AssociationKind.NATIONAL)
    return [
        LocalAssociation.objects.create(
            name=f"NHF Lag {number}", number=f"9{number}", parent=top, kind=AssociationKind.LOCAL
        )
        for number in range(12)
    ]


@pytest.fixture
def large(chapters):
    """What was told while it was made."""
    kind = CertificationKind.objects.get(key="peer-mentor")
    kinds.change_kind(kind, changes={"is_required": True}, by=None)
    declarations.publish_text(DeclarationText.objects.get(role_context=RoleContext.MENTOR), by=None)
    long_ago = timezone.localdate().replace(month=1, day=1) - timedelta(days=730)
    add_threshold(by=None, assignments_from=2, rate=Decimal(250), valid_from=long_ago)
    told: list[str] = []
    assert seed_large(told.append, SIZE)
    return told
