from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The roles a person can have in an organisation; the stable keys name the shared groups."""

    PEER_MENTOR = "peer_mentor", _("Peer mentor")
    COORDINATOR = "coordinator", _("Coordinator")
    ORG_ADMIN = "org_admin", _("Organisation admin")
    PLATFORM_STAFF = "platform_staff", _("Platform staff")
