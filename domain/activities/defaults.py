"""What a new organisation has of this area: a list of types to begin with."""

from tenants.models import Organization

from .choices import Icon
from .models import ActivityType

# key, Bokmål, Nynorsk, English, category, needs a contact, minutes, icon.
TYPES = (
    ("home-visit", "Hjemmebesøk", "Heimebesøk", "Home visit", "outreach", True, 60, Icon.VISIT),
    ("talk", "Likepersonssamtale", "Likepersonssamtale", "Peer talk", "outreach", True, 60, Icon.TALK),
    ("hospital-visit", "Sykehusbesøk", "Sjukehusbesøk", "Hospital visit", "outreach", True, 60, Icon.VISIT),
    ("phone-call", "Telefonsamtale", "Telefonsamtale", "Phone call", "none", True, 30, Icon.PHONE),
    ("group-meeting", "Gruppemøte", "Gruppemøte", "Group meeting", "group", False, 90, Icon.GROUP),
    ("walk", "Turgruppe", "Turgruppe", "Walking group", "group", False, 120, Icon.WALK),
    ("course-day", "Kursdag", "Kursdag", "Course day", "course", False, 240, Icon.COURSE),
    ("other", "Annet", "Anna", "Other", "none", False, 60, Icon.OTHER),
)


def create_defaults(organization: Organization) -> None:
    """Nothing where the organisation has types of its own, or is the platform."""
    if organization.is_platform or ActivityType.objects.exists():
        return
    for at, (key, nb, nn, en, category, needs_contact, minutes, icon) in enumerate(TYPES, start=1):
        ActivityType.objects.create(
            key=key,
            name_nb=nb,
            name_nn=nn,
            name_en=en,
            category=category,
            needs_contact=needs_contact,
            default_duration=minutes,
            icon=icon,
            position=at * 10,
        )
