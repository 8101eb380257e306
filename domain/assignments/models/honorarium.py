"""From which assignment on a mentor is paid what, and that somebody has come that far."""

from decimal import Decimal
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, IntegerRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from domain.assignments.choices import Currency, HonorariumPeriod
from domain.certification.places import own_or_within
from domain.core.models import Entity
from domain.core.reminding import Delivery
from domain.core.scope import Scope

VIEW_THRESHOLDS = "assignments.view_honorariumthreshold"
CHANGE_THRESHOLDS = "assignments.change_honorariumthreshold"


class HonorariumThresholdQuerySet(models.QuerySet["HonorariumThreshold"]):
    def visible_to(self, scope: Scope) -> Self:
        return self.all() if scope.can(VIEW_THRESHOLDS) else self.none()

    def holding(self, day: Any) -> Self:
        """Those that hold on a day."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


class HonorariumThreshold(Entity):
    """From this assignment of the period on, each pays this much, up to the next threshold."""

    assignments_from = models.PositiveIntegerField(
        _("from assignment number"), validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    rate = models.DecimalField(
        _("amount for each"),
        max_digits=9,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0))],
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.NOK)
    period = models.CharField(
        _("counted in each"), max_length=5, choices=HonorariumPeriod, default=HonorariumPeriod.YEAR
    )
    notify_coordinator = models.BooleanField(_("tell the coordinators"), default=True)
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True, help_text=_("The last day."))

    audit_noun = "honorarium-threshold"

    objects = models.Manager.from_queryset(HonorariumThresholdQuerySet)()

    class Meta:
        verbose_name = _("honorarium threshold")
        verbose_name_plural = _("honorarium thresholds")
        ordering = ["valid_from", "assignments_from"]
        constraints = [
            models.CheckConstraint(
                name="honorarium_from_one", condition=Q(assignments_from__gte=1, rate__gte=0)
            ),
            models.CheckConstraint(
                name="honorarium_known",
                condition=Q(period__in=HonorariumPeriod.values, currency__in=Currency.values),
            ),
            models.CheckConstraint(
                name="honorarium_days",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day must not be before the first."),
            ),
            # As ranges both: PostgreSQL's core compares those, and plain numbers with an extension only.
            ExclusionConstraint(
                name="honorarium_one_at_a_time",
                expressions=[
                    (
                        Func(
                            F("assignments_from"),
                            F("assignments_from"),
                            Value("[]"),
                            function="int4range",
                            output_field=IntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_to"),
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("There is a threshold from the same number in that time already."),
            ),
        ]

    def __str__(self):
        return _t("from number %(number)s: %(rate)s %(currency)s") % {
            "number": self.assignments_from,
            "rate": number_format(self.rate, 2),
            "currency": self.currency,
        }


class HonorariumCrossingQuerySet(models.QuerySet["HonorariumCrossing"]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own, and those of mentors whose honorarium the caller sees."""
        return self.filter(own_or_within(scope, VIEW_THRESHOLDS, "mentor"))


class HonorariumCrossing(Entity):
    """That a mentor has reached a threshold in a period: written once, and told once."""

    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="honorarium_crossings",
        verbose_name=_("mentor"),
    )
    threshold = models.ForeignKey(
        HonorariumThreshold, on_delete=models.PROTECT, related_name="crossings", verbose_name=_("threshold")
    )
    period_start = models.DateField(_("period from"))
    crossed_at = models.DateTimeField(_("reached"))
    # Claimed before the mail is sent; empty where nobody is to be told.
    notified_at = models.DateTimeField(_("told"), null=True)
    notice = models.CharField(
        _("mail to the coordinators"),
        max_length=10,
        choices=Delivery,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )

    audit_noun = "honorarium-crossing"
    audit_subjects: ClassVar[tuple[str, ...]] = ("mentor_id",)

    objects = models.Manager.from_queryset(HonorariumCrossingQuerySet)()

    class Meta:
        verbose_name = _("honorarium threshold reached")
        verbose_name_plural = _("honorarium thresholds reached")
        ordering = ["-crossed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["mentor", "threshold", "period_start"], name="honorarium_crossed_once"
            )
        ]

    def __str__(self):
        return f"{self.mentor}, {self.threshold}"
