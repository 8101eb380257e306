"""People and machines for the tests of `make run`: a user with a closed home, processes to look at."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest

from tenants.local import binaries
from tenants.local.postgres import EmbeddedPostgres

PROJECT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    """Returns as soon as the condition holds; fails the test when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def processes_about(text: object) -> list[psutil.Process]:
    """Living processes in whose command line the text occurs, this one aside."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            living = process.status() != psutil.STATUS_ZOMBIE
            if living and process.pid != os.getpid() and str(text) in " ".join(process.cmdline()):
                found.append(process)
    return found


def ask(url: str, question: str) -> object:
    """The first value of the first row."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question).fetchone()  # type: ignore[call-overload]
        return row[0] if row else None


def tell(url: str, *statements: str) -> None:
    """Runs statements, each in a transaction of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]


@dataclass
class Person:
    """Somebody with a home of their own (mode 700, a space in its name) and a copy of the launcher in it."""

    home: Path
    uid: int
    gid: int
    python: Path
    environment: dict[str, str]

    @property
    def checkout(self) -> Path:
        """Their copy of the launcher and of the PostgreSQL binaries."""
        return self.home / "my checkout"

    def start(self, code: str, *arguments: object) -> subprocess.Popen[str]:
        """Runs Python code as that person; its standard streams are pipes."""
        options = {"user": self.uid, "group": self.gid, "extra_groups": []} if AS_ROOT else {}
        return subprocess.Popen(
            [str(self.python), "-c", code, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env=self.environment | {"PYTHONPATH": str(self.checkout)},
            **options,  # type: ignore[call-overload]
        )

    def closed_folders(self) -> dict[Path, int]:
        """The mode of the home and every folder above it."""
        return {folder: stat.S_IMODE(folder.stat().st_mode) for folder in (self.home, *self.home.parents)}


@pytest.fixture(scope="session")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """As root a new user of the system; otherwise whoever runs the tests."""
    # Not below pytest's own folder: as root that one is closed to everybody else.
    above = Path(tempfile.mkdtemp(prefix="meander-home-", dir="/var/tmp"))
    above.chmod(0o755)
    home = above / "closed home"
    home.mkdir(mode=0o700)
    name = f"meander-test-{os.getpid()}"
    try:
        if AS_ROOT:
            subprocess.run(
                ["/usr/sbin/useradd", "--system", "--no-create-home", "--home-dir", str(home), name],
                check=True,
            )
        entry = pwd.getpwnam(name) if AS_ROOT else pwd.getpwuid(os.geteuid())
        someone = Person(home, entry.pw_uid, entry.pw_gid, Path(sys.executable), {"PATH": os.defpath})
        _copy_launcher(someone.checkout)
        _find_python(someone)
        for folder, _names, files in os.walk(home):
            os.chown(folder, someone.uid, someone.gid)
            for file in files:
                os.chown(Path(folder) / file, someone.uid, someone.gid, follow_symlinks=False)
        yield someone
    finally:
        shutil.rmtree(above, ignore_errors=True)
        if AS_ROOT:
            subprocess.run(["/usr/sbin/userdel", name], check=False, capture_output=True)


def _copy_launcher(checkout: Path) -> None:
    (checkout / "tenants").mkdir(parents=True)
    (checkout / "tenants" / "__init__.py").touch()
    shutil.copytree(
        PROJECT / "tenants" / "local",
        checkout / "tenants" / "local",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    installed = binaries.find().folder
    package = installed.parent
    shutil.copytree(
        installed,
        checkout / package.name / installed.name,
        symlinks=True,
        ignore=shutil.ignore_patterns("include", "*.a"),
    )
    # What the package does when it is imported must not happen.
    (checkout / package.name / "__init__.py").write_text("raise RuntimeError('imported')\n")
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, checkout / libraries.name, symlinks=True)


def _find_python(someone: Person) -> None:
    """A Python the person may run: ours, or if that lies in root's home the system's, or else a copy."""
    named = [sys.executable, shutil.which("python3", path=os.defpath) or "", "/usr/local/bin/python3"]
    for candidate in filter(None, named):
        someone.python = Path(candidate)
        with contextlib.suppress(OSError):
            tried = someone.start("import sys; sys.exit(sys.version_info < (3, 11))")
            tried.communicate()
            if tried.returncode == 0:
                return
    copy = someone.home / "python"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix)
    shutil.copytree(
        base / "lib" / version,
        copy / "lib" / version,
        ignore=shutil.ignore_patterns("site-packages", "test", "__pycache__", "config-*"),
    )
    for library in (base / "lib").glob("libpython*"):
        shutil.copy2(library, copy / "lib", follow_symlinks=True)
    (copy / "bin").mkdir()
    someone.python = copy / "bin" / version
    shutil.copy2(base / "bin" / version, someone.python)
    someone.environment |= {"PYTHONHOME": str(copy), "LD_LIBRARY_PATH": str(copy / "lib")}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for a database, whose remains (as root outside of it) are deleted afterwards."""
    home = tmp_path / "a project" / "postgres"
    yield home
    wait_for(lambda: not processes_about(home))
    EmbeddedPostgres(home).remove()
