"""What can go wrong on a developer's machine, said in one sentence."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path


class LocalError(Exception):
    """A condition the person at the keyboard can mend; its text is the one sentence they get to read."""


NO_SPACE = "No space left on device"


def is_full(error: OSError) -> bool:
    """Whether the system refused to write because the disk, or the person's share of it, is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def full_disk(path: Path) -> LocalError:
    """The sentence for a disk that became full while something was being written below `path`."""
    return LocalError(f"The disk that holds {path} is full: make room and run it again.")


def existing_parent(path: Path) -> Path:
    """`path` itself or the nearest folder above it that exists."""
    while not path.exists():
        path = path.parent
    return path


def require_space(path: Path, megabytes: int, purpose: str) -> None:
    """Refuses to begin what would fill the disk half-way.

    Raises LocalError when the disk of `path` (which need not exist yet) has fewer free megabytes.
    """
    free = shutil.disk_usage(existing_parent(path)).free // 1_000_000
    if free < megabytes:
        raise LocalError(
            f"Not enough disk space for {purpose}: {path} has {free} MB free and {megabytes} MB are needed."
        )
