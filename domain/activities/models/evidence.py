"""Files of activities: what people attach, and documents that the grant asks for."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from domain.activities.choices import AttachmentKind, DocumentType
from domain.config.terminology import term_lazy
from domain.core.models import Entity
from domain.core.scope import EVERYWHERE, Scope
from domain.files.models import StoredFile

from .activities import READ_SUMMARY, Activity, own


class EvidenceQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope) -> Self:
        """Pictures and lists show people: for who led or registered it, and who reads its summary."""
        if not scope.is_inside:
            return self.none()
        if EVERYWHERE in scope.reach(READ_SUMMARY):
            return self.all()
        return self.filter(
            scope.within(READ_SUMMARY, "activity__local_association__path") | own(scope, "activity")
        )


class ActivityAttachment(Entity):
    """A photo or document as evidence of an activity. The file knows checksum, size and scan."""

    activity = models.ForeignKey(
        Activity, on_delete=models.CASCADE, related_name="attachments", verbose_name=term_lazy("activity")
    )
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )
    kind = models.CharField(
        _("kind"), max_length=10, choices=AttachmentKind, default=AttachmentKind.PHOTO, editable=False
    )
    caption = models.CharField(_("caption"), max_length=300, blank=True)

    audit_noun = "activity-attachment"
    audit_subjects: ClassVar[tuple[str, ...]] = ("activity__mentor_id",)
    audit_hidden: ClassVar[tuple[str, ...]] = ("file", "caption")

    objects = models.Manager.from_queryset(EvidenceQuerySet)()

    class Meta:
        verbose_name = _("attachment of an activity")
        verbose_name_plural = _("attachments of activities")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="activity_attachment_kind_known", condition=Q(kind__in=AttachmentKind.values)
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.activity}"


class ActivityDocument(Entity):
    """A document that proves an activity to the grant: an invitation, a list, a screenshot."""

    activity = models.ForeignKey(
        Activity, on_delete=models.CASCADE, related_name="documents", verbose_name=term_lazy("activity")
    )
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )
    document_type = models.CharField(_("document type"), max_length=20, choices=DocumentType)
    is_for_grant = models.BooleanField(_("for the grant"), default=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("verified by"),
    )
    verified_at = models.DateTimeField(_("verified"), null=True, editable=False)
    # One that was refused proves nothing: another one is asked for in its place.
    refused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("refused by"),
    )
    refused_at = models.DateTimeField(_("refused"), null=True, editable=False)
    refusal_reason = models.CharField(
        _("why refused"), max_length=500, blank=True, default="", db_default="", editable=False
    )

    audit_noun = "activity-document"
    audit_subjects: ClassVar[tuple[str, ...]] = ("activity__mentor_id",)
    audit_hidden: ClassVar[tuple[str, ...]] = ("file",)

    objects = models.Manager.from_queryset(EvidenceQuerySet)()

    class Meta:
        verbose_name = _("document of an activity")
        verbose_name_plural = _("documents of activities")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="activity_document_type_known", condition=Q(document_type__in=DocumentType.values)
            ),
            models.CheckConstraint(
                name="activity_document_refused_for_a_reason",
                condition=Q(refused_at__isnull=True, refusal_reason="")
                | (Q(refused_at__isnull=False, verified_at__isnull=True) & ~Q(refusal_reason="")),
            ),
        ]

    def __str__(self):
        return f"{self.get_document_type_display()}: {self.activity}"
