"""Makes .venv as requirements/dev.txt locks it and compiles the translations; quick when nothing changed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

import compile_messages  # noqa: E402 - beside this file

from tenants.local.errors import NO_SPACE, LocalError, full_disk, is_full, require_space  # noqa: E402

VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = PROJECT / "requirements" / "dev.txt"
STAMP = VENV / ".meander-setup"
VENV_MEGABYTES = 1600
UPDATE_MEGABYTES = 300


def main() -> int:
    """The exit code; what the person can mend is said in one sentence."""
    try:
        with LOCK.open("rb") as lock:
            # Two runs in one checkout: the second waits and then finds everything done.
            fcntl.flock(lock, fcntl.LOCK_EX)
            install(hashlib.sha256(lock.read()).hexdigest())
            if any(compile_messages.stale(PROJECT)):
                subprocess.run([str(PYTHON), str(PROJECT / "tools" / "compile_messages.py")], check=True)
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError:
        return 1
    except OSError as error:
        if not is_full(error):
            raise
        print(full_disk(PROJECT), file=sys.stderr)
        return 1
    return 0


def install(digest: str) -> None:
    """Installs what is locked, unless that has been done already."""
    # A virtual environment knows its own path and its Python: it moves with neither.
    place = f"{PROJECT}\n{sys.version_info.major}.{sys.version_info.minor}\n"
    stamped = STAMP.read_text(encoding="utf-8") if STAMP.exists() else ""
    if stamped == place + digest and PYTHON.exists():
        return
    if (stamped and not stamped.startswith(place)) or not runs(PYTHON):
        require_space(PROJECT, VENV_MEGABYTES, "the virtual environment")
        make_venv()
    else:
        require_space(PROJECT, UPDATE_MEGABYTES, "the virtual environment")
    print("Installing what requirements/dev.txt locks (the first time takes a minute or two) …", flush=True)
    run(
        [
            *(str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"),
            *("--root-user-action=ignore", "--require-hashes", "--requirement", str(LOCK)),
            # The lock names everything there is, and Python compiles what it imports: neither twice.
            *("--no-deps", "--no-compile"),
        ],
        "The requirements could not be installed: pip's lines above say why.",
    )
    STAMP.write_text(place + digest, encoding="utf-8")


def runs(python: Path) -> bool:
    """Whether the interpreter of the virtual environment still works and has pip."""
    return (
        python.exists()
        and subprocess.run([str(python), "-c", "import pip"], capture_output=True, check=False).returncode
        == 0
    )


def make_venv() -> None:
    """A new, empty virtual environment."""
    shutil.rmtree(VENV, ignore_errors=True)
    run(
        [sys.executable, "-m", "venv", str(VENV)],
        f"{sys.executable} cannot make virtual environments (on Debian: apt-get install python3-venv).",
        quiet=True,
    )


def run(command: list[str], otherwise: str, *, quiet: bool = False) -> None:
    """Runs the command. Raises LocalError with the sentence for a full disk, or else `otherwise`."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", env=os.environ | {"PYTHONNOUSERSITE": "1"}, check=False,
    )  # fmt: skip
    if done.returncode == 0:
        return
    if NO_SPACE in done.stdout or "Disk quota exceeded" in done.stdout:
        raise full_disk(PROJECT)
    if not quiet:
        print("\n".join(done.stdout.splitlines()[-20:]), file=sys.stderr)
    raise LocalError(otherwise)


if __name__ == "__main__":
    sys.exit(main())
