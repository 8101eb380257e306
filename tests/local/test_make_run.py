"""The whole of `make run`: from an empty data folder to a ready site, through accidents, to nothing left."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tenants.local import cluster
from tenants.local.postgres import EmbeddedPostgres

from .conftest import PROJECT, processes_about, wait_for
from .test_run import free_port

# The first start migrates from nothing; machines that run tests are often busy with others.
FIRST_START_SECONDS = 600
SECONDS = 120


class Running:
    """A `make run` whose lines go to a file."""

    def __init__(self, data: Path, port: int, lines: Path) -> None:
        self.port = port
        self.lines = lines
        clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with lines.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tenants.local.run"],
                cwd=PROJECT,
                env=clean | {"MEANDER_DATA": str(data), "PORT": str(port), "PYTHONUNBUFFERED": "1"},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def said(self, text: str) -> bool:
        return text in self.lines.read_text(errors="replace")

    def await_ready(self, seconds: float) -> None:
        wait_for(lambda: self.said("Meander is ready") or self.process.poll() is not None, seconds)
        assert self.process.poll() is None, self.lines.read_text(errors="replace")[-3000:]

    def get(self, path: str, host: str = "localhost") -> int:
        """The status of a page; 0 when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers={"Host": f"{host}:{self.port}"})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def program(self, *words: str) -> psutil.Process | None:
        """The first process of a program, by words of its command line; None while there is none."""
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if set(words) <= set(process.cmdline()):
                    found.append(process)
        return min(found, key=lambda process: process.create_time(), default=None)

    def kill(self, *words: str) -> None:
        """Kills the first process of a program and waits until another one has its place."""
        killed = self.program(*words)
        assert killed is not None
        killed.kill()
        wait_for(lambda: self.program(*words) not in (None, killed), SECONDS)

    def interrupt(self) -> int:
        """Ctrl-C, which the terminal sends to the whole group; the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(SECONDS)


@contextmanager
def make_run(data: Path, lines: Path) -> Iterator[Running]:
    running = Running(data, free_port(), lines)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.terminate()
            running.process.wait(SECONDS)


def test_from_an_empty_folder_through_accidents_to_nothing_left_running(tmp_path: Path) -> None:
    data = tmp_path / "data of a demo"
    database = data / "postgres"
    try:
        with make_run(data, tmp_path / "first.txt") as first:
            first.await_ready(FIRST_START_SECONDS)
            assert first.get("/health/ready") == 200
            for host in ("localhost", "nhf.localhost", "blindeforbundet.localhost"):
                assert first.get("/admin/login/", host) == 200
            assert first.get("/admin/login/", "nobody.localhost") == 404

            # A second one on the same data, by another port: it joins the database and leaves it running.
            with make_run(data, tmp_path / "second.txt") as second:
                second.await_ready(SECONDS)
                assert second.get("/admin/login/", "nhf.localhost") == 200
                assert second.interrupt() == 0
            assert first.get("/health/ready") == 200

            # Each program is killed, and each comes back.
            for words in (["cms.wsgi:application"], ["manage.py", "worker"]):
                first.kill(*words)
                wait_for(lambda: first.get("/health/ready") == 200, SECONDS)
            server = cluster.ready_pid(cluster.place(database))
            assert server is not None
            os.kill(server, signal.SIGKILL)
            wait_for(lambda: first.said("PostgreSQL has ended; starting it again"), SECONDS)
            wait_for(lambda: first.get("/health/ready") == 200, SECONDS)

            assert first.interrupt() == 0
        wait_for(lambda: not processes_about(data))
    finally:
        wait_for(lambda: not processes_about(database), SECONDS)
        EmbeddedPostgres(database).remove()
