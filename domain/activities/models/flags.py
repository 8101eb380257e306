"""Flags: that an activity needs a second look."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from domain.activities.choices import FlagKind, FlagSource, FlagStatus
from domain.config.terminology import term_lazy
from domain.core.models import Entity
from domain.core.scope import EVERYWHERE, Scope

from .activities import Activity

VIEW_FLAG = "activities.view_activityflag"
CHANGE_FLAG = "activities.change_activityflag"


class ActivityFlagQuerySet(models.QuerySet["ActivityFlag"]):
    def visible_to(self, scope: Scope) -> Self:
        """Those of the local associations where the caller looks after activities."""
        if not scope.is_inside:
            return self.none()
        if EVERYWHERE in scope.reach(VIEW_FLAG):
            return self.all()
        return self.filter(scope.within(VIEW_FLAG, "activity__local_association__path"))

    def open(self) -> Self:
        return self.filter(status=FlagStatus.OPEN)


class ActivityFlag(Entity):
    """A doubt about an activity, by a rule or a person; confirmed, it keeps the activity out of reports."""

    activity = models.ForeignKey(
        Activity, on_delete=models.CASCADE, related_name="flags", verbose_name=term_lazy("activity")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=FlagKind)
    source = models.CharField(
        _("source"), max_length=10, choices=FlagSource, default=FlagSource.RULE, editable=False
    )
    # The activity that it may be the same as.
    other = models.ForeignKey(
        Activity,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("the other activity"),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=FlagStatus, default=FlagStatus.OPEN, editable=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    note = models.CharField(_("note"), max_length=500, blank=True, editable=False)

    audit_noun = "activity-flag"
    audit_subjects: ClassVar[tuple[str, ...]] = ("activity__mentor_id",)
    audit_label: ClassVar[tuple[str, ...]] = (
        "activity__mentor__first_name",
        "activity__mentor__last_name",
    )

    objects = models.Manager.from_queryset(ActivityFlagQuerySet)()

    class Meta:
        verbose_name = _("flag of an activity")
        verbose_name_plural = _("flags of activities")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["status", "kind"], name="activity_flag_status")]
        constraints = [
            models.CheckConstraint(name="activity_flag_kind_known", condition=Q(kind__in=FlagKind.values)),
            models.CheckConstraint(
                name="activity_flag_status_known", condition=Q(status__in=FlagStatus.values)
            ),
            models.CheckConstraint(
                name="activity_flag_decided",
                condition=Q(status=FlagStatus.OPEN, decided_at__isnull=True)
                | (~Q(status=FlagStatus.OPEN) & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="activity_flag_by_a_person_has_reason",
                condition=~Q(source=FlagSource.PERSON) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="activity_flag_names_another",
                condition=Q(other__isnull=True) | ~Q(other=F("activity")),
            ),
            models.UniqueConstraint(
                fields=["activity", "kind", "other"],
                condition=Q(source=FlagSource.RULE),
                nulls_distinct=False,
                name="activity_flag_once",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.activity}"
