"""What a merge of two contacts moved, so that it can be undone exactly."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from domain.core.models import Entity
from domain.core.scope import Scope

from .contacts import Contact


class ContactMergeQuerySet(models.QuerySet["ContactMerge"]):
    def visible_to(self, scope: Scope) -> Self:
        """Those of contacts that the caller sees."""
        return self.filter(contact__in=Contact.objects.visible_to(scope))


class ContactMerge(Entity):
    """A contact (`merged`) that was found to be the same person as another (`contact`), which remains.

    `moved` lists the rows that changed hands, by model, column and key, with the flags they lost; `filled`
    names the columns that were empty at the other and got a value; `before` is the merged one's state. No
    words about anybody are in them.
    """

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="merges")
    merged = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="merged_by")
    moved = models.JSONField(default=list)
    filled = models.JSONField(default=list)
    before = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, editable=False, related_name="+"
    )

    audit_noun = "contact-merge"
    audit_subjects: ClassVar[tuple[str, ...]] = ("contact_id", "merged_id")
    audit_label: ClassVar[tuple[str, ...]] = ("contact_id", "merged_id")

    objects = models.Manager.from_queryset(ContactMergeQuerySet)()

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(name="contact_merge_of_two", condition=~Q(contact=F("merged"))),
            models.UniqueConstraint(
                fields=["merged"], condition=Q(undone_at__isnull=True), name="contact_merged_once"
            ),
        ]

    def __str__(self):
        return f"{self.merged} → {self.contact}"
