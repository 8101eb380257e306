"""The web servers under test, started as in production but for one process each."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from .load import ROOT, Load, measure

THREADS = 4
NO_GUNICORN = (
    "gunicorn is not installed (it is in requirements/production.txt): its figures are left out. "
    "`uv pip install --target FOLDER gunicorn` and PYTHONPATH=FOLDER add it for one run."
)


def has_gunicorn() -> bool:
    return find_spec("gunicorn") is not None


def command(server: str, application: str, port: int) -> list[str]:
    """One process with four threads; gunicorn's sync worker has no threads."""
    if server == "granian":
        return [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
            *("--port", str(port), "--workers", "1", "--blocking-threads", str(THREADS), "--no-ws"),
            application,
        ]
    return [
        *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1"),
        *("--worker-class", server, "--threads", str(1 if server == "sync" else THREADS)),
        *("--keep-alive", "30", "--worker-tmp-dir", "/dev/shm"),
        application,
    ]


@contextmanager
def serving(
    server: str, application: str, log: Path, *, ready: Load, environment: dict[str, str]
) -> Iterator[Load]:
    """Yields `ready` with the port filled in, once it is answered as expected."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    load = Load(
        port=port, path=ready.path, expect=ready.expect, headers=ready.headers, clients=1, seconds=0.1
    )
    with log.open("wb") as output:
        process = subprocess.Popen(
            command(server, application, port),
            cwd=ROOT,
            env={**os.environ, **environment, "PORT": str(port)},
            stdout=output,
            stderr=output,
        )
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    measure(load)
                    break
                except RuntimeError as error:
                    if process.poll() is not None or time.monotonic() > deadline:
                        tail = log.read_text(errors="replace")[-3000:]
                        raise RuntimeError(
                            f"{server} {application} did not start: {error}\n{tail}"
                        ) from error
                    time.sleep(0.3)
            yield load
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
