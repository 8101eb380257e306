"""PostgreSQL backend that switches schema *and* role when the organisation changes.

The search path says where to look; the role says what may be touched. Both are sent as one statement, so
they can't disagree, and both follow rollbacks, savepoints and pools because the base class forgets its
cached state there. In the public schema the connection acts as its own login; in an organisation's schema
as that organisation's NOLOGIN role, which has rights in its own schema alone (`tenants.roles`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django_tenants.postgresql_backend import base
from django_tenants.utils import get_limit_set_calls, get_public_schema_name, quote_schema_name
from psycopg import sql
from psycopg.pq import TransactionStatus

from tenants.names import organization_role

from .schema import DatabaseSchemaEditor


@lru_cache(maxsize=5000)
def _entering(host: str, organization: str, version: str, switch: str) -> str:
    """The statements of `DatabaseWrapper.enter`: composing them costs more than remembering them."""
    # With the login's own rights, and always the same path: another one would have it planned anew.
    check = sql.SQL(
        "SET search_path = public; SET ROLE NONE; SELECT public.meander_answers({}, {}, {})"
    ).format(host, organization, version)
    return f"{check.as_string()}; {switch}; "


@lru_cache(maxsize=5000)
def _switching(database: str, schema: str, search_paths: tuple[str, ...]) -> str:
    """The statements that select an organisation; without `database`, with the login's own rights."""
    role = quote_schema_name(organization_role(database, schema)) if database else "NONE"
    path = ", ".join(quote_schema_name(path) for path in search_paths)
    return f"SET search_path = {path}; SET ROLE {role}"


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = DatabaseSchemaEditor

    def __init__(self, *args, **kwargs):
        self.schema_name: str = ""
        self.include_public_schema: bool = True
        self._setting_search_path: bool = False
        # > 0 while migrations, provisioning or dumps need the rights of the login itself.
        self._owner_depth = 0
        super().__init__(*args, **kwargs)

    def set_tenant(self, tenant, include_public=True):
        """Select the organisation for the next statement; nothing is sent to the server yet.

        Unlike the base class, the content type cache is kept: content types live in the public schema
        alone, so their ids are the same in every organisation.
        """
        unchanged = (self.schema_name, self.include_public_schema) == (tenant.schema_name, include_public)
        self.tenant = tenant
        self.schema_name = tenant.schema_name
        self.include_public_schema = include_public
        self.set_settings_schema(self.schema_name)
        if not unchanged:
            self.search_path_set_schemas = None

    def enter(self, host: str, version: str, question: str = "") -> tuple[bool, tuple[Any, ...] | None]:
        """Switch to the organisation that is selected, and return whether it is still what answers on a host.

        `version` is that of its row when it was read (`tenants.routing`). One round trip, which the first
        query would have made anyway; with it goes `question`, a query without parameters, which runs in the
        organisation's schema, as its role, and whose first row is returned beside. After False another schema
        must be selected, and the row must not be used.
        """
        search_paths = self._get_cursor_search_paths()
        self._setting_search_path = True
        self.search_path_set_schemas = None
        row = None
        try:
            with self.cursor() as cursor:
                switch = self._switch(search_paths)
                cursor.execute(_entering(host, str(self.tenant.pk), version, switch) + question)
                cursor.nextset()
                cursor.nextset()
                answers = bool(cursor.fetchone()[0])
                if question:
                    for _statement in ("SET search_path", "SET ROLE", "question"):
                        cursor.nextset()
                    row = cursor.fetchone()
            self.search_path_set_schemas = search_paths
        finally:
            self._setting_search_path = False
        return answers, row

    @contextmanager
    def as_owner(self) -> Iterator[None]:
        """Act with the rights of the login (owner of all tables) inside any schema.

        For migrations, provisioning, dumps: never reachable from a request, because web processes log in
        as a role that owns nothing.
        """
        self._owner_depth += 1
        self.search_path_set_schemas = None
        try:
            yield
        finally:
            self._owner_depth -= 1
            self.search_path_set_schemas = None

    def _handle_search_path(self, cursor=None):
        if self._setting_search_path or (get_limit_set_calls() and self.search_path_set_schemas):
            return
        if not self.schema_name:
            raise ImproperlyConfigured("No schema is selected: call set_tenant() or set_schema() first.")
        if self.connection.info.transaction_status == TransactionStatus.INERROR:
            # The transaction is lost: PostgreSQL refuses every statement until the rollback, which makes
            # the base class forget its state, so nothing can run in the wrong schema meanwhile.
            return

        search_paths = self._get_cursor_search_paths()
        statement = self._switch(search_paths)
        self._setting_search_path = True
        switcher = self.connection.cursor() if cursor is None else cursor
        try:
            # An error is not swallowed (the base class does): going on would mean going on in the schema
            # of the organisation before.
            switcher.execute(statement)
            self.search_path_set_schemas = search_paths
        finally:
            self._setting_search_path = False
            if cursor is None:
                switcher.close()

    def _close(self):
        """Give a pooled connection back; one that has touched many schemas is replaced instead.

        PostgreSQL keeps what a session has read of the catalogue until it ends: up to 2 MB for each schema.
        """
        if self.connection is not None and self.pool and self._has_touched_enough():
            self.connection._expire_at = 0.0  # The pool closes it, and opens another meanwhile.
        super()._close()

    def _has_touched_enough(self) -> bool:
        limit = settings.DATABASE_CONNECTION_MAX_SCHEMAS
        return len(getattr(self.connection, "touched_schemas", ())) >= limit

    def _switch(self, search_paths: list[str]) -> str:
        # Kept with the server's session, which the pool hands from thread to thread.
        self.connection.__dict__.setdefault("touched_schemas", set()).add(self.schema_name)
        acts_as_login = self.schema_name == get_public_schema_name() or bool(self._owner_depth)
        database = "" if acts_as_login else self.settings_dict["NAME"]
        return _switching(database, self.schema_name, tuple(search_paths))
