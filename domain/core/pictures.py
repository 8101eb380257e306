"""Pictures that strangers upload: decoded apart from everything else, and written anew.

`clean_picture` is the only place where an uploaded picture is decoded. What comes back is pixels that we
wrote ourselves: no EXIF, GPS, XMP or comments, no second format behind the first, no more pixels than were
asked for.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from . import picture_worker

MEGABYTE = 1024 * 1024
# Wall clock, in seconds; the worker's own limit is of processor time.
PATIENCE = 20
# Pictures that one process has decoded at the same time; each takes up to 150 MB. Others wait their turn.
_SLOTS = BoundedSemaphore(2)


@dataclass(frozen=True)
class PicturePolicy:
    """What may come in and what is made of it.

    `max_pixels` holds for JPEG, which can be decoded smaller than it is; `max_decoded_pixels` for the rest
    and for all frames of an animation together; no side may be longer than `longest` (0: any). A picture
    larger than `box` is made smaller. `output`: the format of what is stored, else the one that came in.
    `compress_level` (0–9): how long the encoder may look for fewer bytes. `memory` in bytes of address
    space, `seconds` of processor time.
    """

    formats: tuple[str, ...] = ("JPEG", "PNG", "WEBP", "HEIF")
    max_pixels: int = 50_000_000
    max_decoded_pixels: int = 13_000_000
    longest: int = 0
    box: tuple[int, int] | None = (2560, 2560)
    max_frames: int = 300
    animation: bool = False
    keep_profile: bool = False
    output: str = ""
    renditions: tuple[int, ...] = ()
    compress_level: int = 2
    memory: int = 400 * MEGABYTE
    seconds: int = 10


@dataclass(frozen=True)
class CleanPicture:
    """A picture that we wrote ourselves; `renditions` by the length of the longer side, as WebP."""

    data: bytes
    suffix: str
    width: int
    height: int
    perceptual_hash: str = ""
    renditions: dict[int, bytes] = field(default_factory=dict)


class UnusablePicture(Exception):
    """`code`: "not-an-image" or "too-many-pixels"."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def clean_picture(data: bytes, policy: PicturePolicy) -> CleanPicture:
    """Decode and re-encode in a process of its own. Raises UnusablePicture."""
    order = json.dumps(asdict(policy)).encode() + b"\n"
    with _SLOTS:
        head, body = _run(order + data)
    facts: dict[str, Any] = json.loads(head)
    if "error" in facts:
        raise UnusablePicture(facts["error"])
    parts, start = [], 0
    for length in facts["lengths"]:
        parts.append(body[start : start + length])
        start += length
    return CleanPicture(
        data=parts[0],
        suffix=facts["suffix"],
        width=facts["width"],
        height=facts["height"],
        perceptual_hash=facts["perceptual_hash"],
        renditions=dict(zip(facts["renditions"], parts[1:], strict=True)),
    )


def _run(given: bytes) -> tuple[bytes, bytes]:
    """The worker's line of facts and the pictures behind it. Raises UnusablePicture."""
    try:
        # Its arguments are our own; what is hostile comes by standard input.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", "-S", picture_worker.__file__, _pillow_folder()],
            input=given,
            capture_output=True,
            timeout=PATIENCE,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnusablePicture("not-an-image") from None
    head, _newline, body = done.stdout.partition(b"\n")
    if done.returncode or not head:
        # Stopped by its limits, or brought down by what it read.
        raise UnusablePicture("not-an-image")
    return head, body


@cache
def _pillow_folder() -> str:
    spec = find_spec("PIL")
    if spec is None or spec.origin is None:
        raise RuntimeError("Pillow is not installed")
    return str(Path(spec.origin).parent.parent)
