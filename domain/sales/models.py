"""Demo bookings from the sales website. In use in the platform's organisation only."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from domain.core.models import Entity
from tenants.models import LANGUAGE_CODES

from .choices import BookingStatus, OrganizationSize


class DemoSlot(Entity):
    """A time at which someone of the sales team can show the product."""

    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("host"),
    )
    capacity = models.PositiveSmallIntegerField(_("bookings it can take"), default=1)
    is_open = models.BooleanField(_("open for booking"), default=True)

    class Meta:
        verbose_name = _("demo slot")
        verbose_name_plural = _("demo slots")
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(name="slot_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="slot_capacity_positive", condition=Q(capacity__gte=1)),
            models.UniqueConstraint(
                name="slot_once_per_host", fields=["starts_at", "host"], nulls_distinct=False
            ),
        ]

    def __str__(self):
        return date_format(timezone.localtime(self.starts_at), "DATETIME_FORMAT")


class DemoBooking(Entity):
    """A request for a demo, from the form to won or declined."""

    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"))
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    organization_name = models.CharField(_("organisation"), max_length=200)
    size = models.CharField(_("size"), max_length=20, choices=OrganizationSize, blank=True)
    role = models.CharField(_("role"), max_length=120, blank=True)
    wished_slots = models.ManyToManyField(
        DemoSlot, blank=True, related_name="wished_by", verbose_name=_("wished times")
    )
    slot = models.ForeignKey(
        DemoSlot,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="bookings",
        verbose_name=_("agreed time"),
    )
    message = models.TextField(_("message"), max_length=4000, blank=True)
    consent_at = models.DateTimeField(_("consented"))
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGE_CODES, default="nb")
    campaign = models.CharField(_("campaign source"), max_length=120, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=BookingStatus, default=BookingStatus.NEW)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    internal_notes = models.TextField(_("internal notes"), blank=True)
    confirmation_sent_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("demo booking")
        verbose_name_plural = _("demo bookings")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="booking_scheduled_has_slot",
                condition=Q(slot__isnull=False) | ~Q(status=BookingStatus.SCHEDULED),
            ),
            models.CheckConstraint(name="booking_status_known", condition=Q(status__in=BookingStatus.values)),
        ]

    def __str__(self):
        return f"{self.name}, {self.organization_name}"
