"""Whether a mentor takes assignments now, and since when it has been so."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.certification.choices import MentorState
from domain.certification.places import own_or_within
from domain.core.models import Entity, SchemaBound
from domain.core.scope import Scope
from tenants.fields import uuid7

VIEW_STATUS = "certification.view_mentorstatus"
CHANGE_STATUS = "certification.change_mentorstatus"


class MentorStatusQuerySet(models.QuerySet["MentorStatus"]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own, and those of people whom one may see them of."""
        return self.filter(own_or_within(scope, VIEW_STATUS))


class MentorStatus(Entity):
    """Of each mentor one: active, paused by somebody, or paused automatically because a certificate ran out.

    `returns_on` is the first day back, empty where nobody has said; on it a job makes the mentor active
    again.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="mentor_status",
        verbose_name=_("mentor"),
    )
    status = models.CharField(
        _("status"), max_length=12, choices=MentorState, default=MentorState.ACTIVE, editable=False
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    returns_on = models.DateField(_("back on"), null=True, blank=True, help_text=_("The first day back."))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("changed by"),
    )

    audit_noun = "mentor-status"
    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    objects = models.Manager.from_queryset(MentorStatusQuerySet)()

    class Meta:
        verbose_name = _("status of a mentor")
        verbose_name_plural = _("statuses of mentors")
        ordering = ["-since"]
        indexes = [models.Index(fields=["status", "returns_on"], name="mentor_status_by_return")]
        constraints = [
            models.CheckConstraint(name="mentor_status_known", condition=Q(status__in=MentorState.values)),
            models.CheckConstraint(
                name="mentor_status_return_of_a_pause",
                condition=Q(returns_on__isnull=True) | Q(status=MentorState.PAUSED),
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.get_status_display()}"

    def is_paused_on(self, day) -> bool:
        """Whether somebody has paused the mentor over that day, whatever the job has written."""
        return self.status == MentorState.PAUSED and (self.returns_on is None or day < self.returns_on)


class MentorStatusPeriod(SchemaBound):
    """What a mentor's status was, from when to when; the present one has no end."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    mentor_status = models.ForeignKey(MentorStatus, on_delete=models.CASCADE, related_name="history")
    status = models.CharField(_("status"), max_length=12, choices=MentorState)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    began_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("to"), null=True)
    returns_on = models.DateField(_("back on"), null=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, related_name="+"
    )

    audit_subjects: ClassVar[tuple[str, ...]] = ("mentor_status__user_id",)
    audit_label: ClassVar[tuple[str, ...]] = (
        "mentor_status__user__first_name",
        "mentor_status__user__last_name",
    )

    class Meta:
        verbose_name = _("period of a mentor's status")
        verbose_name_plural = _("periods of mentors' statuses")
        ordering = ["-began_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["mentor_status"], condition=Q(ended_at__isnull=True), name="mentor_status_one_now"
            ),
            models.CheckConstraint(
                name="mentor_status_period",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")),
            ),
        ]

    def __str__(self):
        return f"{self.mentor_status.user}, {self.get_status_display()}"
