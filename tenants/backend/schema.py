"""Schema editor: no database foreign key leaves an organisation's schema."""

from functools import cache

from django.conf import settings
from django.db.backends.postgresql.schema import DatabaseSchemaEditor as PostgresSchemaEditor
from django_tenants.routers import TenantSyncRouter


@cache
def is_shared(app_label: str) -> bool:
    """Whether the app's tables live in the public schema."""
    return TenantSyncRouter().app_in_list(app_label, settings.SHARED_APPS)


class DatabaseSchemaEditor(PostgresSchemaEditor):
    """Drops the constraint, keeps the column, wherever a foreign key would cross into `public`.

    Real constraints to shared tables make deleting one user lock a table per organisation, and make each
    new organisation lock the user table. `manage.py check_references` finds orphans instead.
    """

    def create_model(self, model):
        for field in model._meta.local_fields:
            self._keep_inside_schema(model, field)
        super().create_model(model)

    def add_field(self, model, field):
        self._keep_inside_schema(model, field)
        super().add_field(model, field)

    def alter_field(self, model, old_field, new_field, strict=False):
        self._keep_inside_schema(model, old_field)
        self._keep_inside_schema(model, new_field)
        super().alter_field(model, old_field, new_field, strict)

    @staticmethod
    def _keep_inside_schema(model, field) -> None:
        if not field.remote_field or not getattr(field, "db_constraint", False):
            return
        target = field.remote_field.model
        if is_shared(target._meta.app_label) and not is_shared(model._meta.app_label):
            field.db_constraint = False
