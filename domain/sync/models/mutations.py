"""What phones send: each once, what became of it, and whom it waits for (docs/sync.md)."""

from datetime import timedelta, timezone
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from domain.associations.places import about_people
from domain.core.models import Entity
from domain.core.scope import Scope
from domain.encryption.entities import SealedEntity
from domain.encryption.fields import EncryptedJSONField
from domain.sync.choices import Operation, Outcome, Resolution

from .devices import SyncDevice

VIEW_INBOX = "sync.view_syncmutation"
CHANGE_INBOX = "sync.change_syncmutation"
# Characters of what a phone calls a row that the server has not named yet.
LONGEST_CLIENT_ID = 64
# Characters of one mutation as JSON; what the server writes of it beside its data is below the rest.
LARGEST_MUTATION = 256 * 1024
_CONTENT = LARGEST_MUTATION + 128 * 1024


class SyncMutationQuerySet(models.QuerySet["SyncMutation"]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own, and for whoever looks after these people what may be theirs to mend."""
        if not scope.is_inside:
            return self.none()
        own = Q(user=scope.user_id)
        if not scope.can(VIEW_INBOX):
            return self.filter(own)
        others = Q(is_personal=False, outcome__in=Outcome.to_inbox())
        return self.filter(own | (others & looked_after(scope, VIEW_INBOX)))

    def in_inbox(self) -> Self:
        """Refused, or in conflict with what others wrote."""
        return self.filter(outcome__in=Outcome.to_inbox())

    def open(self) -> Self:
        """Waiting for somebody to decide."""
        return self.in_inbox().filter(resolution="")


def looked_after(scope: Scope, permission: str) -> Q:
    """The condition that the caller has the permission about the author, or had it when they left."""
    reached = about_people(scope, permission, "user")
    return reached | (~Q(place="") & scope.within(permission, "place")) if reached else Q()


class SyncMutation(SealedEntity):
    """A change that a phone sent, kept under its sender's own id for it: that it takes effect once.

    `created_at` is when it came. What was sent is kept (`content`, sealed) only while somebody has to decide
    about it: with an outcome of the inbox and no resolution.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, related_name="+", verbose_name=_("person")
    )
    device = models.ForeignKey(
        SyncDevice, on_delete=models.PROTECT, related_name="mutations", verbose_name=_("device")
    )
    mutation_id = models.UUIDField(_("id on the phone"))
    resource = models.CharField(_("what"), max_length=50, blank=True)
    op = models.CharField(_("change"), max_length=10, choices=Operation, blank=True)
    action = models.CharField(_("action"), max_length=50, blank=True)
    row_id = models.UUIDField(_("row"), null=True)
    client_id = models.CharField(_("name on the phone"), max_length=LONGEST_CLIENT_ID, blank=True)
    base_version = models.PositiveBigIntegerField(_("made on version"), null=True)
    # By the phone's clock; the offset tells which day it was there.
    occurred_at = models.DateTimeField(_("done"), null=True)
    occurred_offset_minutes = models.SmallIntegerField(_("offset from UTC"), null=True)
    # A digest by our own key: of a short change, such as one of a diagnosis, a plain one could be guessed.
    payload_hash = models.BinaryField(max_length=32, editable=False)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    # The slug of the problem; empty where there was none.
    code = models.CharField(_("why"), max_length=50, blank=True)
    # What was answered besides: nothing personal.
    result = models.JSONField(default=dict)
    # Nobody else's business whatever their role: notes of one's own, answers, where one is.
    is_personal = models.BooleanField(_("nobody else's"), default=True)
    # Path of the local association of somebody who had left when it came: for who looked after them.
    place = models.TextField(editable=False, blank=True, default="")
    content = EncryptedJSONField(_("what was sent"), blank=True, max_length=_CONTENT)
    resolution = models.CharField(_("decided"), max_length=12, choices=Resolution, blank=True)
    resolved_at = models.DateTimeField(_("decided on"), null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    audit_noun = "sync-mutation"
    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    objects = models.Manager.from_queryset(SyncMutationQuerySet)()

    class Meta:
        verbose_name = _("change sent by a phone")
        verbose_name_plural = _("changes sent by phones")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["user", "-created_at"],
                name="sync_mutation_inbox",
                condition=Q(outcome__in=["rejected", "conflict"], resolution=""),
            ),
            models.Index(fields=["created_at"], name="sync_mutation_by_age"),
            models.Index(
                fields=["device", "client_id"],
                name="sync_mutation_failed_create",
                condition=Q(op="create", outcome__in=["rejected", "conflict"]) & ~Q(client_id=""),
            ),
            models.Index(fields=["row_id"], name="sync_mutation_of_row"),
        ]
        constraints = [
            models.UniqueConstraint(name="sync_mutation_once", fields=["user", "mutation_id"]),
            models.CheckConstraint(
                name="sync_mutation_outcome_known", condition=Q(outcome__in=Outcome.values)
            ),
            models.CheckConstraint(
                name="sync_mutation_resolved_in_inbox",
                condition=Q(resolution="", resolved_at__isnull=True)
                | (
                    Q(resolution__in=Resolution.values, resolved_at__isnull=False)
                    & Q(outcome__in=["rejected", "conflict"])
                ),
            ),
        ]

    def __str__(self):
        return f"{self.resource} {self.action or self.op}".strip()

    @property
    def is_open(self) -> bool:
        return self.outcome in Outcome.to_inbox() and not self.resolution

    @property
    def occurred_there(self) -> Any:
        """When it was done, by the clocks where the phone was; None where it didn't say."""
        if self.occurred_at is None:
            return None
        offset = timedelta(minutes=self.occurred_offset_minutes or 0)
        return self.occurred_at.astimezone(timezone(offset))


class ClientIdMappingQuerySet(models.QuerySet["ClientIdMapping"]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own."""
        return self.filter(device__user=scope.user_id) if scope.is_inside else self.none()


class ClientIdMapping(Entity):
    """What a phone calls a row that it made while it was offline. Holds for ever on that device."""

    device = models.ForeignKey(
        SyncDevice, on_delete=models.PROTECT, related_name="client_ids", verbose_name=_("device")
    )
    resource = models.CharField(_("what"), max_length=50)
    client_id = models.CharField(_("name on the phone"), max_length=LONGEST_CLIENT_ID)
    server_id = models.UUIDField(_("row"))

    audit_noun = "client-id"

    objects = models.Manager.from_queryset(ClientIdMappingQuerySet)()

    class Meta:
        verbose_name = _("name of a row on a phone")
        verbose_name_plural = _("names of rows on phones")
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["server_id"], name="client_id_of_row")]
        constraints = [
            models.UniqueConstraint(name="client_id_once", fields=["device", "resource", "client_id"])
        ]

    def __str__(self):
        return self.client_id


class FieldVersion(models.Model):
    """In which version of a row each of its columns last changed. Written by triggers only
    (`domain.sync.operations.NoteFieldVersions`).

    Complete from version `since` on; of what changed before nothing is known.
    """

    pk = models.CompositePrimaryKey("name", "row_id")
    name = models.CharField(max_length=63)
    row_id = models.UUIDField()
    since = models.PositiveBigIntegerField()
    versions = models.JSONField(default=dict)

    def __str__(self):
        return f"{self.name} {self.row_id}"
