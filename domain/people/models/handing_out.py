"""What is handed out about a contact, for a few days."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from domain.config.terminology import term_lazy
from domain.core.scope import Scope
from domain.encryption.entities import SealedEntity
from domain.encryption.fields import EncryptedTextField

from .contacts import EXPORT, Contact

PLACE = "contact__local_association__path"

# Characters of base64: some 30 MB.
LONGEST_ARCHIVE = 40_000_000


class ContactHandOutQuerySet(models.QuerySet["ContactHandOut"]):
    def visible_to(self, scope: Scope) -> Self:
        """Those that the caller asked for, as long as they may hand out what is kept about the contact."""
        if not (scope.is_member and scope.can(EXPORT)):
            return self.none()
        return self.filter(scope.within(EXPORT, PLACE), asked_by=scope.user_id)


class ContactHandOut(SealedEntity):
    """A copy of all that is kept about a contact, sealed, for whoever asked for it, until it expires.

    The row stays, without the copy: when it was made, fetched and destroyed.
    """

    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="hand_outs", verbose_name=term_lazy("contact")
    )
    # Empty once the person was erased.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("asked by"),
    )
    archive = EncryptedTextField(_("copy"), max_length=LONGEST_ARCHIVE, blank=True)
    size = models.PositiveIntegerField(_("size"), default=0, editable=False)
    made_at = models.DateTimeField(_("made"), null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, editable=False)
    fetched_at = models.DateTimeField(_("fetched"), null=True, editable=False)
    destroyed_at = models.DateTimeField(_("destroyed"), null=True, editable=False)

    audit_noun = "contact-hand-out"
    audit_subjects: ClassVar[tuple[str, ...]] = ("contact_id",)
    audit_label: ClassVar[tuple[str, ...]] = ("contact_id",)

    objects = models.Manager.from_queryset(ContactHandOutQuerySet)()

    class Meta:
        verbose_name = _("copy of what is kept")
        verbose_name_plural = _("copies of what is kept")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["expires_at"], name="hand_out_kept", condition=Q(destroyed_at__isnull=True))
        ]
        constraints = [
            models.CheckConstraint(
                name="hand_out_expires", condition=Q(made_at__isnull=True) | Q(expires_at__isnull=False)
            ),
            models.CheckConstraint(
                name="hand_out_destroyed",
                condition=Q(destroyed_at__isnull=True) | Q(archive__isnull=True),
            ),
        ]

    def __str__(self):
        return str(self.contact)

    @property
    def is_ready(self) -> bool:
        return self.made_at is not None and self.destroyed_at is None
