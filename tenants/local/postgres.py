"""An embedded PostgreSQL for development and tests, shared by all processes that name the same folder.

    with EmbeddedPostgres(Path("var/postgres")) as server:
        connect(server.url("meander", "meander_owner"))

It listens on a Unix socket in a closed folder only, and lets in (peer authentication) the account that runs
it and root. The server stops when its last user has stopped or died: see `keeper`.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import quote

from . import account, binaries, cluster
from .errors import NO_SPACE, LocalError, full_disk, is_full

OWNER = "meander_owner"
DATABASE = "meander"
START_SECONDS = 120
STOP_SECONDS = 90
LOG_BYTES = 10_000_000

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    # Organisations have many tables each; deleting or cloning one locks them all in one transaction.
    "max_locks_per_transaction": "256",
    "idle_in_transaction_session_timeout": "5min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "logging_collector": "off",
    "log_destination": "stderr",
    # Compiling a plan costs more than our short queries take.
    "jit": "off",
}

# For tests: a power cut may lose everything, in return nothing waits for the disk.
FLEETING = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}

# The application owns its database and makes roles, but is no superuser.
MAKE_OWNER = r"""
SELECT 'CREATE ROLE meander_owner LOGIN CREATEROLE CREATEDB'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'meander_owner') \gexec
SELECT 'CREATE DATABASE meander OWNER meander_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'meander') \gexec
"""

# Keepers this process has started, so that they can be reaped when they end.
_started: list[subprocess.Popen[bytes]] = []


class EmbeddedPostgres:
    """The server on one folder. `durable=False` trades safety against power cuts for speed (tests).

    `data_dir` is ours alone: besides the data it holds the locks and the log (log/postgres.log).
    Every object counts as one user from `start` to `stop`. All methods raise LocalError, one sentence,
    for what the person can mend.
    """

    def __init__(self, data_dir: Path, durable: bool = True) -> None:
        self.home = Path(os.path.abspath(data_dir))
        self.durable = durable
        self._users: IO[str] | None = None
        self._process = 0
        self._socket = ""

    # -- using it

    def start(self) -> None:
        """Starts the server, or joins the running one, and returns when it takes connections.

        Once started, another call by the same process only makes sure that the server is still there.
        """
        self._make_home()
        with self._open("lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._users is None or self._process != os.getpid():
                users = self._open("users")
                fcntl.flock(users, fcntl.LOCK_SH)
                self._users, self._process = users, os.getpid()
            try:
                if not self._join():
                    self._launch()
            except BaseException as error:
                self._leave()
                if isinstance(error, OSError) and is_full(error):
                    raise full_disk(self.home) from error
                raise

    def stop(self) -> None:
        """Stops using it; whoever is the last to do so waits until the server has stopped."""
        if self._users is None:
            return
        if self._process != os.getpid():
            # Inherited by a fork: the lock is our parent's.
            self._users.close()
            self._users = None
            return
        self._leave()
        deadline = time.monotonic() + STOP_SECONDS
        while self._kept() is not None and not self._has_users():
            if time.monotonic() > deadline:
                raise LocalError(f"PostgreSQL in {self.home} did not stop within {STOP_SECONDS} seconds.")
            time.sleep(0.02)
        for keeper in _started[:]:
            if keeper.poll() is not None:
                _started.remove(keeper)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def is_running(self) -> bool:
        """Whether the server is there and takes connections."""
        kept = self._kept()
        return kept is not None and cluster.ready_pid(Path(kept["data"])) == kept["server_pid"]

    def url(self, database: str, role: str) -> str:
        """Address of a database for a role, in the form of DATABASE_URL. The server must be started."""
        if not self._socket:
            raise RuntimeError("The server has not been started")
        return f"postgres://{quote(role)}@/{quote(database)}?host={quote(self._socket)}"

    def superuser_url(self, database: str) -> str:
        """As `url`, for PostgreSQL's superuser: for inspection and tests, never for the application."""
        return self.url(database, cluster.SUPERUSER)

    def remove(self) -> None:
        """Deletes the database, also what is outside `data_dir`. Raises LocalError while it is in use."""
        if not self.home.exists():
            return
        with self._open("lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._kept() is not None:
                raise LocalError(f"The database in {self.home} is in use: stop what uses it first.")
            data = self.data
            shutil.rmtree(data, ignore_errors=True)
            data.with_name(f"{data.name}.home").unlink(missing_ok=True)
            shutil.rmtree(self.home)

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "log" / "postgres.log"

    @property
    def data(self) -> Path:
        """The data folder itself (as root it may lie outside `data_dir`)."""
        return cluster.place(self.home)

    # -- starting

    def _make_home(self) -> None:
        # The system user must pass through when root runs us; nobody else needs to.
        mode = 0o711 if os.geteuid() == 0 else 0o700
        try:
            self.home.mkdir(mode=mode, parents=True, exist_ok=True)
            (self.home / "log").mkdir(mode=0o700, exist_ok=True)
            self._hand_over(self.home / "log")
        except OSError as error:
            if is_full(error):
                raise full_disk(self.home) from error
            raise LocalError(f"The folder {self.home} cannot be made: {error.strerror}.") from error

    def _open(self, name: str) -> IO[str]:
        path = self.home / name
        try:
            opened = path.open("a+")
        except OSError as error:
            if is_full(error):
                raise full_disk(self.home) from error
            raise LocalError(
                f"The file {path} cannot be opened ({error.strerror}): the folder belongs to another user."
            ) from error
        self._hand_over(path)
        return opened

    def _hand_over(self, path: Path) -> None:
        """What root makes in the folder of an ordinary user must belong to that user to be of use to them."""
        if os.geteuid() == 0:
            owner = self.home.stat()
            if owner.st_uid != 0:
                os.chown(path, owner.st_uid, owner.st_gid)

    def _join(self) -> bool:
        """Uses the server that is running. False when there is none."""
        deadline = time.monotonic() + START_SECONDS
        while (kept := self._kept()) is not None:
            # It may still be starting if the process that started it was killed meanwhile.
            if cluster.ready_pid(Path(kept["data"])) == kept["server_pid"]:
                self._socket = str(kept["socket"])
                return True
            if time.monotonic() > deadline:
                raise LocalError(f"PostgreSQL in {self.home} does not become ready: see {self.log}.")
            time.sleep(0.05)
        return False

    def _launch(self) -> None:
        server_account = account.for_server(cluster.place(self.home))
        data = cluster.place_for(self.home, server_account)
        installed = binaries.for_account(server_account)
        cluster.prepare(data, installed, server_account, durable=self.durable)
        cluster.clear_remains(data)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.log.touch(mode=0o600)
        self._hand_over(self.log)
        said_before = self.log.stat().st_size
        socket = self._socket_folder(server_account)
        settings = SETTINGS | ({} if self.durable else FLEETING) | {"unix_socket_directories": socket}
        command = [str(installed.command("postgres")), "-D", str(data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        config = {
            "home": str(self.home),
            "data": str(data),
            "socket": socket,
            "command": command,
            "uid": server_account.uid,
            "gid": server_account.gid,
            "log": str(self.log),
        }
        with self.log.open("ab") as log:
            keeper = subprocess.Popen(
                [sys.executable, "-I", str(Path(__file__).with_name("keeper.py")), json.dumps(config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # Ctrl-C in the terminal is for its users, not for it
            )
        _started.append(keeper)
        self._await(keeper, said_before)
        self._socket = socket
        self._make_owner(installed)

    def _await(self, keeper: subprocess.Popen[bytes], said_before: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_running():
            if keeper.poll() is not None:
                _started.remove(keeper)
                raise self._failure(said_before)
            if time.monotonic() > deadline:
                raise LocalError(f"PostgreSQL in {self.home} does not become ready: see {self.log}.")
            time.sleep(0.02)

    def _failure(self, said_before: int) -> LocalError:
        with self.log.open("rb") as log:
            log.seek(said_before)
            said = log.read().decode(errors="replace")
        if NO_SPACE in said:
            return full_disk(self.home)
        fatal = [line.partition("FATAL:")[2].strip() for line in said.splitlines() if "FATAL:" in line]
        reason = fatal[-1] if fatal else "it ended without saying why"
        return LocalError(f"PostgreSQL did not start ({reason}): see {self.log}.")

    def _socket_folder(self, server_account: account.Account) -> str:
        """A closed folder, always the same. Its name is short: a socket's path may have 100 characters."""
        key = hashlib.sha256(f"{server_account.uid}:{self.home}".encode()).hexdigest()[:10]
        # Not the system's choice of a temporary folder: on macOS its name alone is half as long as allowed.
        folder = Path("/tmp") / f"meander-{key}"  # noqa: S108 - made closed, and looked at when it exists
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            found = folder.lstat()
            if not (
                stat.S_ISDIR(found.st_mode)
                and found.st_uid in (server_account.uid, os.geteuid())
                and stat.S_IMODE(found.st_mode) == 0o700
            ):
                folder = Path(tempfile.mkdtemp(prefix="meander-", dir="/tmp"))
        if not server_account.is_ours:
            os.chown(folder, server_account.uid, server_account.gid)
        return str(folder)

    def _make_owner(self, installed: binaries.Binaries) -> None:
        done = subprocess.run(
            [
                str(installed.command("psql")),
                *("--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"),
                f"--host={self._socket}",
                f"--username={cluster.SUPERUSER}",
                "--dbname=postgres",
            ],
            input=MAKE_OWNER,
            capture_output=True,
            text=True,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            cwd="/",
            check=False,
        )
        if NO_SPACE in done.stderr:
            raise full_disk(self.home)
        if done.returncode != 0:
            raise LocalError(f"The role {OWNER} and its database could not be made: {done.stderr.strip()}")

    # -- stopping

    def _leave(self) -> None:
        if self._users is not None:
            fcntl.flock(self._users, fcntl.LOCK_UN)
            self._users.close()
            self._users = None

    def _has_users(self) -> bool:
        # The keeper looks the same way and holds the lock for an instant: one refusal proves nothing.
        for _attempt in range(3):
            with self._open("users") as users:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    time.sleep(0.005)
                else:
                    return False
        return True

    def _kept(self) -> dict[str, Any] | None:
        """What the running keeper has written down; None when no keeper runs."""
        path = self.home / "keeper"
        while path.exists():
            with self._open("keeper") as note:
                try:
                    fcntl.flock(note, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    note.seek(0)
                    try:
                        kept: dict[str, Any] = json.loads(note.read())
                        return kept
                    except ValueError:
                        # Between taking the lock and writing, or about to leave.
                        pass
                else:
                    return None
            time.sleep(0.01)
        return None
