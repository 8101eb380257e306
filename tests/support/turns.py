"""Long walks take turns: a run of all tests asks one case in PARTS, those of the next commits the others.

That keeps a run below 15 minutes. SWEEPS=all asks every case, and so does naming a file or folder.
"""

import os
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar
from zlib import crc32

ROOT = Path(__file__).resolve().parents[2]
Case = TypeVar("Case")
PARTS = 4
# Which part this run asks, told by how many commits there are; None: all of them.
_part: int | None = None


def begin(config) -> None:
    """Decide it for this run."""
    global _part
    named = config.args != config.getini("testpaths")
    _part = None if named or os.environ.get("SWEEPS") == "all" else _commits() % PARTS


def all_are_asked() -> bool:
    return _part is None


def is_its_turn(name: str) -> bool:
    return _part is None or crc32(name.encode()) % PARTS == _part


def in_turn(cases: Iterable[Case], name: Callable[[Case], str] = str) -> list[Case]:
    """Those of the cases that this run asks; `name` tells them apart and stays from run to run."""
    return [case for case in cases if is_its_turn(name(case))]


def _commits() -> int:
    done = subprocess.run(
        ["git", "rev-list", "--count", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return int(done.stdout or 0)
