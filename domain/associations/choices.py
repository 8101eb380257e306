from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _


class AssociationKind(models.TextChoices):
    """What a local association is in its organisation. The tree says who is below whom, not the kind."""

    NATIONAL = "national", _("National body")
    REGION = "region", _("Region")
    LOCAL = "local", _("Local association")
    GROUP = "group", _("Group or branch")


# Counties of Norway from 1 January 2024 (Statistics Norway, classification 104), by their code.
COUNTIES: dict[str, str] = {
    "03": "Oslo",
    "11": "Rogaland",
    "15": "Møre og Romsdal",
    "18": "Nordland",
    "31": "Østfold",
    "32": "Akershus",
    "33": "Buskerud",
    "34": "Innlandet",
    "39": "Vestfold",
    "40": "Telemark",
    "42": "Agder",
    "46": "Vestland",
    "50": "Trøndelag",
    "55": "Troms",
    "56": "Finnmark",
}


class Precision(models.TextChoices):
    """How exactly a mentor lets their position be kept. It is rounded before it is stored."""

    EXACT = "exact", _("Exact")
    POSTCODE = "postcode", _("About the postcode")
    MUNICIPALITY = "municipality", _("About the municipality")


# The grid that a position is put on, in degrees north and east: about 10 m, 5.5 km and 22 km in the south of
# Norway. Checked by the database.
GRID: dict[str, tuple[Decimal, Decimal]] = {
    Precision.EXACT: (Decimal("0.0001"), Decimal("0.0001")),
    Precision.POSTCODE: (Decimal("0.05"), Decimal("0.1")),
    Precision.MUNICIPALITY: (Decimal("0.2"), Decimal("0.4")),
}


class LocationSource(models.TextChoices):
    """How the position came to be known."""

    DEVICE = "device", _("The phone")
    MAP = "map", _("Chosen on a map")
    TYPED = "typed", _("Typed in")
    MUNICIPALITY = "municipality", _("The position of the municipality")


class LocationConsent(models.TextChoices):
    """How the mentor agreed that their position is kept. Without it there is no position."""

    SELF = "self", _("By themselves")
    WRITTEN = "written", _("On paper")
    SPOKEN = "spoken", _("By word of mouth")
