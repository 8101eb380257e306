"""The data folder of an embedded PostgreSQL: making, checking, and tidying it after a crash."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

from .account import SYSTEM_FOLDER, Account
from .binaries import Binaries, make_system_folder
from .errors import NO_SPACE, LocalError, full_disk, is_full, require_space

NEW_CLUSTER_MEGABYTES = 300
RUNNING_CLUSTER_MEGABYTES = 50
SUPERUSER = "postgres"
IDENT_MAP = "meander"


def place(home: Path) -> Path:
    """Where the data of this home is: beside its locks, or where the pointer file `location` says."""
    pointer = home / "location"
    if pointer.exists():
        return Path(pointer.read_text(encoding="utf-8").strip())
    return home / "data"


def place_for(home: Path, account: Account) -> Path:
    """As `place`, after making sure that the account can get there.

    As root the server's account may not be able to enter the checkout (a closed home, a strict umask). We
    open nothing: the data then lives in a system folder, and `location` points there. Data that is already
    there when a checkout becomes closed moves along.
    """
    data = place(home)
    if data.parent != home:
        _claim(data, home)
        return data
    if account.is_ours or account.can_enter(home):
        return data
    elsewhere = SYSTEM_FOLDER / f"data-{secrets.token_hex(6)}"
    make_system_folder()
    if data.exists():
        shutil.move(data, elsewhere)
    _claim(elsewhere, home)
    (home / "location").write_text(f"{elsewhere}\n", encoding="utf-8")
    return elsewhere


def _claim(elsewhere: Path, home: Path) -> None:
    """Notes whose the data is. A moved checkout keeps its data; the copy of one must not use the same."""
    note = elsewhere.with_name(f"{elsewhere.name}.home")
    if note.exists():
        owner = Path(note.read_text(encoding="utf-8").strip())
        if owner != home and (owner / "location").exists() and place(owner) == elsewhere:
            raise LocalError(
                f"The data of {home} is that of {owner}, of which it is a copy: delete {home / 'location'}"
                " to begin with an empty database."
            )
    note.write_text(f"{home}\n", encoding="utf-8")


def check_version(data: Path, major: int) -> None:
    """Raises LocalError when another major version of PostgreSQL made the folder, or it is something else."""
    version = data / "PG_VERSION"
    if not version.exists():
        if data.exists() and any(data.iterdir()):
            raise LocalError(
                f"The folder {data} is not a data folder of PostgreSQL:"
                " move it away to begin with an empty database."
            )
        return
    found = version.read_text(encoding="ascii").strip()
    if found != str(major):
        raise LocalError(
            f"The data folder {data} was made by PostgreSQL {found} and this is PostgreSQL {major}:"
            " dump it with the old version and load it here, or move it away to begin with an empty database."
        )


def prepare(data: Path, binaries: Binaries, account: Account, *, durable: bool) -> None:
    """Makes the cluster if it isn't there, and writes who may log in.

    A new one appears under its name only when it is complete. Raises LocalError for a full disk and whatever
    else keeps `initdb` from working.
    """
    check_version(data, binaries.major)
    try:
        if (data / "PG_VERSION").exists():
            require_space(data, RUNNING_CLUSTER_MEGABYTES, "the database")
        else:
            require_space(data, NEW_CLUSTER_MEGABYTES, "a new database")
            _create(data, binaries, account, durable=durable)
        _write_access(data, account)
    except OSError as error:
        if is_full(error):
            raise full_disk(data) from error
        raise


def _create(data: Path, binaries: Binaries, account: Account, *, durable: bool) -> None:
    unfinished = data.with_name(f".new-{data.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    os.chown(unfinished, account.uid, account.gid)
    made = subprocess.run(
        [
            str(binaries.command("initdb")),
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            "--auth=peer",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
            *([] if durable else ["--no-sync"]),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        check=False,
        **account.process_options(),
    )
    if made.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        if NO_SPACE in made.stdout or "Disk quota exceeded" in made.stdout:
            raise full_disk(data)
        lines = [line for line in made.stdout.splitlines() if "error:" in line or "FATAL:" in line]
        reason = lines[-1] if lines else made.stdout.strip().rpartition("\n")[2]
        raise LocalError(f"The database could not be made in {data}: {reason}")
    if data.exists():
        data.rmdir()  # check_version let it pass, so it is empty
    unfinished.rename(data)


def _write_access(data: Path, account: Account) -> None:
    """Only over the socket, only for the account that runs us and root; these may log in as any role."""
    _replace(data / "pg_hba.conf", f"local all all peer map={IDENT_MAP}\n", account)
    names = sorted({account.name, "root"})
    _replace(
        data / "pg_ident.conf",
        "".join(f'{IDENT_MAP} "{name}" all\n' for name in names),
        account,
    )


def _replace(path: Path, text: str, account: Account) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    new = path.with_name(f"{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.chmod(0o600)
    os.chown(new, account.uid, account.gid)
    new.replace(path)


def clear_remains(data: Path, patience: float = 30) -> None:
    """Deals with what an earlier server left when it or its keeper was killed, or the power was cut.

    A server still running on the folder is asked to stop. A pid file whose number now belongs to some other
    process (after a restart of the machine or container numbers come again) would keep PostgreSQL from
    starting: its number is replaced by one that is certainly free, and the rest stays, from which PostgreSQL
    itself checks that no process of the old server still has the shared memory.
    """
    pid_file = data / "postmaster.pid"
    deadline = time.monotonic() + patience
    asked = False
    while (pid := _recorded_pid(pid_file)) is not None and _is_alive(pid):
        if not _is_server_of(pid, data):
            lines = pid_file.read_text(encoding="utf-8").splitlines(keepends=True)
            pid_file.write_text("".join([f"{_free_pid()}\n", *lines[1:]]), encoding="utf-8")
            return
        if time.monotonic() > deadline:
            raise LocalError(
                f"Another PostgreSQL (process {pid}) holds the data folder {data} and does not stop:"
                " end it first."
            )
        if not asked:
            os.kill(pid, signal.SIGINT)
            asked = True
        time.sleep(0.05)


def _recorded_pid(pid_file: Path) -> int | None:
    try:
        return abs(int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0]))
    except (FileNotFoundError, ValueError):
        return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_server_of(pid: int, data: Path) -> bool:
    """Whether the process is a PostgreSQL server that works in this data folder."""
    proc = Path("/proc") / str(pid)
    if proc.exists():
        try:
            # The server's working folder is its data folder.
            return (proc / "cwd").readlink() == data.resolve()
        except OSError:
            return False
    listed = subprocess.run(
        ["/bin/ps", "-p", str(pid), "-o", "command="],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return "postgres" in listed.stdout and str(data) in listed.stdout


def _free_pid() -> int:
    """The number of a process that has just ended."""
    ended = subprocess.Popen(["/bin/sh", "-c", ":"])
    ended.wait()
    return ended.pid


def ready_pid(data: Path) -> int | None:
    """The process id of the server that reports itself ready on this folder, from its pid file."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if len(lines) >= 8 and lines[7].strip() == "ready" and lines[0].isdigit():
        return int(lines[0])
    return None
