"""The process between an embedded PostgreSQL and those who use it; run as a script, never imported by them.

It starts the server, stops it when nobody uses it any more, and takes it along when it dies itself. A user of
the server holds a shared lock on the file `users`; the system drops that lock whatever way the user's process
ends, so a user that was killed is not counted for ever. The keeper holds a lock on the file `keeper`, which
also says what it keeps. A `lock` around starting and stopping prevents that somebody joins a server that is
just leaving.

Only the standard library, because it runs isolated from the virtual environment (`python -I`).
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

POLL_SECONDS = 0.1
FAST_SHUTDOWN_SECONDS = 60
IMMEDIATE_SHUTDOWN_SECONDS = 10
PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int) -> None:
    """Asks Linux to signal this process when its parent dies; elsewhere nothing happens.

    To be called after a change of user, which would drop the wish again.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number)


class Keeper:
    """Keeps one server. `config`: home, data, socket, command, uid, gid, log (paths as text)."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.home = Path(config["home"])
        self.told_to_stop = False

    def run(self) -> int:
        """Serves until the last user has left; 0 when the server was stopped in order."""
        with (self.home / "keeper").open("a+") as note:
            # Waits at most for a predecessor that is just leaving: who starts us holds `lock`.
            fcntl.flock(note, fcntl.LOCK_EX)
            signal.signal(signal.SIGTERM, self._on_signal)
            signal.signal(signal.SIGINT, self._on_signal)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            server = self._start()
            self._write(note, server.pid)
            try:
                return self._watch(server)
            finally:
                note.truncate(0)
                shutil.rmtree(self.config["socket"], ignore_errors=True)

    def _on_signal(self, number: int, frame: object) -> None:
        self.told_to_stop = True

    def _start(self) -> subprocess.Popen[bytes]:
        options: dict[str, Any] = {}
        if self.config["uid"] != os.geteuid():
            options = {
                "user": self.config["uid"],
                "group": self.config["gid"],
                "extra_groups": [],
            }
        with Path(self.config["log"]).open("ab") as log:
            return subprocess.Popen(
                self.config["command"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                # This process has one thread, so the hook is safe. SIGINT is PostgreSQL's fast shutdown.
                preexec_fn=lambda: die_with_parent(signal.SIGINT),
                **options,
            )

    def _write(self, note: IO[str], server_pid: int) -> None:
        note.truncate(0)
        kept = {
            "keeper_pid": os.getpid(),
            "server_pid": server_pid,
            "socket": self.config["socket"],
            "data": self.config["data"],
        }
        note.write(json.dumps(kept))
        note.flush()

    def _watch(self, server: subprocess.Popen[bytes]) -> int:
        while server.poll() is None:
            if self.told_to_stop:
                return self._stop(server)
            if not self._is_used():
                with (self.home / "lock").open("a") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    # Somebody may have come while we waited for the lock.
                    if not self._is_used():
                        return self._stop(server)
            time.sleep(POLL_SECONDS)
        return 1

    def _is_used(self) -> bool:
        with (self.home / "users").open("a") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    @staticmethod
    def _stop(server: subprocess.Popen[bytes]) -> int:
        for number, patience in (
            (signal.SIGINT, FAST_SHUTDOWN_SECONDS),
            (signal.SIGQUIT, IMMEDIATE_SHUTDOWN_SECONDS),
        ):
            server.send_signal(number)
            try:
                return server.wait(patience)
            except subprocess.TimeoutExpired:
                continue
        server.kill()
        return server.wait()


if __name__ == "__main__":
    sys.exit(Keeper(json.loads(sys.argv[1])).run())
