"""Which account of the operating system runs the database, and what it may reach.

PostgreSQL refuses to run as root. An ordinary user runs it themselves; root runs it as a system user made for
it, which must be let neither into root's folders nor past anybody's closed ones.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import LocalError

SYSTEM_USER = "meander-postgres"

# What the system user needs and cannot reach where it lies (binaries in a closed folder, the data of a closed
# checkout) goes here, owned by root or by that user.
SYSTEM_FOLDER = Path("/var/lib/meander-postgres")


@dataclass(frozen=True)
class Account:
    """An operating system account by name and ids."""

    name: str
    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        """Whether this process already runs as that account."""
        return self.uid == os.geteuid()

    def process_options(self) -> dict[str, Any]:
        """Options for `subprocess` that run a command as this account, in a folder everybody may enter."""
        if self.is_ours:
            return {"cwd": "/"}
        return {"cwd": "/", "user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """Whether the account may enter the folder: tried, not computed, so that ACLs count too."""
        tried = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            **self.process_options(),
        )
        return tried.returncode == 0

    def can_run(self, command: Path) -> bool:
        """Whether the account can start the command (and the libraries beside it)."""
        try:
            tried = subprocess.run(
                [str(command), "--version"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                **self.process_options(),
            )
        except OSError:
            return False
        return tried.returncode == 0


def of_uid(uid: int) -> Account:
    """The account with this id. Raises LocalError when the system has no such account."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise LocalError(
            f"The user id {uid} has no entry in the system's list of users, which PostgreSQL needs: add one."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def for_server(data: Path) -> Account:
    """Who runs the server on the data folder: its owner; of a new one ourselves, as root the system user."""
    ours = os.geteuid()
    if data.exists():
        owner = data.stat().st_uid
        if owner == ours and ours != 0:
            return of_uid(ours)
        if ours == 0 and owner != 0:
            return of_uid(owner)
        if ours != 0:
            raise LocalError(
                f"The data folder {data} belongs to the user {of_uid(owner).name}: run it as that user,"
                " or choose another folder with MEANDER_DATA."
            )
    if ours != 0:
        return of_uid(ours)
    return _system_user()


def _system_user() -> Account:
    for attempt in (_by_name, _made_with_useradd, _made_with_adduser):
        account = attempt()
        if account is not None:
            return account
    raise LocalError(
        f"PostgreSQL does not run as root and the system user {SYSTEM_USER} could not be made:"
        " run this as an ordinary user."
    )


def _by_name() -> Account | None:
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _made_with_useradd() -> Account | None:
    return _made(
        "useradd", "--system", "--user-group", "--no-create-home", "--home-dir", str(SYSTEM_FOLDER),
        "--shell", "/usr/sbin/nologin", SYSTEM_USER,
    )  # fmt: skip


def _made_with_adduser() -> Account | None:
    # BusyBox, as in Alpine.
    return _made(
        "adduser",
        "-S",
        "-D",
        "-H",
        "-h",
        str(SYSTEM_FOLDER),
        "-s",
        "/sbin/nologin",
        SYSTEM_USER,
    )


def _made(command: str, *arguments: str) -> Account | None:
    # /usr/sbin is often missing from the path of a root shell opened with `su`.
    found = shutil.which(command) or shutil.which(command, path="/usr/sbin:/sbin")
    if found is None:
        return None
    # Somebody else may be making the same user at the same moment: what counts is whether it is there
    # afterwards.
    subprocess.run([found, *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return _by_name()
