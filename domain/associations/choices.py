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
