"""PostgreSQL roles: the second wall.

Three kinds, all NOLOGIN but the first:

* the *web login* (name and password from WEB_DATABASE_URL): NOINHERIT, owns nothing, may read what
  resolving a host needs, and may `SET ROLE` to any organisation's role;
* one role *per organisation*, with rights in its own schema and, through
* the *shared role*, in the tables of the public schema listed in `SHARED_TABLES`.

The owner (DATABASE_URL) migrates and provisions; it enters an organisation by `SET ROLE` as well.
Which *rows* of the shared tables a role sees is a matter of policies: of organisations in tenants/migrations,
of people in domain/identity/migrations. What the wall does not stop: injected SQL that itself says
`RESET ROLE` (docs/security.md).
"""

import environ
from django.conf import settings
from django.db import transaction
from psycopg import sql

from tenants.db import connection

from .names import organization_role, shared_role

# Rights on the tables of the public schema: (web login, every organisation, the platform's organisation).
# A test compares the keys with the tables that exist: a new shared table must be classified here.
SHARED_TABLES: dict[str, tuple[str, str, str]] = {
    "django_migrations": ("SELECT", "SELECT", "SELECT"),
    "django_content_type": ("", "SELECT", "SELECT"),
    "auth_permission": ("", "SELECT", "SELECT"),
    "auth_group": ("", "SELECT", "SELECT"),
    "auth_group_permissions": ("", "SELECT", "SELECT"),
    # Its own row alone, by a policy (tenants/migrations/0002); never its status, schema or kind.
    "tenants_organization": (
        "SELECT",
        "SELECT, UPDATE (name, short_name, contact_email, default_language, time_zone, logo, brand_color, "
        "is_listed, updated_at)",
        "SELECT, INSERT, UPDATE",
    ),
    "tenants_domain": ("SELECT", "SELECT", "SELECT, INSERT, UPDATE, DELETE"),
    "tenants_organizationhierarchy": ("", "SELECT", "SELECT, INSERT, UPDATE, DELETE"),
    "tenants_jobrun": ("", "SELECT, INSERT", "SELECT, INSERT, UPDATE"),
    "tenants_heartbeat": ("SELECT", "SELECT", "SELECT"),
    # Its own keys alone, by a policy (tenants/migrations/0004).
    "tenants_destroyedkey": ("", "INSERT", "INSERT"),
    # From here on policies say whose rows (domain/identity/migrations/0006).
    "identity_user": ("", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE"),
    "identity_membership": ("", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE"),
    "identity_usersession": ("", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE"),
    "identity_refreshtoken": ("", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE"),
    "identity_devicekey": ("", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE"),
    "identity_knowndevice": ("", "SELECT, INSERT, UPDATE, DELETE", "SELECT, INSERT, UPDATE, DELETE"),
    "identity_passkeycredential": ("", "SELECT, INSERT, UPDATE, DELETE", "SELECT, INSERT, UPDATE, DELETE"),
    "identity_passkeychallenge": ("", "SELECT, INSERT, DELETE", "SELECT, INSERT, DELETE"),
    "identity_recoverycode": ("", "SELECT, INSERT, UPDATE, DELETE", "SELECT, INSERT, UPDATE, DELETE"),
    "identity_supportaccessgrant": ("", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE"),
    # Keys are keyed hashes: what one organisation's role reads here tells it nothing of another.
    "identity_ratecounter": ("", "SELECT, INSERT, UPDATE, DELETE", "SELECT, INSERT, UPDATE, DELETE"),
    # What the grant counts: read by all, written by the platform's staff.
    "grants_ruleset": ("", "SELECT", "SELECT, INSERT, UPDATE"),
    "grants_countingrule": ("", "SELECT", "SELECT, INSERT, UPDATE, DELETE"),
    # INSERT … RETURNING id needs the column's SELECT; the payloads of others stay unreadable.
    "django_q_ormq": ("", "INSERT, SELECT (id)", "INSERT, SELECT (id)"),
    "django_q_schedule": ("", "", ""),
    "django_q_task": ("", "", ""),
}
# Functions of the public schema that run with the owner's rights: (web login, every organisation, platform).
SHARED_FUNCTIONS: dict[str, tuple[bool, bool, bool]] = {
    "meander_behind(text[], text[], text[])": (True, False, True),
    # What people, sessions and memberships need beyond their policies (domain/identity/elsewhere.py).
    "meander_memberships(uuid)": (False, True, True),
    "meander_sessions(uuid)": (False, True, True),
    "meander_person_by_email(text)": (False, True, True),
    "meander_passkey_of_address(bytea, text)": (False, True, True),
    "meander_people_found(tsquery)": (False, True, True),
    "meander_support(uuid)": (False, True, True),
    "meander_helper(uuid)": (False, True, True),
    "meander_last_use(uuid)": (False, False, True),
}
# In an organisation's own schema: what deviates from SELECT, INSERT, UPDATE, DELETE.
TENANT_TABLES: dict[str, str] = {
    "django_migrations": "SELECT",
    "audit_auditevent": "SELECT, INSERT",
    # Erasing a part is the owner's, in a job (domain/audit/erasure.py).
    "audit_auditdetail": "SELECT, INSERT",
    # The sealer's alone.
    "audit_auditseal": "SELECT",
    "audit_auditnode": "SELECT",
    "audit_audithead": "SELECT",
    "audit_auditanchoring": "SELECT",
    # Made and rotated by the owner, in provisioning and jobs.
    "encryption_organizationkey": "SELECT",
    # Destroyed, never deleted.
    "encryption_recordkey": "SELECT, INSERT, UPDATE",
}
# Repeated after each migration: new tables get it all, these must not.
_RESTRICTIONS = [
    f"REVOKE ALL ON {{schema}}.{table} FROM {{role}}; GRANT {rights} ON {{schema}}.{table} TO {{role}}"
    for table, rights in TENANT_TABLES.items()
]


def _execute(statement: str, **names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(**{k: sql.Identifier(v) for k, v in names.items()}))


def _database() -> str:
    return connection.settings_dict["NAME"]


def _exists(role: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        return cursor.fetchone() is not None


def role_exists(schema: str) -> bool:
    return _exists(organization_role(_database(), schema))


def web_login() -> tuple[str, str] | None:
    """User name and password of WEB_DATABASE_URL, if web processes have a login of their own."""
    env = environ.Env()
    if not env("WEB_DATABASE_URL", default=""):
        return None
    url = env.db_url("WEB_DATABASE_URL")
    return url["USER"], url.get("PASSWORD", "")


def _owner() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        return cursor.fetchone()[0]


def install_roles() -> None:
    """Create the shared role and the web login where they are missing, and set the login's password."""
    shared = shared_role(_database())
    if not _exists(shared):
        _execute("CREATE ROLE {role} NOLOGIN NOINHERIT", role=shared)
    login = web_login()
    if login and login[0] != _owner():
        user, password = login
        if not _exists(user):
            _execute("CREATE ROLE {role} LOGIN NOINHERIT", role=user)
        if password:
            with connection.cursor() as cursor:
                cursor.execute(
                    sql.SQL("ALTER ROLE {role} PASSWORD {password}").format(
                        role=sql.Identifier(user), password=sql.Literal(password)
                    )
                )


@transaction.atomic
def grant_shared() -> None:
    """Rights on the public schema, as `SHARED_TABLES` says; safe to repeat, nobody notices meanwhile."""
    login = web_login()
    if login and login[0] != _owner():
        _grant_public(login[0], 0)
    shared = shared_role(_database())
    _grant_public(shared, 1)
    _execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}", role=shared)


@transaction.atomic
def grant_platform() -> None:
    """The additional rights of the platform's own organisation, if it exists yet; safe to repeat."""
    if role_exists(settings.PLATFORM_SCHEMA):
        _grant_public(organization_role(_database(), settings.PLATFORM_SCHEMA), 2)


def _grant_public(role: str, column: int) -> None:
    """One script: sixty statements one by one take longer to send than to run."""
    statements = ["GRANT USAGE ON SCHEMA public TO {role}"]
    for table, rights in SHARED_TABLES.items():
        statements.append(f"REVOKE ALL ON public.{table} FROM {{role}}")
        if rights[column]:
            statements.append(f"GRANT {rights[column]} ON public.{table} TO {{role}}")
    statements += [
        f"GRANT EXECUTE ON FUNCTION public.{function} TO {{role}}"
        for function, allowed in SHARED_FUNCTIONS.items()
        if allowed[column]
    ]
    _execute("; ".join(statements), role=role)


def grant_readiness(template: str) -> None:
    """Let the web login see which migrations the template has, for /health/ready; safe to repeat."""
    login = web_login()
    if login and login[0] != _owner():
        _execute("GRANT USAGE ON SCHEMA {schema} TO {web}", schema=template, web=login[0])
        _execute("GRANT SELECT ON {schema}.django_migrations TO {web}", schema=template, web=login[0])


def grant_schema(schema: str, *, platform: bool = False) -> None:
    """Create the organisation's role and give it its schema; safe to repeat, transactional. One script."""
    role, owner = organization_role(_database(), schema), _owner()
    statements = [] if _exists(role) else ["CREATE ROLE {role} NOLOGIN INHERIT"]
    statements += [
        "GRANT {shared} TO {role} WITH INHERIT TRUE, SET FALSE",
        "GRANT {role} TO {owner} WITH INHERIT FALSE, SET TRUE",
    ]
    login = web_login()
    if login and login[0] != owner:
        statements.append("GRANT {role} TO {web} WITH INHERIT FALSE, SET TRUE")
    everything = "SELECT, INSERT, UPDATE, DELETE"
    new_objects = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema}"
    statements += [
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT {everything} ON ALL TABLES IN SCHEMA {{schema}} TO {{role}}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        f"{new_objects} GRANT {everything} ON TABLES TO {{role}}",
        f"{new_objects} GRANT USAGE ON SEQUENCES TO {{role}}",
        *_RESTRICTIONS,
    ]
    _execute(
        ";".join(statements),
        role=role,
        owner=owner,
        schema=schema,
        shared=shared_role(_database()),
        web=login[0] if login else "",
    )
    if platform:
        _grant_public(role, 2)


def schemas_lacking_rights(schemas: list[str]) -> set[str]:
    """Those whose role is missing, can't read a table, may do what `TENANT_TABLES` withholds, or can't be
    taken on by the web login: what an interrupted run or a restored database leaves. One query for all."""
    login = web_login()
    withheld = [
        (table, right)
        for table, rights in TENANT_TABLES.items()
        for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
        if right not in rights
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH wanted AS (SELECT * FROM unnest(%(schemas)s::text[], %(roles)s::text[]) AS w(schema, role)),
            found AS (SELECT w.schema, r.oid AS role, n.oid AS namespace FROM wanted w
                      JOIN pg_roles r ON r.rolname = w.role JOIN pg_namespace n ON n.nspname = w.schema),
            withheld AS (SELECT * FROM unnest(%(tables)s::text[], %(rights)s::text[]) AS t(name, "right"))
            SELECT schema FROM wanted WHERE schema NOT IN (SELECT schema FROM found)
            UNION
            SELECT schema FROM found WHERE NOT has_schema_privilege(role, namespace, 'USAGE')
                OR (%(web)s <> '' AND NOT pg_has_role(to_regrole(%(web)s), role, 'SET'))
            UNION
            SELECT f.schema FROM pg_class c JOIN found f ON f.namespace = c.relnamespace
            WHERE c.relkind = 'r' AND NOT has_table_privilege(f.role, c.oid, 'SELECT')
            UNION
            SELECT f.schema FROM withheld t JOIN pg_class c ON c.relname = t.name AND c.relkind = 'r'
            JOIN found f ON f.namespace = c.relnamespace
            WHERE has_table_privilege(f.role, c.oid, t."right")
            """,
            {
                "schemas": schemas,
                "roles": [organization_role(_database(), schema) for schema in schemas],
                "tables": [table for table, _ in withheld],
                "rights": [right for _, right in withheld],
                "web": sql.Identifier(login[0]).as_string() if login and login[0] != _owner() else "",
            },
        )
        return {row[0] for row in cursor.fetchall()}


def drop_role(schema: str) -> None:
    """Remove the organisation's role after its schema is gone."""
    role = organization_role(_database(), schema)
    if _exists(role):
        # Our login is a member by SET only; DROP OWNED needs the rights of the role for a moment.
        _execute("GRANT {role} TO {owner} WITH INHERIT TRUE, SET TRUE", role=role, owner=_owner())
        _execute("DROP OWNED BY {role}", role=role)
        _execute("DROP ROLE {role}", role=role)
