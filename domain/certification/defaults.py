"""What a new organisation has of this area: one kind of certification, and drafts of the declarations.

Nothing of it keeps anybody from being assigned before somebody of the organisation has decided so: the kind
isn't required and the texts aren't published.
"""

from tenants.models import Organization

from .choices import Requirement, RoleContext
from .default_texts import TEXTS
from .models import CertificationKind, DeclarationText


def create_defaults(organization: Organization) -> None:
    """Safe to repeat; what the organisation has changed since stays."""
    CertificationKind.objects.get_or_create(
        key="peer-mentor",
        defaults={
            "name_nb": "Sertifisert likeperson",
            "name_nn": "Sertifisert likeperson",
            "name_en": "Certified peer mentor",
            "validity_months": 24,
            "requirements": Requirement.values,
        },
    )
    for context in RoleContext.values:
        if not DeclarationText.objects.filter(role_context=context).exists():
            DeclarationText.objects.create(role_context=context, number=1, **TEXTS[context])
