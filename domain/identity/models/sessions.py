"""Devices that are signed in, and what keeps them so."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.core.scope import EVERYWHERE, Scope
from domain.identity.choices import SessionOrigin
from tenants.db import connection
from tenants.fields import uuid7
from tenants.models import Organization

from .people import User

VIEW_SESSION = "identity.view_usersession"


class UserSessionQuerySet(models.QuerySet["UserSession"]):
    def here(self) -> Self:
        """Those of the organisation whose schema is selected."""
        return self.filter(organization__schema_name=connection.schema_name)

    def open(self) -> Self:
        """Those that let somebody in now, as far as they themselves say."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=timezone.now())

    def visible_to(self, scope: Scope) -> Self:
        """One's own here, and everybody's here for whoever may see them."""
        if not scope.is_member or scope.user_id is None:
            return self.none()
        if EVERYWHERE in scope.reach(VIEW_SESSION):
            return self.here()
        return self.here().filter(user=scope.user_id)


class UserSession(models.Model):
    """A device signed in to one organisation. Checked on every request, so revoking bites at once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sessions")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    origin = models.CharField(max_length=10, choices=SessionOrigin, default=SessionOrigin.MOBILE)
    device_name = models.CharField(_("device"), max_length=100, blank=True)
    platform = models.CharField(_("platform"), max_length=20, blank=True)
    app_version = models.CharField(_("app version"), max_length=20, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    # When the person last proved who they are: sensitive calls ask for it anew after a while.
    verified_at = models.DateTimeField(null=True)
    # Of the admin: a keyed hash of the browser session's key, so that ending this ends that.
    browser_key = models.BinaryField(max_length=32, null=True, unique=True)
    # /24 or /48 of the address it was opened from: enough to recognise, too little to follow.
    network = models.CharField(_("network"), max_length=50, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=50, blank=True)

    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    objects = UserSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="session_revoked_has_reason",
                condition=Q(revoked_at__isnull=True, revoked_reason="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_reason="")),
            ),
        ]

    def __str__(self):
        return f"{self.device_name or self.get_origin_display()} {self.created_at:%Y-%m-%d}"


class RefreshToken(models.Model):
    """The long-lived half of a session's tokens. Only the SHA-256 of the token is kept.

    A session's tokens are one family; `counter` says which of them this is. The token itself is derived
    from family and counter, so that the direct parent can be answered with the same successor again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(UserSession, on_delete=models.CASCADE, related_name="refresh_tokens")
    counter = models.PositiveIntegerField(default=0)
    digest = models.BinaryField(max_length=32, unique=True)
    issued_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    replaced_by = models.OneToOneField("self", on_delete=models.SET_NULL, null=True, related_name="replaces")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="refresh_token_successor_once", fields=["session", "counter"]),
        ]

    def __str__(self):
        return str(self.pk)


class DeviceKey(models.Model):
    """A public key whose private half never leaves a person's phone.

    `proof` (Ed25519) lets an old refresh token prove that it comes from its own device; `seal` (X25519) is
    what content meant for this person alone can be sealed to (RFC 9180). 32 bytes each.
    """

    class Purpose(models.TextChoices):
        PROOF = "proof", _("Proof of the device")
        SEAL = "seal", _("Sealed content")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="device_keys")
    session = models.ForeignKey(UserSession, on_delete=models.CASCADE, related_name="device_keys")
    purpose = models.CharField(max_length=10, choices=Purpose)
    public_key = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    class Meta:
        verbose_name = _("device key")
        verbose_name_plural = _("device keys")
        constraints = [
            models.UniqueConstraint(
                name="device_key_one_at_a_time",
                fields=["session", "purpose"],
                condition=Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.get_purpose_display()} {self.created_at:%Y-%m-%d}"


class KnownDevice(models.Model):
    """A device a person has signed in from before: others' guesses don't lock it out, and it needs no mail.

    The device keeps a random secret; here is its SHA-256.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="known_devices")
    digest = models.BinaryField(max_length=32)
    label = models.CharField(_("device"), max_length=100, blank=True)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("known device")
        verbose_name_plural = _("known devices")
        constraints = [models.UniqueConstraint(name="known_device_once", fields=["user", "digest"])]

    def __str__(self):
        return self.label or str(self.pk)
