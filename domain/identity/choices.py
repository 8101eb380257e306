from django.db import models
from django.utils.translation import gettext_lazy as _


class PlatformRole(models.TextChoices):
    NONE = "none", _("None")
    SUPPORT = "support", _("Support")
    SALES = "sales", _("Sales")
    OWNER = "owner", _("Owner")


class MembershipStatus(models.TextChoices):
    INVITED = "invited", _("Invited")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    LEFT = "left", _("Left")


class SessionOrigin(models.TextChoices):
    MOBILE = "mobile", _("Mobile app")
    ADMIN_WEB = "admin_web", _("Admin")


class SupportAccess(models.TextChoices):
    READ = "read", _("Read")
    WRITE = "write", _("Read and write")
