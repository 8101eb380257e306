"""What a mentor answers to an assignment, and each of their readings of it. Neither is ever changed."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from domain.assignments.choices import Response
from domain.core.models import Entity
from domain.core.scope import Scope
from tenants.models import LANGUAGE_CODES

from .assignments import Assignment

VIEW_RECEIPTS = "assignments.view_assignmentreadreceipt"
VIEW_CONSENTS = "assignments.view_assignmentconsent"
PLACE = "assignment__local_association__path"


class AssignmentConsentQuerySet(models.QuerySet["AssignmentConsent"]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own answers, and those of the local associations where the caller sees them."""
        if not scope.is_inside:
            return self.none()
        within = scope.within(VIEW_CONSENTS, PLACE)
        return self.filter(within | Q(user=scope.user_id)) if within else self.all()


class AssignmentConsent(Entity):
    """The one final answer to an assignment. Never changed (trigger, migration 0002)."""

    assignment = models.OneToOneField(
        Assignment, on_delete=models.PROTECT, related_name="consent", verbose_name=_("assignment")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="assignment_consents",
        verbose_name=_("person"),
    )
    response = models.CharField(_("answer"), max_length=10, choices=Response)
    # Which words were consented to; a refusal needs none.
    text_version = models.PositiveSmallIntegerField(_("version of the text"), null=True)
    text_sha256 = models.CharField(_("SHA-256 of the text"), max_length=64, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGE_CODES, blank=True)
    responded_at = models.DateTimeField(_("answered"))
    # Of the public schema, which doesn't keep them for ever: ids, no references.
    session_id = models.UUIDField(_("session"), null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    audit_noun = "assignment-consent"
    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    objects = models.Manager.from_queryset(AssignmentConsentQuerySet)()

    class Meta:
        verbose_name = _("answer to an assignment")
        verbose_name_plural = _("answers to assignments")
        ordering = ["-responded_at"]
        constraints = [
            models.CheckConstraint(
                name="assignment_consent_known", condition=Q(response__in=Response.values)
            ),
            models.CheckConstraint(
                name="assignment_consent_to_words",
                condition=~Q(response=Response.ACCEPTED)
                | Q(text_version__isnull=False, text_sha256__regex=r"^[0-9a-f]{64}$"),
            ),
        ]

    def __str__(self):
        return f"{self.get_response_display()}: {self.user or ''}"


class AssignmentReadReceiptQuerySet(models.QuerySet["AssignmentReadReceipt"]):
    def visible_to(self, scope: Scope) -> Self:
        """Those of the local associations where the caller sees receipts."""
        return self.filter(scope.within(VIEW_RECEIPTS, PLACE)) if scope.is_inside else self.none()


class AssignmentReadReceipt(Entity):
    """That the recipient opened an assignment: written in the transaction that decrypted it.

    Nobody changes or deletes one (triggers, migration 0002); `closed_at` is written once.
    """

    assignment = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, related_name="receipts", verbose_name=_("assignment")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="assignment_read_receipts",
        verbose_name=_("person"),
    )
    session_id = models.UUIDField(_("session"), null=True)
    # The phone's key it was sealed to; none where it was given in the clear, over the connection.
    device_key_id = models.UUIDField(_("device key"), null=True)
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True)

    audit_noun = "assignment-read-receipt"
    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    objects: Any = models.Manager.from_queryset(AssignmentReadReceiptQuerySet)()

    class Meta:
        verbose_name = _("read receipt")
        verbose_name_plural = _("read receipts")
        ordering = ["-opened_at"]
        constraints = [
            models.CheckConstraint(
                name="assignment_receipt_closed_after",
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
            )
        ]

    def __str__(self):
        return f"{self.user or ''}, {self.opened_at:%Y-%m-%d %H:%M}"
