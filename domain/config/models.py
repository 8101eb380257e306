"""What an organisation decides about itself: areas, settings, terminology."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from domain.core.models import Entity
from domain.core.scope import Scope
from tenants.models import LANGUAGE_CODES

from .choices import Area, SupportAccessPolicy, Term

VIEW_AREAS = "config.view_featurearea"
VIEW_SETTINGS = "config.view_organizationsettings"


class FeatureAreaQuerySet(models.QuerySet["FeatureArea"]):
    def visible_to(self, scope: Scope) -> Self:
        return self.all() if scope.can(VIEW_AREAS) else self.none()


class OrganizationSettingsQuerySet(models.QuerySet["OrganizationSettings"]):
    def visible_to(self, scope: Scope) -> Self:
        return self.all() if scope.can(VIEW_SETTINGS) else self.none()


class FeatureArea(Entity):
    """Whether an area is in use. A disabled one is gone from API, menu and sync; nothing is deleted."""

    area = models.CharField(_("area"), max_length=40, choices=Area, unique=True)
    enabled = models.BooleanField(_("in use"), default=True)
    enabled_at = models.DateTimeField(_("switched at"), null=True, blank=True)
    enabled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, blank=True, related_name="+"
    )
    options = models.JSONField(_("options"), default=dict, blank=True)

    objects = models.Manager.from_queryset(FeatureAreaQuerySet)()

    class Meta:
        verbose_name = _("feature area")
        verbose_name_plural = _("feature areas")
        ordering = ["area"]
        constraints = [models.CheckConstraint(name="area_known", condition=Q(area__in=Area.values))]

    def __str__(self):
        return self.get_area_display()


def default_locales() -> list[str]:
    return ["nb", "nn", "en"]


class OrganizationSettings(Entity):
    """The organisation's one row of settings."""

    singleton = models.BooleanField(default=True, unique=True, editable=False)
    locales = ArrayField(
        models.CharField(max_length=2, choices=LANGUAGE_CODES),
        verbose_name=_("languages in use"),
        default=default_locales,
        help_text=_("Content can be written in these; readers without a text in theirs get the next."),
    )
    quiet_hours_start = models.TimeField(_("quiet hours from"), null=True, blank=True)
    quiet_hours_end = models.TimeField(_("quiet hours to"), null=True, blank=True)
    escalation_days = models.PositiveSmallIntegerField(
        _("days before an unopened assignment is followed up"), default=10, validators=[MinValueValidator(1)]
    )
    auto_pause = models.BooleanField(_("pause mentors whose certificate has run out"), default=True)
    expense_limit_nok = models.DecimalField(
        _("largest claim without a second approval, NOK"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    receipt_threshold_nok = models.DecimalField(
        _("receipt required above, NOK"),
        max_digits=9,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
    )
    km_rates_source = models.CharField(_("source of mileage rates"), max_length=200, blank=True)
    retention_closed_contacts_months = models.PositiveSmallIntegerField(
        _("months closed contacts are kept"), default=36
    )
    retention_notes_months = models.PositiveSmallIntegerField(_("months notes are kept"), default=36)
    # Limited in the database too: content that is kept too long is a breach, what goes too early a loss.
    retention_assignments_days = models.PositiveSmallIntegerField(
        _("days the content of completed assignments is kept"),
        default=30,
        db_default=30,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("So long the mentor can look something up; then it is destroyed. 1 to 365."),
    )
    support_access_policy = models.CharField(
        _("support access"),
        max_length=20,
        choices=SupportAccessPolicy,
        default=SupportAccessPolicy.ON_REQUEST,
    )
    # With IN_WINDOW: requests to read that lie within need no answer.
    support_window_start = models.DateTimeField(_("support access approved from"), null=True, blank=True)
    support_window_end = models.DateTimeField(_("support access approved to"), null=True, blank=True)
    max_local_associations = models.PositiveSmallIntegerField(
        _("local associations a person can belong to at once"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
    )
    second_step = models.BooleanField(
        _("ask people with wide access for a passkey"),
        default=False,
        help_text=_(
            "Administrators, finance officers, auditors, privacy officers and support confirm with a passkey "
            "after their password."
        ),
    )
    default_terminology = models.CharField(_("terminology set"), max_length=40, default="standard")

    objects = models.Manager.from_queryset(OrganizationSettingsQuerySet)()

    class Meta:
        verbose_name = _("organisation settings")
        verbose_name_plural = _("organisation settings")
        constraints = [
            models.CheckConstraint(name="settings_one_row", condition=Q(singleton=True)),
            models.CheckConstraint(
                name="settings_support_window",
                condition=~Q(support_access_policy=SupportAccessPolicy.IN_WINDOW)
                | Q(
                    support_window_start__isnull=False,
                    support_window_end__isnull=False,
                    support_window_end__gt=F("support_window_start"),
                ),
                violation_error_message=_("Say from when to when support is let in without asking."),
            ),
            models.CheckConstraint(
                name="settings_assignments_kept", condition=Q(retention_assignments_days__range=(1, 365))
            ),
            models.CheckConstraint(
                name="settings_quiet_hours_pair",
                condition=Q(quiet_hours_start__isnull=True, quiet_hours_end__isnull=True)
                | Q(quiet_hours_start__isnull=False, quiet_hours_end__isnull=False),
            ),
        ]

    def __str__(self):
        return str(_("Settings"))


class TerminologyOverride(Entity):
    """The organisation's own word for one of the platform's terms, in one language."""

    term = models.CharField(_("term"), max_length=60)
    locale = models.CharField(_("language"), max_length=2, choices=LANGUAGE_CODES)
    singular = models.CharField(_("singular"), max_length=80)
    plural = models.CharField(_("plural"), max_length=80)
    definite_singular = models.CharField(_("definite singular"), max_length=80, blank=True)
    definite_plural = models.CharField(_("definite plural"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terminology")
        ordering = ["term", "locale"]
        constraints = [
            models.UniqueConstraint(name="term_once_per_locale", fields=["term", "locale"]),
            models.CheckConstraint(name="term_known", condition=Q(term__in=Term.values)),
            models.CheckConstraint(
                name="term_not_empty", condition=~Q(singular="") & ~Q(plural="") & ~Q(term="")
            ),
        ]

    def __str__(self):
        return f"{self.term} ({self.locale})"
