"""The keys of an organisation, each wrapped by the one above it. Rows of both tables are never deleted.

Their rows stay out of an organisation's dump and are kept in a file of their own (tenants/dumps.py).
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.fields import uuid7


class OrganizationKey(models.Model):
    """A version of the key under which an organisation's record keys are; the current one isn't retired.

    `wrapped` is what the key service made of it; destroyed once no record key is under it any more.
    """

    version = models.PositiveIntegerField(primary_key=True)
    master_key_id = models.CharField(max_length=200)
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    audit_noun = "organization-key"

    class Meta:
        verbose_name = _("encryption key of the organisation")
        verbose_name_plural = _("encryption keys of the organisation")
        ordering = ["version"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="organization_key_one_current",
                fields=["retired_at"],
                condition=Q(retired_at__isnull=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="organization_key_wrapped_or_destroyed",
                condition=Q(wrapped__isnull=False, destroyed_at__isnull=True)
                | Q(wrapped__isnull=True, destroyed_at__isnull=False, retired_at__isnull=False),
            ),
        ]

    def __str__(self):
        return _("version %(version)s") % {"version": self.version}


class RecordKey(models.Model):
    """The key of one row's sealed columns; several rows about a person may share one.

    Destroying it is the erasure: the wrapped bytes go, the row stays and says so.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Whose it was made as: table and row.
    table = models.CharField(max_length=63)
    row_id = models.UUIDField()
    organization_key = models.ForeignKey(OrganizationKey, on_delete=models.PROTECT, related_name="+")
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("key of sealed content")
        verbose_name_plural = _("keys of sealed content")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="record_key_wrapped_or_destroyed",
                condition=Q(wrapped__isnull=False, destroyed_at__isnull=True)
                | Q(wrapped__isnull=True, destroyed_at__isnull=False),
            ),
        ]
        indexes = [
            # What a rotation has yet to re-wrap.
            models.Index(
                fields=["organization_key", "id"],
                name="record_key_by_version",
                condition=Q(wrapped__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.table} {self.row_id}"
