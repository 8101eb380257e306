"""Platform staff inside an organisation: only within a grant."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from domain.core.models import Entity
from domain.identity.choices import SupportAccess
from tenants.models import Organization

from .people import User

LONGEST = timedelta(hours=72)


class SupportAccessGrant(Entity):
    """Time-bounded access of one of the platform's staff to one organisation.

    `areas` are keys of feature areas. It holds from `starts_at` to `ends_at` once approved, unless revoked;
    nothing but the clock ends it.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="support_grants")
    requested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="support_grants", verbose_name=_("requested by")
    )
    reason = models.CharField(_("reason"), max_length=1000)
    areas = ArrayField(models.CharField(max_length=40), verbose_name=_("areas"))
    access = models.CharField(_("access"), max_length=5, choices=SupportAccess, default=SupportAccess.READ)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("approved by")
    )
    # Also set where a window the organisation approved beforehand let it in without a person.
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    declined_at = models.DateTimeField(_("declined"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    decided_reason = models.CharField(_("reason of the decision"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("support access grant")
        verbose_name_plural = _("support access grants")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(name="support_grant_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="support_grant_has_areas", condition=~Q(areas=[])),
            models.CheckConstraint(
                name="support_grant_at_most_72_hours",
                condition=Q(ends_at__gt=F("starts_at")) & Q(ends_at__lte=F("starts_at") + LONGEST),
            ),
            models.CheckConstraint(
                name="support_grant_decided_once",
                condition=Q(approved_at__isnull=True) | Q(declined_at__isnull=True),
            ),
            models.CheckConstraint(
                name="support_grant_revoked_after_approval",
                condition=Q(revoked_at__isnull=True) | Q(approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="support_grant_not_by_oneself",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")),
            ),
        ]

    def __str__(self):
        return f"{self.requested_by} – {self.organization}"
