"""The record of what was done, by whom, to what. Append-only; labels and ids, no foreign keys.

`AuditEvent` is hashed, `AuditDetail` holds what erasure may take away (domain/audit/payload.py). The sealer
(domain/audit/sealing.py) adds `AuditSeal`, `AuditNode` and `AuditHead`: order, tree and signatures. Only the
owner of the tables may write those three.
"""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from domain.core.scope import Scope
from tenants.fields import Xid8Field, uuid7


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def visible_to(self, scope: Scope) -> Self:
        """Everything to whoever may read the organisation's record; nothing to others."""
        return self if scope.can("audit.view_auditevent") else self.none()


class AuditEventManager(models.Manager.from_queryset(AuditEventQuerySet)):  # type: ignore[misc]
    """Events with the labels, reason and changes of their detail, as far as they weren't erased."""

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .annotate(
                actor_label=Coalesce(F("detail__actor_label"), Value("")),
                on_behalf_of_label=Coalesce(F("detail__on_behalf_of_label"), Value("")),
                object_label=Coalesce(F("detail__object_label"), Value("")),
                reason=Coalesce(F("detail__reason"), Value("")),
                changes=Coalesce(F("detail__changes"), Value({}, models.JSONField())),
            )
        )


class AuditEvent(models.Model):
    """One thing that happened in this organisation, written in the transaction that did it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(_("when"), auto_now_add=True)
    xid = Xid8Field(db_default=models.Func(function="pg_current_xact_id", output_field=Xid8Field()))
    actor_id = models.UUIDField(_("by (id)"), null=True)
    # Whom a proxy acted for.
    on_behalf_of_id = models.UUIDField(_("on behalf of (id)"), null=True)
    session_id = models.UUIDField(null=True)
    # The support access grant that let platform staff in.
    grant_id = models.UUIDField(null=True)
    action = models.CharField(_("action"), max_length=100)
    object_type = models.CharField(_("kind of object"), max_length=100)
    object_id = models.CharField(_("object id"), max_length=100)
    # The people the event tells about: ids mean nothing once the person is erased.
    subject_ids = ArrayField(models.UUIDField(), verbose_name=_("about (ids)"), default=list)
    commitment = models.BinaryField(max_length=32)

    objects = AuditEventManager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id", "-at"], name="audit_by_object"),
            models.Index(fields=["-at"], name="audit_by_time"),
            models.Index(fields=["actor_id", "-at"], name="audit_by_actor"),
            # Few are on somebody's behalf.
            models.Index(
                fields=["on_behalf_of_id", "-at"],
                name="audit_by_principal",
                condition=Q(on_behalf_of_id__isnull=False),
            ),
            models.Index(fields=["xid", "id"], name="audit_by_transaction"),
            GinIndex(fields=["subject_ids"], name="audit_by_subject", condition=~Q(subject_ids=[])),
        ]

    def __str__(self):
        return f"{self.action} {self.object_type} {self.object_id}"


class AuditDetail(models.Model):
    """What of an event tells about people, outside the hash: erasure may empty it.

    `salts` has a random salt for each part that is still here, `erased` the hash of each that is not.
    """

    event = models.OneToOneField(
        AuditEvent,
        primary_key=True,
        # Written together in one statement and never deleted; a check would lock the event's row.
        db_constraint=False,
        on_delete=models.DO_NOTHING,
        related_name="detail",
    )
    actor_label = models.CharField(_("by"), max_length=200, blank=True)
    on_behalf_of_label = models.CharField(_("on behalf of"), max_length=200, blank=True)
    object_label = models.CharField(_("object"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    # /24 or /48 of the caller's address.
    network = models.CharField(_("network"), max_length=50, blank=True)
    # {field: [old, new]}; never content of encrypted columns.
    changes = models.JSONField(_("changes"), default=dict)
    salts = models.JSONField(default=dict)
    erased = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("detail of an audit event")
        verbose_name_plural = _("details of audit events")

    def __str__(self):
        return str(self.event_id)


class AuditSeal(models.Model):
    """An event's place in the record, counted from 0, and the hash of its leaf."""

    seq = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    leaf_hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["seq"]
        constraints = [models.CheckConstraint(name="audit_seal_from_zero", condition=Q(seq__gte=0))]

    def __str__(self):
        return str(self.seq)


class AuditNode(models.Model):
    """The hash of a complete subtree of 2^level leaves, level 8, 16, …; `index` counts those of a level."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["level", "index"]

    def __str__(self):
        return f"{self.level}/{self.index}"


class AuditHead(models.Model):
    """The signed root over the first `size` events. `checkpoint` is the signed text itself.

    `horizon`: every event of an older transaction is among them.
    """

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    checkpoint = models.TextField()
    horizon = Xid8Field()

    class Meta:
        ordering = ["size"]

    def __str__(self):
        return str(self.size)


class AuditAnchoring(models.Model):
    """How far each place outside the database has the heads; a convenience, no evidence."""

    name = models.CharField(primary_key=True, max_length=200)
    size = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return f"{self.name} {self.size}"
