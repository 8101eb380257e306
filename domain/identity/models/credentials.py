"""What a person proves who they are with, beside a password."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.fields import uuid7
from tenants.models import Organization

from .people import User
from .sessions import UserSession


class PasskeyCredential(models.Model):
    """A passkey (WebAuthn level 3 credential) of a person, valid in every organisation they belong to."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="passkeys")
    credential_id = models.BinaryField(max_length=1023, unique=True)
    # COSE_Key as the authenticator gave it.
    public_key = models.BinaryField(max_length=2048)
    sign_count = models.BigIntegerField(default=0)
    transports = models.JSONField(default=list, blank=True)
    aaguid = models.UUIDField(null=True)
    backup_eligible = models.BooleanField(default=False)
    backed_up = models.BooleanField(default=False)
    name = models.CharField(_("name"), max_length=100)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    class Meta:
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(name="passkey_sign_count_positive", condition=Q(sign_count__gte=0)),
        ]

    def __str__(self):
        return self.name


class PasskeyChallenge(models.Model):
    """A question for an authenticator. Used once: whoever takes it deletes it.

    `binding` is a keyed hash of the browser or app session that asked, so that an answer from elsewhere is
    refused; `user` is known except where someone signs in.
    """

    class Purpose(models.TextChoices):
        REGISTRATION = "registration", _("Registration")
        AUTHENTICATION = "authentication", _("Sign-in")
        STEP_UP = "step_up", _("Confirmation")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    challenge = models.BinaryField(max_length=64, unique=True)
    purpose = models.CharField(max_length=20, choices=Purpose)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    session = models.ForeignKey(UserSession, on_delete=models.CASCADE, related_name="+", null=True)
    binding = models.BinaryField(max_length=32, null=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"{self.purpose} {self.pk}"


class RecoveryCode(models.Model):
    """One of the codes a person keeps on paper. Used once; here is its SHA-256 (it has 100 random bits)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recovery_codes")
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")

    def __str__(self):
        return str(self.pk)
