"""The record of what was done, by whom, to what. Append-only; labels and ids, no foreign keys."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.fields import Xid8Field, uuid7


class AuditEvent(models.Model):
    """One thing that happened in this organisation, written in the transaction that did it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(_("when"), auto_now_add=True)
    xid = Xid8Field(db_default=models.Func(function="pg_current_xact_id", output_field=Xid8Field()))
    actor_id = models.UUIDField(_("by (id)"), null=True)
    actor_label = models.CharField(_("by"), max_length=200)
    session_id = models.UUIDField(null=True)
    action = models.CharField(_("action"), max_length=100)
    object_type = models.CharField(_("kind of object"), max_length=100)
    object_id = models.CharField(_("object id"), max_length=100)
    object_label = models.CharField(_("object"), max_length=200)
    # {field: [old, new]}; never content of encrypted columns.
    changes = models.JSONField(_("changes"), default=dict)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id", "-at"], name="audit_by_object"),
            models.Index(fields=["-at"], name="audit_by_time"),
        ]

    def __str__(self):
        return f"{self.action} {self.object_label}"
