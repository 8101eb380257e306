"""What each phone holds, and what tells that it is behind (docs/sync.md)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.fields import Xid8Field, uuid7

from .devices import SyncDevice


class SyncView(models.Model):
    """What one phone holds of the organisation: the server's copy of the list, never of the data.

    A checkpoint names a view and one of its two generations: the one that was acknowledged, by asking with
    it, or the one that the last answer gave. `positions` are by resource (`domain.sync.positions`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, related_name="+")
    device = models.ForeignKey(SyncDevice, on_delete=models.CASCADE, null=True, related_name="views")
    generation = models.UUIDField(null=True)
    positions = models.JSONField(default=dict)
    pending_generation = models.UUIDField(null=True)
    pending_positions = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(fields=["used_at"], name="sync_view_by_use"),
            models.Index(fields=["user"], name="sync_view_by_user"),
        ]

    def __str__(self):
        return str(self.pk)


class SyncHolding(models.Model):
    """Rows of one resource that a phone is known to hold: up to some hundred neighbours by id.

    `versions` says in which state, in the same order: an entity's version, or a digest of what was sent.
    """

    view = models.ForeignKey(SyncView, on_delete=models.CASCADE, related_name="holdings")
    resource = models.CharField(max_length=50)
    first = models.UUIDField()
    last = models.UUIDField()
    ids = ArrayField(models.UUIDField())
    versions = ArrayField(models.BigIntegerField())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="sync_holding_once", fields=["view", "resource", "first"])
        ]

    def __str__(self):
        return f"{self.resource} {self.first}–{self.last}"


class SyncDelivery(models.Model):
    """What the last answer brought of one resource, not yet acknowledged: it may have been lost."""

    view = models.ForeignKey(SyncView, on_delete=models.CASCADE, related_name="deliveries")
    resource = models.CharField(max_length=50)
    ids = ArrayField(models.UUIDField(), default=list)
    versions = ArrayField(models.BigIntegerField(), default=list)
    removed = ArrayField(models.UUIDField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(name="sync_delivery_once", fields=["view", "resource"])]

    def __str__(self):
        return f"{self.resource}: {len(self.ids)}"


class SyncTableChange(models.Model):
    """That a transaction changed a table. Written by triggers only (`domain.sync.operations.NoteChanges`).

    A row per table and transaction, not one per table: writers never wait for each other. Its absence is
    what makes a call with nothing new cheap.
    """

    pk = models.CompositePrimaryKey("name", "xid")
    name = models.CharField(max_length=63)
    xid = Xid8Field()

    class Meta:
        indexes = [models.Index(fields=["xid"], name="sync_table_change_xid")]

    def __str__(self):
        return f"{self.name} {self.xid}"


class SyncTombstone(models.Model):
    """That a row was deleted. Written by triggers only."""

    pk = models.CompositePrimaryKey("name", "row_id")
    name = models.CharField(max_length=63)
    row_id = models.UUIDField()
    xid = Xid8Field()

    class Meta:
        indexes = [models.Index(fields=["name", "xid"], name="sync_tombstone_xid")]

    def __str__(self):
        return f"{self.name} {self.row_id}"
