"""Base of every entity: identity, who and when, version, and the mark that tells schemas apart."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.db import connection
from tenants.fields import Xid8Field, uuid7


class WrongSchemaError(RuntimeError):
    """An instance was loaded in one organisation and saved while another was selected."""


class SchemaBound(models.Model):
    """Remembers the schema an instance was loaded from and refuses to be saved or deleted elsewhere.

    Django's instances know nothing of schemas: loaded in A and saved in B they would overwrite B's row of
    the same id.
    """

    # Of an instance that was loaded or saved; None for one that was only made.
    loaded_in_schema: str | None = None

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values, **kwargs) -> Self:
        instance = super().from_db(db, field_names, values, **kwargs)
        instance.loaded_in_schema = connection.schema_name
        return instance

    def check_schema(self) -> None:
        """Raise WrongSchemaError unless the instance belongs to the schema that is selected now."""
        stamp = self.loaded_in_schema
        if stamp is not None and stamp != connection.schema_name:
            raise WrongSchemaError(
                f"{self._meta.label} {self.pk} was loaded in {stamp!r} "
                f"and is used in {connection.schema_name!r}"
            )

    def save(self, *args, **kwargs):
        self.check_schema()
        super().save(*args, **kwargs)
        self.loaded_in_schema = connection.schema_name

    def delete(self, *args, **kwargs):
        self.check_schema()
        return super().delete(*args, **kwargs)


class Entity(SchemaBound):
    """The base columns (docs/architecture.md).

    `version`, `updated_at` and `change_xid` are set by a trigger (`domain.core.operations.TrackChanges`), so
    that `.update()` and restored revisions can't leave them behind; `version` is the ETag, `change_xid`
    orders changes for clients that synchronise.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # Users are never deleted (a trigger refuses); asking every schema first would be wasted.
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("updated by"),
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    change_xid = Xid8Field(null=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        # The trigger has the last word on these.
        self.version, self.change_xid = (
            type(self)._base_manager.filter(pk=self.pk).values_list("version", "change_xid").get()
        )
