"""The virus scanner: ClamAV's daemon (clamd), asked over TCP or a Unix socket; none unless configured.

Setting CLAMD_ADDRESS: `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`. The file goes over in the
protocol's INSTREAM command: `zINSTREAM`, then pieces with their length before them, and an empty one last.
"""

import socket
import struct
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

_PIECE = 64 * 1024
_LONGEST_ANSWER = 4096


class ScannerUnavailable(Exception):
    """The scanner is configured and gave no verdict; the message says why, for an operator."""


@dataclass(frozen=True)
class Verdict:
    """`found` is the scanner's name of what it found; empty: nothing."""

    found: str = ""

    @property
    def is_clean(self) -> bool:
        return not self.found


def is_configured() -> bool:
    return bool(settings.CLAMD_ADDRESS)


def scan(data: bytes) -> Verdict | None:
    """What the scanner says of these bytes; None where none is configured. Raises ScannerUnavailable."""
    if not is_configured():
        return None
    deadline = time.monotonic() + settings.CLAMD_TIMEOUT_SECONDS
    try:
        with _connect() as connection:
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), _PIECE):
                _keep_to(deadline, connection)
                piece = data[start : start + _PIECE]
                connection.sendall(struct.pack("!L", len(piece)) + piece)
            connection.sendall(struct.pack("!L", 0))
            answer = _answer(connection, deadline)
    except OSError as error:
        raise ScannerUnavailable(f"clamd at {settings.CLAMD_ADDRESS}: {error}") from error
    return _verdict(answer)


def _connect() -> socket.socket:
    address, seconds = urlsplit(settings.CLAMD_ADDRESS), settings.CLAMD_TIMEOUT_SECONDS
    if address.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(seconds)
            connection.connect(address.path)
        except OSError:
            connection.close()
            raise
        return connection
    if address.scheme != "tcp" or not address.hostname:
        raise ScannerUnavailable(f"CLAMD_ADDRESS is neither tcp://host:port nor unix:///path: {address}")
    return socket.create_connection((address.hostname, address.port or 3310), timeout=seconds)


def _answer(connection: socket.socket, deadline: float) -> bytes:
    """Up to the NUL that ends it, or the end of the connection."""
    answer = b""
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        _keep_to(deadline, connection)
        piece = connection.recv(_LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.partition(b"\0")[0].strip()


def _keep_to(deadline: float, connection: socket.socket) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    connection.settimeout(left)


def _verdict(answer: bytes) -> Verdict:
    text = answer.decode("utf-8", "replace")
    _stream, _colon, said = text.partition(": ")
    if said == "OK":
        return Verdict()
    if said.endswith(" FOUND"):
        return Verdict(said.removesuffix(" FOUND").strip()[:100] or "unnamed")
    # An error, or nothing at all, is no verdict: the file is not taken for clean.
    raise ScannerUnavailable(f"clamd answered {text[:200]!r}")
