"""A model with encrypted columns that only these tests have, in a registry of its own.

Nothing else of the tests, which walk all models, meets it. Its table is made in the schema that is selected.
"""

from typing import ClassVar, Self

from django.apps import apps
from django.apps.registry import Apps
from django.db import models
from psycopg import sql

from domain.core.scope import Scope
from domain.encryption.entities import SealedEntity
from domain.encryption.fields import EncryptedJSONField, EncryptedTextField
from tenants.db import connection

# References to people and keys are found here too; what is added stays here.
REGISTRY = Apps()
for _label, _models in apps.all_models.items():
    REGISTRY.all_models[_label].update(_models)


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, scope: Scope) -> Self:
        return self.filter(author_id=scope.user_id)


class Note(SealedEntity):
    author_id = models.UUIDField()
    title = models.CharField(max_length=100)
    body = EncryptedTextField("body", blank=True)
    health = EncryptedJSONField("health", blank=True)

    objects = NoteQuerySet.as_manager()
    audit_noun = "sealed-content"
    audit_subjects: ClassVar[tuple[str, ...]] = ("author_id",)
    audit_label: ClassVar[tuple[str, ...]] = ("title",)

    class Meta:
        # That it is an organisation's table, not a shared one, goes by this.
        app_label = "encryption"
        db_table = "zz_note"
        apps = REGISTRY

    def __str__(self):
        return self.title


def make_table(schema: str) -> None:
    """In a schema, as a migration would make it."""
    before = connection.tenant
    connection.set_schema(schema)
    with connection.as_owner():
        with connection.schema_editor() as editor:
            editor.create_model(Note)
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL(
                    "CREATE TRIGGER track_changes BEFORE INSERT OR UPDATE ON {} "
                    "FOR EACH ROW EXECUTE FUNCTION public.meander_track_changes()"
                ).format(sql.Identifier(schema, Note._meta.db_table))
            )
    connection.set_tenant(before)
