"""What `make run` says when it cannot start: one sentence, exit code 1, nothing left running."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tenants.local import kept_secrets, server_url
from tenants.local.postgres import EmbeddedPostgres
from tenants.local.run import WORKER_PATIENCE_SECONDS, Run
from tenants.local.supervisor import Program

from .conftest import PROJECT, processes_about, wait_for


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """A data folder for a run, beside the one the developer uses."""
    folder = tmp_path / "var of a test"
    yield folder
    wait_for(lambda: not processes_about(folder))
    EmbeddedPostgres(folder / "postgres").remove()


def run(var: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "tenants.local.run"],
        cwd=PROJECT,
        env=clean | {"MEANDER_DATA": str(var), "PORT": str(free_port())} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def says(refused: subprocess.CompletedProcess[str], *words: str) -> bool:
    """Whether it ended with code 1 and a single line that holds all the words."""
    assert refused.returncode == 1, refused.stderr
    assert len(refused.stderr.splitlines()) == 1, refused.stderr
    return all(word in refused.stderr for word in words)


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_taken_port(var: Path, address: str) -> None:
    with socket.socket() as taken:
        taken.bind((address, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert says(run(var, PORT=str(port)), f"Port {port} is taken", f"make run PORT={port + 1}")
    assert not var.exists()


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1"])
def test_a_port_that_is_none(var: Path, port: str) -> None:
    assert says(run(var, PORT=port), "PORT must be a number from 1 to 65535", repr(port))


def test_an_address_that_is_not_ours(var: Path) -> None:
    assert says(run(var, BIND="203.0.113.9"), "The address 203.0.113.9 cannot be used")


@pytest.mark.parametrize(
    "url",
    [
        "postgres://nobody:secret-word@127.0.0.1:{port}/meander",
        "postgres://nobody:secret-word@/meander?host=/nowhere",
        "postgres://nobody:secret-word@no-such-host.invalid/meander?conn_max_age=60",
    ],
)
def test_an_unreachable_database(var: Path, url: str) -> None:
    refused = run(var, DATABASE_URL=url.format(port=free_port()))
    assert says(refused, "The database of DATABASE_URL", "cannot be reached")
    assert "secret-word" not in refused.stderr


def test_an_address_of_another_kind_of_database(var: Path) -> None:
    assert says(run(var, DATABASE_URL="mysql://me@here/meander"), "DATABASE_URL must begin with postgres://")


def test_the_data_folder_of_another_version(var: Path) -> None:
    with EmbeddedPostgres(var / "postgres", durable=False) as server:
        version = server.data / "PG_VERSION"
    version.write_text("16\n")
    assert says(run(var), "was made by PostgreSQL 16 and this is PostgreSQL 18")


def test_a_data_folder_that_cannot_be_made(var: Path, tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    assert says(run(var, MEANDER_DATA=str(tmp_path / "a file" / "var")), "cannot be made")


def setup(tmp_path: Path, python: str) -> subprocess.CompletedProcess[str]:
    """The set-up of a fresh checkout with that Python."""
    checkout = tmp_path / "fresh checkout"
    (checkout / "tools").mkdir(parents=True)
    shutil.copy(PROJECT / "Makefile", checkout)
    shutil.copy(PROJECT / "tools" / "setup.sh", checkout / "tools")
    done = subprocess.run(
        ["make", "run", f"PYTHON={python}"],
        cwd=checkout,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not (checkout / ".venv").exists()
    return done


def test_an_old_python_is_named_before_anything_is_installed(tmp_path: Path) -> None:
    # Answers as Python 3.9 does: it doesn't understand what newer files say and tells its version.
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\nif [ "$1" = --version ]; then echo Python 3.9.18; else exit 1; fi\n')
    old.chmod(0o755)
    done = setup(tmp_path, str(old))
    sentence, make_line = done.stderr.splitlines()
    assert sentence.startswith("Meander needs Python 3.11 or newer and ")
    assert "is Python 3.9.18" in sentence
    assert make_line.startswith("make: *** ")
    assert done.returncode != 0
    assert done.stdout == ""


def test_a_missing_python_is_named(tmp_path: Path) -> None:
    done = setup(tmp_path, "/nowhere/python3")
    assert done.stderr.startswith("Meander needs Python 3.11 or newer and there is no /nowhere/python3")


class Unwell(BaseHTTPRequestHandler):
    """Answers as /health/ready does when the worker has not reported for a while."""

    def do_GET(self) -> None:
        self.send_response(503)
        self.end_headers()
        checks = {"database": {"ok": True}, "worker": {"ok": False, "detail": "the worker has not reported"}}
        self.wfile.write(json.dumps({"status": "unavailable", "checks": checks}).encode())

    def log_message(self, *args: object) -> None:
        """Keeps the test's output clean."""


def test_a_worker_that_only_looks_alive_is_restarted(tmp_path: Path) -> None:
    port = free_port()
    run = Run({"PORT": str(port)})
    program = Program("worker", ["/bin/sleep", "600"], {}, tmp_path)
    site = HTTPServer(("127.0.0.1", port), Unwell)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        run.supervisor.start(program)
        first = run.supervisor.children["worker"]
        # It has only just started: the site cannot have heard of it yet.
        run._look_after()
        assert not first.ending
        first.started -= WORKER_PATIENCE_SECONDS + 1
        run._looked = 0
        run._look_after()
        assert run.supervisor.watch(until=lambda: run.supervisor.children["worker"] is not first, every=0.02)
        assert first.guard.returncode is not None
        assert run.supervisor.children["worker"].crashes == 0
    finally:
        run.supervisor.stop()
        site.shutdown()
        site.server_close()


def test_secrets_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    first = kept_secrets.kept(tmp_path, "master-key", kept_secrets.master_key)
    assert kept_secrets.kept(tmp_path, "master-key", kept_secrets.master_key) == first
    assert stat.S_IMODE((tmp_path / "master-key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["master-key"]


def test_the_web_processes_login_is_derived_from_the_owners_address() -> None:
    owner = "postgres://owner:p%40ss@db.example:5433/meander?sslmode=require"
    assert server_url.web_url(owner, "meander_web", "s/3cret") == (
        "postgres://meander_web:s%2F3cret@db.example:5433/meander?sslmode=require"
    )
    assert server_url.web_url("postgres://owner@/meander?host=/run/pg", "meander_web", "x") == (
        "postgres://meander_web:x@/meander?host=/run/pg"
    )


def test_web_and_worker_run_as_the_procfile_says() -> None:
    lines = Run({"PORT": str(free_port())})._processes()
    assert lines["web"].startswith("granian --interface wsgi cms.wsgi:application")
    assert lines["worker"] == "python manage.py worker"
