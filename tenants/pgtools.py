"""PostgreSQL's own programs, of a version that fits the server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

from tenants.db import connection
from tenants.local import binaries
from tenants.local.errors import LocalError


class ProgramMissing(RuntimeError):
    """No program of that name, or none as new as the server."""


class ProgramFailed(RuntimeError):
    """The program ended with an error; the message is what it said."""


def run(name: str, *arguments: str) -> None:
    """Run `pg_dump` or `pg_restore` against our database, as the login of this process.

    The password goes by environment, so that no process list shows it. Raises ProgramMissing, ProgramFailed.
    """
    done = subprocess.run(  # noqa: S603 - no shell; our program, our arguments
        [str(program(name)), "--no-password", *arguments],
        env=_environment(),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        raise ProgramFailed(f"{name}: {done.stderr.strip() or f'ended with code {done.returncode}'}")


def program(name: str) -> Path:
    """The first one found that is at least as new as the server (an older pg_dump refuses to work).

    Looked for in settings.POSTGRES_BIN_DIR, on PATH, and in the embedded PostgreSQL's package.
    """
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        server = int(cursor.fetchone()[0]) // 10_000
    found = []
    for path in _candidates(name):
        major = _major(path)
        if major >= server:
            return path
        found.append(f"{path} ({major})")
    raise ProgramMissing(
        f"No {name} of PostgreSQL {server} or newer was found"
        + (f", only {', '.join(found)}" if found else "")
        + ": install the client programs, or name their folder in POSTGRES_BIN_DIR."
    )


def _candidates(name: str) -> Iterator[Path]:
    if settings.POSTGRES_BIN_DIR:
        yield Path(settings.POSTGRES_BIN_DIR, name)
        return
    if on_path := shutil.which(name):
        yield Path(on_path)
    try:
        embedded = binaries.find().command(name)
    except LocalError:
        return
    if embedded.exists():
        yield embedded


@cache
def _major(path: Path) -> int:
    try:
        said = subprocess.run(  # noqa: S603 - a program we have just found
            [str(path), "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    number = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(number.group(1)) if number else 0


def _environment() -> dict[str, str]:
    parameters = connection.get_connection_params()
    named = {
        "PGHOST": "host",
        "PGPORT": "port",
        "PGUSER": "user",
        "PGPASSWORD": "password",
        "PGDATABASE": "dbname",
        "PGSSLMODE": "sslmode",
        "PGSSLROOTCERT": "sslrootcert",
    }
    given = {variable: str(parameters[key]) for variable, key in named.items() if parameters.get(key)}
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "PGCONNECT_TIMEOUT": "10", **given}
