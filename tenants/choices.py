from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganizationStatus(models.TextChoices):
    PROVISIONING = "provisioning", _("Being set up")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    CLOSED = "closed", _("Closed")


class OrganizationKind(models.TextChoices):
    """`template` is the schema new organisations are cloned from; it answers on no host."""

    ORGANIZATION = "organization", _("Organisation")
    PLATFORM = "platform", _("Platform")
    TEMPLATE = "template", _("Template")


class HierarchyKind(models.TextChoices):
    NATIONAL = "national", _("National")
    REGION = "region", _("Region")
    LOCAL = "local", _("Local")
    PARTNER = "partner", _("Partner")


class JobState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    PARKED = "parked", _("Stopped after repeated failures")
