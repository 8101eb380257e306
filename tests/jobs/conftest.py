"""A worker of its own: real processes, on a database of the test's own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


class RunningWorker:
    """`manage.py worker` as a subprocess, with its log."""

    def __init__(self, database: str, log: Path):
        parameters = connection.get_connection_params()
        url = "postgres://{user}:{password}@{where}/{database}{query}".format(
            user=parameters.get("user", ""),
            password=parameters.get("password", ""),
            where="" if str(parameters.get("host", "")).startswith("/") else parameters.get("host", ""),
            database=database,
            query=f"?host={parameters['host']}" if str(parameters.get("host", "")).startswith("/") else "",
        )
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "worker"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "DJANGO_SETTINGS_MODULE": "tests.jobs.settings",
                    "DATABASE_URL": url,
                    "PYTHONUNBUFFERED": "1",
                },
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def group(self) -> set[int]:
        """The processes of the worker that are alive."""
        found = subprocess.run(
            ["ps", "-o", "pid=,stat=", "-s", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        return {int(line.split()[0]) for line in found.splitlines() if "Z" not in line.split()[1]}

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Ask it to stop; how many seconds that took."""
        begun = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(60)
        return time.monotonic() - begun

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def start_worker(own_database, tmp_path):
    """Starts workers on the test's own database; whatever still runs at the end is killed."""
    started: list[RunningWorker] = []

    def start() -> RunningWorker:
        worker = RunningWorker(own_database, tmp_path / "worker.log")
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.kill()


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """Waits for a condition, with a word for what did not come; gives up when the worker has ended."""

    def wait(
        condition: Callable[[], object],
        what: str,
        seconds: float = 40,
        worker: RunningWorker | None = None,
    ) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline or (worker and worker.process.poll() is not None):
                said = worker.text[-3000:] if worker else ""
                raise AssertionError(f"waited in vain for {what}\n{said}")
            time.sleep(0.1)

    return wait
