"""A PostgreSQL server of the person's own, named by DATABASE_URL."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from .errors import LocalError

SCHEMES = ("postgres", "postgresql", "psql", "pgsql")
OLDEST_MAJOR = 16
CONNECT_SECONDS = 10


def web_url(owner_url: str, user: str, password: str) -> str:
    """The address of the same database for the web processes' own login."""
    parts = urlsplit(owner_url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{place}"))


def without_password(url: str) -> str:
    """The address as it may be shown."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    user, place = parts.username or "", parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:…@{place}"))


def check(url: str, variable: str = "DATABASE_URL") -> None:
    """Raises LocalError when the address is no PostgreSQL one, or its server doesn't answer or is too old."""
    import psycopg  # the launcher itself must work without what is installed in the virtual environment

    parts = urlsplit(url)
    shown = without_password(url)
    if parts.scheme not in SCHEMES:
        raise LocalError(f"{variable} must begin with postgres:// and does not: {shown}")
    try:
        with psycopg.connect(_conninfo(url), connect_timeout=CONNECT_SECONDS) as connection:
            version = connection.info.server_version
    except (psycopg.Error, ValueError) as error:
        reason = " ".join(str(error).split())
        raise LocalError(f"The database of {variable} ({shown}) cannot be reached: {reason}") from None
    if version // 10_000 < OLDEST_MAJOR:
        raise LocalError(
            f"The server of {variable} is PostgreSQL {version // 10_000};"
            f" Meander needs {OLDEST_MAJOR} or newer."
        )


def _conninfo(url: str) -> str:
    """The address as libpq wants it; options that are Django's (such as conn_max_age) are left out."""
    import psycopg
    from psycopg.conninfo import make_conninfo

    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    parts = urlsplit(url)
    named = {
        "host": unquote(parts.hostname or ""),
        "port": str(parts.port or ""),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "dbname": unquote(parts.path.lstrip("/")),
    }
    named |= {name.lower(): value for name, value in parse_qsl(parts.query) if name.lower() in known}
    named.pop("connect_timeout", None)
    return make_conninfo("", **{name: value for name, value in named.items() if value})
