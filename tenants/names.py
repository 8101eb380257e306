"""Names of schemas and database roles."""

import hashlib
import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# 40 characters: a role name is the schema's with a prefix, and PostgreSQL cuts names at 63 bytes.
SCHEMA_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
RESERVED = frozenset({"public", "platform", "information_schema", "meander_template", "postgres", "template"})
RESERVED_PREFIXES = ("pg_", "meander_")


def is_schema_name(name: str) -> bool:
    """Whether the name has the only form we put into SQL, paths and cache keys."""
    return bool(SCHEMA_NAME.fullmatch(name))


def validate_new_schema_name(name: str) -> None:
    """Raise ValidationError unless an organisation may take this schema name."""
    if not is_schema_name(name):
        raise ValidationError(
            _(
                "“%(name)s” can't be used as a schema name: use 1 to 40 small letters a–z, digits and "
                "underscores, beginning with a letter."
            ),
            code="schema-name-invalid",
            params={"name": name},
        )
    if name in RESERVED or name.startswith(RESERVED_PREFIXES):
        raise ValidationError(
            _("“%(name)s” is reserved: choose another schema name."),
            code="schema-name-reserved",
            params={"name": name},
        )


def role_prefix(database: str) -> str:
    """Roles are cluster-wide, so their names carry a hash of the database they belong to."""
    return "m_" + hashlib.sha256(database.encode()).hexdigest()[:8]


def organization_role(database: str, schema_name: str) -> str:
    """The NOLOGIN role whose rights end at the organisation's schema."""
    if not is_schema_name(schema_name):
        raise ValueError(f"not a schema name: {schema_name!r}")
    return f"{role_prefix(database)}_{schema_name}"


def shared_role(database: str) -> str:
    """The NOLOGIN role that carries what every organisation may do in the public schema."""
    return f"{role_prefix(database)}__shared"
