"""What a mentor found at a home visit, and what is to follow."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from domain.activities.choices import CourseInterest
from domain.config.terminology import term_lazy
from domain.core.models import SchemaBound
from domain.core.reminding import Reminded
from domain.core.scope import Scope
from domain.encryption.entities import SealedEntity
from domain.encryption.fields import EncryptedTextField
from tenants.fields import uuid7

from .activities import Activity
from .evidence import EvidenceQuerySet


class HomeVisitReport(SealedEntity):
    """The form after a home visit, one per activity; what it says of somebody's health is sealed."""

    activity = models.OneToOneField(
        Activity,
        on_delete=models.CASCADE,
        related_name="home_visit_report",
        verbose_name=term_lazy("activity"),
    )
    health_status = EncryptedTextField(_("health"), max_length=5000, blank=True)
    assistive_devices = EncryptedTextField(_("assistive devices"), max_length=5000, blank=True)
    course_interest = models.CharField(
        _("interest in courses"),
        max_length=10,
        choices=CourseInterest,
        default=CourseInterest.UNKNOWN,
    )
    is_urgent = models.BooleanField(
        _("urgent"), default=False, help_text=_("The coordinators are told at once, by e-mail.")
    )
    # When the coordinators were told, so that it happens once.
    alerted_at = models.DateTimeField(_("coordinators told"), null=True, editable=False)

    audit_noun = "home-visit-report"
    audit_subjects: ClassVar[tuple[str, ...]] = ("activity__mentor_id",)

    objects = models.Manager.from_queryset(EvidenceQuerySet)()

    @classmethod
    def openable(cls, scope: Scope) -> models.QuerySet["HomeVisitReport"]:
        return cls.objects.visible_to(scope)

    class Meta:
        verbose_name = _("home visit report")
        verbose_name_plural = _("home visit reports")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="home_visit_interest_known", condition=Q(course_interest__in=CourseInterest.values)
            )
        ]

    def __str__(self):
        return str(self.activity)


class HomeVisitFollowUp(Reminded, SchemaBound):
    """Something to be done after a visit, by a day: then whoever coordinates there is reminded, once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    report = models.ForeignKey(HomeVisitReport, on_delete=models.CASCADE, related_name="follow_ups")
    what = models.CharField(_("what"), max_length=200, help_text=_("Nothing about health."))
    due_on = models.DateField(_("by"))
    done_at = models.DateTimeField(_("done"), null=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("follow-up of a home visit")
        verbose_name_plural = _("follow-ups of home visits")
        ordering = ["due_on", "id"]
        constraints = [models.CheckConstraint(name="home_visit_follow_up_says_what", condition=~Q(what=""))]

    def __str__(self):
        return self.what
