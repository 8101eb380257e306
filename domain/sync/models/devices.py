"""The phones that synchronise."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.core.models import Entity
from domain.core.scope import Scope

VIEW_DEVICES = "sync.view_syncdevice"
END_DEVICES = "sync.change_syncdevice"
# Characters that an app may name its device by; a random one is best.
LONGEST_DEVICE_ID = 64


class SyncDeviceQuerySet(models.QuerySet["SyncDevice"]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own, and everyone's for whoever looks after the organisation's devices."""
        if not scope.is_inside:
            return self.none()
        return self if scope.can(VIEW_DEVICES) else self.filter(user=scope.user_id)


class SyncDevice(Entity):
    """An app on one phone, as one person in one organisation: its outbox, and how far it is behind.

    The outbox belongs to the person: it goes on after signing in anew. An ended device is told to wipe what
    it keeps when it next calls.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, related_name="+", verbose_name=_("person")
    )
    # Chosen by the app, once per installation.
    device_id = models.CharField(_("device id"), max_length=LONGEST_DEVICE_ID)
    name = models.CharField(_("device"), max_length=100, blank=True)
    platform = models.CharField(_("platform"), max_length=20, blank=True)
    app_version = models.CharField(_("app version"), max_length=20, blank=True)
    # Of identity.UserSession, the latest it called with: ending the device ends that too.
    session_id = models.UUIDField(null=True, editable=False)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    last_push_at = models.DateTimeField(_("last sent"), null=True)
    last_pull_at = models.DateTimeField(_("last fetched"), null=True)
    # What the phone says of itself: seconds its clock is ahead, and what waits there to be sent.
    clock_ahead_seconds = models.IntegerField(_("clock ahead by, seconds"), null=True)
    queued = models.PositiveIntegerField(_("waiting to be sent"), null=True)
    oldest_queued_at = models.DateTimeField(_("oldest that waits"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    end_reason = models.CharField(_("reason"), max_length=200, blank=True)
    # When it was told to wipe.
    told_at = models.DateTimeField(_("told to wipe"), null=True)

    audit_noun = "sync-device"
    audit_hidden: ClassVar[tuple[str, ...]] = ("session_id",)
    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    objects = models.Manager.from_queryset(SyncDeviceQuerySet)()

    class Meta:
        verbose_name = _("synchronised device")
        verbose_name_plural = _("synchronised devices")
        ordering = ["-last_seen_at"]
        constraints = [
            models.UniqueConstraint(name="sync_device_once", fields=["user", "device_id"]),
            models.CheckConstraint(
                name="sync_device_told_when_ended",
                condition=Q(told_at__isnull=True) | Q(ended_at__isnull=False),
            ),
        ]

    def __str__(self):
        return self.name or self.device_id
