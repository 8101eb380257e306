"""Assignments: what a coordinator sends a peer mentor, sealed."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from domain.assignments.choices import AssignmentStatus
from domain.assignments.states import READABLE, STEPS, WITH_SENDER
from domain.associations.models import LocalAssociation
from domain.certification.choices import RoleContext
from domain.config.terminology import term_lazy
from domain.core.reminding import Delivery
from domain.core.scope import Scope
from domain.encryption.entities import SealedEntity
from domain.encryption.fields import EncryptedJSONField
from domain.people.models import Contact

VIEW = "assignments.view_assignment"
ADD = "assignments.add_assignment"
CHANGE = "assignments.change_assignment"
PLACE = "local_association__path"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, scope: Scope) -> Self:
        """What was sent to the caller, what they sent, and those of their local associations.

        That is who, where, when and in which state: the content is another matter (`openable`).
        """
        if not scope.is_inside:
            return self.none()
        within = scope.within(VIEW, PLACE)
        if not within:
            return self.all()
        received = Q(recipient=scope.user_id, sent_at__isnull=False)
        return self.filter(within | received | Q(sender=scope.user_id))


class Assignment(SealedEntity):
    """What a peer mentor is asked to do for somebody; the content is sealed with a key of its own.

    Never deleted: with the key the content goes, and the row says what became of it. `local_association` is
    whose business it is. Contact and content are apart: the contact may be left out, and what the content
    says stands nowhere else.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        # Empty once the person was erased.
        null=True,
        related_name="received_assignments",
        verbose_name=_("recipient"),
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="sent_assignments",
        verbose_name=_("sender"),
    )
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=term_lazy("contact"),
    )
    local_association = models.ForeignKey(
        LocalAssociation,
        on_delete=models.PROTECT,
        related_name="assignments",
        verbose_name=term_lazy("local_association"),
    )
    role_context = models.CharField(
        _("asked as"),
        max_length=10,
        choices=RoleContext,
        default=RoleContext.MENTOR,
        help_text=_("A driver needs the drivers' declaration of confidentiality."),
    )
    content = EncryptedJSONField(_("content"), blank=True)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=AssignmentStatus,
        default=AssignmentStatus.DRAFT,
        editable=False,
    )
    expires_at = models.DateTimeField(
        _("expires"), help_text=_("Then the content is destroyed, unless it was completed before.")
    )
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    opened_at = models.DateTimeField(_("opened"), null=True, editable=False)
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    declined_at = models.DateTimeField(_("declined"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)
    completed_at = models.DateTimeField(_("completed"), null=True, editable=False)
    expired_at = models.DateTimeField(_("expired"), null=True, editable=False)
    content_destroyed_at = models.DateTimeField(_("content destroyed"), null=True, editable=False)
    # The one mail to the coordinator that nobody has opened it: claimed here before it is sent.
    escalated_at = models.DateTimeField(_("coordinator reminded"), null=True, editable=False)
    escalation = models.CharField(max_length=10, choices=Delivery, blank=True, default="", editable=False)

    audit_subjects: ClassVar[tuple[str, ...]] = ("recipient_id", "contact_id")
    audit_label: ClassVar[tuple[str, ...]] = ("recipient__first_name", "recipient__last_name")

    objects = models.Manager.from_queryset(AssignmentQuerySet)()

    @classmethod
    def openable(cls, scope: Scope) -> models.QuerySet["Assignment"]:
        """Whose content the caller may open: the recipient until it is destroyed, the sender until the
        recipient has opened it. Nobody else, whatever their role."""
        if not scope.is_member:
            return cls.objects.none()
        return cls.objects.filter(
            Q(recipient=scope.user_id, status__in=READABLE) | Q(sender=scope.user_id, status__in=WITH_SENDER)
        )

    class Meta:
        verbose_name = term_lazy("assignment")
        verbose_name_plural = term_lazy("assignment", "plural")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["recipient", "status"], name="assignment_recipient"),
            models.Index(fields=["local_association", "status"], name="assignment_place"),
            models.Index(fields=["status", "expires_at"], name="assignment_expiry"),
        ]
        constraints = [
            models.CheckConstraint(name="assignment_status", condition=Q(status__in=AssignmentStatus.values)),
            models.CheckConstraint(name="assignment_role", condition=Q(role_context__in=RoleContext.values)),
            # A state has its time.
            *(
                models.CheckConstraint(
                    name=f"assignment_{step.target}_when",
                    condition=~Q(status=step.target) | Q(**{f"{step.time}__isnull": False}),
                )
                for step in STEPS.values()
            ),
            models.CheckConstraint(
                name="assignment_sent_first",
                condition=Q(sent_at__isnull=False)
                | Q(opened_at__isnull=True, accepted_at__isnull=True, declined_at__isnull=True),
            ),
        ]

    def __str__(self):
        return _t("%(assignment)s to %(name)s") % {
            "assignment": str(self._meta.verbose_name).capitalize(),
            "name": self.recipient or _t("nobody any more"),
        }

    @property
    def has_content(self) -> bool:
        return self.content_destroyed_at is None
