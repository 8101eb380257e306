"""What a new organisation has of this area."""

from tenants.models import Organization

from .models import DiagnosisCategory

# Coarse on purpose: for counting and for finding a peer, not for the record of a patient.
CATEGORIES = (
    ("Bevegelse", "Rørsle", "Movement"),
    ("Syn", "Syn", "Sight"),
    ("Hørsel", "Høyrsel", "Hearing"),
    ("Hjerne og nerver", "Hjerne og nervar", "Brain and nerves"),
    ("Muskler og ledd", "Musklar og ledd", "Muscles and joints"),
    ("Hjerte og lunger", "Hjarte og lunger", "Heart and lungs"),
    ("Kreft", "Kreft", "Cancer"),
    ("Psykisk helse", "Psykisk helse", "Mental health"),
    ("Sjelden diagnose", "Sjeldan diagnose", "Rare condition"),
    ("Annet", "Anna", "Other"),
)


def create_defaults(organization: Organization) -> None:
    """A list of diagnosis categories to begin with; nothing where the organisation has its own."""
    if organization.is_platform or DiagnosisCategory.objects.exists():
        return
    for at, (nb, nn, en) in enumerate(CATEGORIES, start=1):
        DiagnosisCategory.objects.create(name_nb=nb, name_nn=nn, name_en=en, position=at * 10)
