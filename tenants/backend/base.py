"""PostgreSQL backend that switches schema *and* role when the organisation changes.

The search path says where to look; the role says what may be touched. Both are sent as one statement, so
they can't disagree, and both follow rollbacks, savepoints and pools because the base class forgets its
cached state there. In the public schema the connection acts as its own login; in an organisation's schema
as that organisation's NOLOGIN role, which has rights in its own schema alone (`tenants.roles`).
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import NotSupportedError
from django_tenants.postgresql_backend import base
from django_tenants.utils import get_limit_set_calls, get_public_schema_name, quote_schema_name
from psycopg import sql
from psycopg.pq import TransactionStatus

from tenants.names import organization_role

from .schema import DatabaseSchemaEditor
from .statements import Ask, Plans, Statement, running

# Texts in which nothing means anything to SQL.
_PLAIN = re.compile(r"[\w .,:;@/+{}\[\]\"-]*\Z").match


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

    def enter(self, host: str, version: str, ask: Ask | None = None) -> tuple[bool, tuple[Any, ...] | None]:
        """Switch to the organisation that is selected, and return whether it is still what answers on a host.

        `version` is that of its row when it was read (`tenants.routing`). One round trip, which the first
        query would have made anyway; with it goes `ask`, which runs in the organisation's schema, as its
        role, and whose first row is returned beside. After False another schema must be selected, and the
        row must not be used.
        """
        try:
            return self._enter(host, version, ask)
        except NotSupportedError:
            # What a kept statement answers has changed its type: a migration ran meanwhile.
            if ask is None or self.in_atomic_block:
                raise
            return self._enter(host, version, ask)

    def _enter(self, host: str, version: str, ask: Ask | None) -> tuple[bool, tuple[Any, ...] | None]:
        search_paths = self._get_cursor_search_paths()
        self._setting_search_path = True
        self.search_path_set_schemas = None
        row, key, name = None, None, None
        try:
            with self.cursor() as cursor:
                text = _entering(host, str(self.tenant.pk), version, self._switch(search_paths))
                if ask is not None:
                    statement, values = ask
                    key = self._plan_key(statement)
                    name = self._plans.name(key)
                    text += running(name, values) if name else statement.written(values)
                try:
                    cursor.execute(text)
                except Exception:
                    if key is not None:
                        self._plans.forget(key)
                    raise
                cursor.nextset()
                cursor.nextset()
                answers = bool(cursor.fetchone()[0])
                if key is not None:
                    for _statement in ("SET search_path", "SET ROLE", "ask"):
                        cursor.nextset()
                    row = cursor.fetchone()
                    if name is None and answers and key[0].has_run:
                        with self.wrap_database_errors:
                            self._plans.prepare(key, cursor.cursor)
                    key[0].has_run = True
            self.search_path_set_schemas = search_paths
        finally:
            self._setting_search_path = False
        return answers, row

    def run(self, statement: Statement, values: Sequence[str] = ()) -> list[tuple[Any, ...]]:
        """The rows of a statement in the organisation that is selected; none of one that answers nothing.

        From its second time on PostgreSQL keeps its plan. `values` are SQL (`literal`).
        """
        try:
            return self._run(statement, values)
        except NotSupportedError:
            # What it answers has changed its type: a migration ran meanwhile.
            if self.in_atomic_block:
                raise
            return self._run(statement, values)

    def _run(self, statement: Statement, values: Sequence[str]) -> list[tuple[Any, ...]]:
        key = self._plan_key(statement)
        with self.cursor() as cursor:
            name = self._plans.name(key)
            if name is None and statement.has_run:
                with self.wrap_database_errors:
                    name = self._plans.prepare(key, cursor.cursor)
            try:
                cursor.execute(running(name, values) if name else statement.written(values))
            except Exception:
                self._plans.forget(key)
                raise
            statement.has_run = True
            # psycopg's own: what wraps it looks each name up anew.
            answer = cursor.cursor
            return answer.fetchall() if answer.description else []

    def literal(self, value: Any) -> str:
        """A value as SQL; what it is taken for is the statement's matter."""
        if value is None:
            return "NULL"
        if isinstance(value, UUID | date):  # A datetime is a date.
            return f"'{value}'"
        if isinstance(value, bytes):
            return f"'\\x{value.hex()}'"
        if isinstance(value, str) and _PLAIN(value):
            return f"'{value}'"
        self.ensure_connection()
        return sql.Literal(value).as_string(self.connection)

    def _plan_key(self, statement: Statement) -> tuple[Statement, str, bool]:
        return statement, self.schema_name, bool(self._owner_depth)

    @property
    def _plans(self) -> Plans:
        # Kept with the server's session, which the pool hands from thread to thread.
        kept: dict[str, Any] = self.connection.__dict__
        if "plans" not in kept:
            kept["plans"] = Plans()
        return kept["plans"]

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
