"""Kinds of certification, who has one, what each still asks for, and the reminders before it ends."""

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from domain.certification.choices import (
    REMINDER_DAYS,
    CertificationStatus,
    ReminderChannel,
    ReminderOutcome,
    Requirement,
)
from domain.certification.codes import ALPHABET, LENGTH, grouped, new_code
from domain.certification.names import in_reading_language
from domain.certification.places import own_or_within
from domain.config.terminology import term_lazy
from domain.core.models import Entity
from domain.core.scope import Scope

VIEW = "certification.view_mentorcertification"
ADD = "certification.add_mentorcertification"
CHANGE = "certification.change_mentorcertification"
VIEW_REMINDERS = "certification.view_certificationreminder"
CHANGE_KINDS = "certification.change_certificationkind"


class KindQuerySet(models.QuerySet["CertificationKind"]):
    def visible_to(self, scope: Scope) -> Self:
        """Every member reads what there is to become."""
        return self.all() if scope.is_member else self.none()

    def required(self) -> Self:
        """Those without which nobody is assigned."""
        return self.filter(is_active=True, is_required=True)


class CertificationKind(Entity):
    """What mentors of the organisation can be certified as, for how long, and what that asks for."""

    key = models.CharField(
        _("key"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9-]*\Z", _("Small letters, digits and hyphens."))],
        help_text=_("Its lasting name in exports and the API; can't be changed later."),
    )
    name_nb = models.CharField(_("name in Bokmål"), max_length=80)
    name_nn = models.CharField(_("name in Nynorsk"), max_length=80, blank=True)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    validity_months = models.PositiveSmallIntegerField(
        _("valid for, in months"), default=24, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    requirements = ArrayField(
        models.CharField(max_length=20, choices=Requirement),
        verbose_name=_("asks for"),
        default=list,
        blank=True,
        help_text=_("What must be done before a certificate is issued."),
    )
    is_required = models.BooleanField(
        _("required of every mentor"),
        default=False,
        help_text=_("Whoever has no valid one isn't given assignments."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    audit_noun = "certification-kind"

    objects = models.Manager.from_queryset(KindQuerySet)()

    class Meta:
        verbose_name = _("kind of certification")
        verbose_name_plural = _("kinds of certification")
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(name="certification_kind_named", condition=~Q(name_nb="") & ~Q(key="")),
            models.CheckConstraint(
                name="certification_kind_validity", condition=Q(validity_months__range=(1, 120))
            ),
            models.CheckConstraint(
                name="certification_kind_requirements",
                condition=Q(requirements__contained_by=Requirement.values),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        """In the reader's language, or the next there is."""
        return in_reading_language(self, "name")


class CertificationQuerySet(models.QuerySet["MentorCertification"]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own, and those of people whom one may see them of."""
        return self.filter(own_or_within(scope, VIEW))

    def expiring_by(self, day) -> Self:
        """In force, and ending on the day or before."""
        return self.filter(
            status__in=[CertificationStatus.VALID, CertificationStatus.EXPIRING], valid_until__lte=day
        )


class MentorCertification(Entity):
    """That a mentor is, becomes or was certified as something.

    `valid_until` is the last day. `status` is written by the rules and, as days pass, by a job, so that it
    can be filtered by and delivered; whoever decides about a day asks the dates (`status_on`). A renewal
    moves the last day of the same row. The police certificate itself is never kept, only that and when it was
    seen.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="certifications",
        verbose_name=_("mentor"),
    )
    kind = models.ForeignKey(
        CertificationKind, on_delete=models.PROTECT, related_name="certifications", verbose_name=_("kind")
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=CertificationStatus,
        default=CertificationStatus.PENDING,
        editable=False,
    )
    number = models.CharField(_("number"), max_length=20, blank=True, editable=False)
    issued_on = models.DateField(_("issued"), null=True, blank=True, editable=False)
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, editable=False, help_text=_("The last day.")
    )
    # What was in force before it was renewed: whether an activity of then counts is asked long afterwards.
    earlier_periods = ArrayField(DateRangeField(), default=list, blank=True, editable=False)
    verification_code = models.CharField(
        _("verification code"), max_length=LENGTH, unique=True, default=new_code, editable=False
    )
    revoked_on = models.DateField(_("revoked"), null=True, blank=True, editable=False)
    revocation_reason = models.CharField(_("reason"), max_length=500, blank=True, editable=False)

    audit_noun = "mentor-certification"
    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)
    audit_hidden = ("verification_code",)

    objects = models.Manager.from_queryset(CertificationQuerySet)()

    class Meta:
        verbose_name = term_lazy("certification")
        verbose_name_plural = term_lazy("certification", "plural")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["status", "valid_until"], name="certification_by_end"),
            models.Index(fields=["user", "kind"], name="certification_of_user"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=~Q(status=CertificationStatus.REVOKED),
                name="certification_once_per_kind",
                violation_error_message=_("This person has one of this kind already."),
            ),
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="certification_number_unique"
            ),
            models.CheckConstraint(
                name="certification_status_known", condition=Q(status__in=CertificationStatus.values)
            ),
            models.CheckConstraint(
                name="certification_issued_whole",
                condition=Q(issued_on__isnull=True, valid_until__isnull=True, number="")
                | (Q(issued_on__isnull=False, valid_until__gte=F("issued_on")) & ~Q(number="")),
            ),
            models.CheckConstraint(
                name="certification_in_force_is_issued",
                condition=Q(
                    status__in=[CertificationStatus.PENDING, CertificationStatus.REVOKED],
                )
                | Q(issued_on__isnull=False),
            ),
            models.CheckConstraint(
                name="certification_pending_is_not_issued",
                condition=~Q(status=CertificationStatus.PENDING) | Q(issued_on__isnull=True),
            ),
            models.CheckConstraint(
                name="certification_revoked_since",
                condition=(Q(status=CertificationStatus.REVOKED) & Q(revoked_on__isnull=False))
                | (~Q(status=CertificationStatus.REVOKED) & Q(revoked_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="certification_code_form",
                condition=Q(verification_code__regex=rf"^[{ALPHABET}]{{{LENGTH}}}$"),
            ),
        ]

    def __str__(self):
        return f"{capfirst(str(self.kind))}, {self.user}"

    @property
    def grouped_code(self) -> str:
        return grouped(self.verification_code)

    def status_on(self, day) -> CertificationStatus:
        """What it is on a day, by its dates, whatever the job has written."""
        if self.revoked_on is not None and day >= self.revoked_on:
            return CertificationStatus.REVOKED
        if self.issued_on is None or self.valid_until is None:
            return CertificationStatus.PENDING
        if day < self.issued_on:
            begun = [period for period in self.earlier_periods if period.lower <= day]
            if any(day in period for period in begun):
                return CertificationStatus.VALID
            return CertificationStatus.EXPIRED if begun else CertificationStatus.PENDING
        left = (self.valid_until - day).days
        if left < 0:
            return CertificationStatus.EXPIRED
        return CertificationStatus.EXPIRING if left <= REMINDER_DAYS[0] else CertificationStatus.VALID


class CertificationRequirement(Entity):
    """One line of a certification's checklist: done on which day, and who says so.

    Of the police certificate `done_on` is the day it was seen and `done_by` who saw it; nothing else is kept.
    """

    certification = models.ForeignKey(
        MentorCertification, on_delete=models.CASCADE, related_name="requirements"
    )
    requirement = models.CharField(_("requirement"), max_length=20, choices=Requirement)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("noted by"),
    )

    audit_subjects: ClassVar[tuple[str, ...]] = ("certification__user_id",)
    audit_label: ClassVar[tuple[str, ...]] = (
        "certification__user__first_name",
        "certification__user__last_name",
    )

    class Meta:
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        ordering = ["requirement"]
        constraints = [
            models.UniqueConstraint(
                fields=["certification", "requirement"], name="certification_requirement_once"
            ),
            models.CheckConstraint(
                name="certification_requirement_known",
                condition=Q(requirement__in=Requirement.values),
            ),
            models.CheckConstraint(
                name="certification_requirement_noted",
                condition=Q(done_on__isnull=False) | Q(done_by__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.get_requirement_display()}: {self.certification}"


class ReminderQuerySet(models.QuerySet["CertificationReminder"]):
    def visible_to(self, scope: Scope) -> Self:
        """Those of people whom one may see them of; mentors get the mail, and see the date itself."""
        if not scope.is_inside or not scope.can(VIEW_REMINDERS):
            return self.none()
        return self.filter(own_or_within(scope, VIEW_REMINDERS, "certification__user"))


class CertificationReminder(Entity):
    """A mail to a mentor so many days before a certification ends. Never sent twice.

    One for each last day and distance: where the last day moves, those that are still planned are superseded
    and new ones planned; what was sent for a day stays, also if the day comes back.
    """

    certification = models.ForeignKey(MentorCertification, on_delete=models.CASCADE, related_name="reminders")
    valid_until = models.DateField(_("for the last day"))
    offset_days = models.PositiveSmallIntegerField(_("days before"))
    due_at = models.DateTimeField(_("due"))
    channel = models.CharField(
        _("channel"), max_length=10, choices=ReminderChannel, default=ReminderChannel.EMAIL
    )
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=ReminderOutcome, default=ReminderOutcome.PLANNED
    )
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    audit_noun = "certification-reminder"
    audit_subjects: ClassVar[tuple[str, ...]] = ("certification__user_id",)
    audit_label: ClassVar[tuple[str, ...]] = (
        "certification__user__first_name",
        "certification__user__last_name",
    )

    objects = models.Manager.from_queryset(ReminderQuerySet)()

    class Meta:
        verbose_name = _("reminder of a renewal")
        verbose_name_plural = _("reminders of renewals")
        ordering = ["due_at"]
        indexes = [models.Index(fields=["outcome", "due_at"], name="certification_reminder_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["certification", "valid_until", "offset_days"], name="certification_reminder_once"
            ),
            models.CheckConstraint(
                name="certification_reminder_offset", condition=Q(offset_days__in=REMINDER_DAYS)
            ),
            models.CheckConstraint(
                name="certification_reminder_outcome", condition=Q(outcome__in=ReminderOutcome.values)
            ),
            models.CheckConstraint(
                name="certification_reminder_sent",
                condition=~Q(outcome=ReminderOutcome.SENT) | Q(sent_at__isnull=False),
            ),
        ]

    def __str__(self):
        return _t("%(what)s: %(days)d days before %(day)s") % {
            "what": self.certification,
            "days": self.offset_days,
            "day": date_format(self.valid_until, "SHORT_DATE_FORMAT"),
        }
