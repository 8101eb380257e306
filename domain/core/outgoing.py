"""The one way out: requests to addresses that people wrote, to public hosts only.

An address that someone enters must not make our server talk to itself, its neighbours or a cloud's metadata
service. So the host is resolved once, every address it has must be public, the connection goes to exactly
that address (a name that resolves differently a moment later gains nothing), redirects are few and checked
the same way, and size and time are bounded. No proxies, cookies or credentials.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
REDIRECTS = {301, 302, 303, 307, 308}
# IPv4 addresses dressed as IPv6 by translators at the network's edge (RFC 6052).
NAT64 = ipaddress.ip_network("64:ff9b::/96")
PORTS = {"https": 443, "http": 80}


class OutgoingError(Exception):
    """Base; the message is technical and in English: callers say it in their own words."""


class ForbiddenAddressError(OutgoingError):
    """The address, or one it redirects to, is none we connect to."""


class UnreachableError(OutgoingError):
    """No answer: the name is unknown, the connection failed, the certificate is wrong, it took too long."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status of the last hop, its address, and at most `max_bytes` of body."""

    status: int
    url: str
    body: bytes = b""


def is_public(address: IPAddress) -> bool:
    """Whether an address belongs to the internet at large, also when it hides an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address.sixtofour or address.teredo or address in NAT64:
            return False
        if address.scope_id:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


@dataclass(frozen=True)
class OutgoingClient:
    """Sends requests within limits; times in seconds, sizes in bytes."""

    timeout: float = 10.0
    max_bytes: int = 64 * 1024
    max_redirects: int = 5
    schemes: frozenset[str] = frozenset({"https"})
    # A server on another port is rarely meant for readers, and often for administrators.
    ports: frozenset[int] | None = frozenset({443})
    allows: Callable[[IPAddress], bool] = is_public
    user_agent: str = "Meander/1.0 (link check)"
    headers: dict[str, str] = field(default_factory=dict)

    def fetch(self, url: str, *, method: str = "GET") -> Answer:
        """The answer at the end of the redirects.

        Raises ForbiddenAddressError or UnreachableError. The whole takes at most `timeout`.
        """
        deadline = time.monotonic() + self.timeout
        for _hop in range(self.max_redirects + 1):
            status, location, body = self._request(url, method, deadline)
            if status not in REDIRECTS or not location:
                return Answer(status, url, body)
            url = urljoin(url, location)
        raise UnreachableError("too many redirects")

    def _request(self, url: str, method: str, deadline: float) -> tuple[int, str, bytes]:
        parts, port = self._checked(url)
        host = parts.hostname or ""
        address = self._resolve(host, port, deadline)
        connection = _PinnedConnection(host, port, str(address), deadline, secure=parts.scheme == "https")
        try:
            target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
            headers = {"User-Agent": self.user_agent, "Accept": "*/*", "Connection": "close", **self.headers}
            connection.request(method, _ascii(target), headers=headers)
            response = connection.getresponse()
            return response.status, response.getheader("Location") or "", self._read(response, connection)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise UnreachableError(_reason(error)) from error
        finally:
            connection.finish()

    def _checked(self, url: str) -> tuple[SplitResult, int]:
        try:
            parts = urlsplit(url)
            port = parts.port or PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise ForbiddenAddressError("not an address") from error
        if parts.scheme not in self.schemes:
            raise ForbiddenAddressError(f"scheme {parts.scheme or 'missing'}")
        if not parts.hostname or parts.username is not None or parts.password is not None:
            raise ForbiddenAddressError("no host, or credentials in the address")
        if self.ports is not None and port not in self.ports:
            raise ForbiddenAddressError(f"port {port}")
        return parts, port

    def _resolve(self, host: str, port: int, deadline: float) -> IPAddress:
        """The one address we connect to; every address of the host must be allowed."""
        with _within(deadline) as run:
            try:
                found = run(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError) as error:
                raise UnreachableError("the name is unknown") from error
        addresses = [ipaddress.ip_address(str(entry[4][0])) for entry in found]
        if not addresses:
            raise UnreachableError("the name is unknown")
        if not all(self.allows(address) for address in addresses):
            raise ForbiddenAddressError("the host is not on the public internet")
        # IPv4 first: not every server has a way to IPv6.
        return min(addresses, key=lambda address: address.version)

    def _read(self, response: http.client.HTTPResponse, connection: "_PinnedConnection") -> bytes:
        chunks, size = [], 0
        while size < self.max_bytes and (chunk := response.read1(min(8192, self.max_bytes - size))):
            chunks.append(chunk)
            size += len(chunk)
            connection.keep_deadline()
        return b"".join(chunks)


class _PinnedConnection(http.client.HTTPConnection):
    """Connects to the address that was checked, and asks (and verifies) the name that was meant."""

    def __init__(self, host: str, port: int, address: str, deadline: float, *, secure: bool):
        super().__init__(host, port)
        self.address, self.deadline, self.secure = address, deadline, secure
        self.default_port = PORTS["https" if secure else "http"]
        # `self.sock` is taken away as soon as the headers are read; the body still comes through this.
        self.wire: socket.socket | None = None
        # A server that sends a byte now and then keeps every single wait short: this ends the whole.
        self.alarm = threading.Timer(max(0.0, deadline - time.monotonic()), self._hang_up)
        self.alarm.daemon = True
        self.alarm.start()

    def _hang_up(self) -> None:
        if self.wire is not None:
            with contextlib.suppress(OSError):
                self.wire.shutdown(socket.SHUT_RDWR)

    def finish(self) -> None:
        self.alarm.cancel()
        self.close()

    def connect(self) -> None:
        sock = socket.create_connection((self.address, self.port), timeout=self._remaining())
        if self.secure:
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=self.host)
        self.sock = self.wire = sock
        self.keep_deadline()

    def keep_deadline(self) -> None:
        """Let the next wait end with the whole request's time."""
        if self.wire is not None:
            self.wire.settimeout(self._remaining())

    def _remaining(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("took too long")
        return left


class _within:
    """Runs a call that knows no time limit (name resolution) for at most the rest of the request's time."""

    def __init__(self, deadline: float):
        self.deadline = deadline
        self.pool = ThreadPoolExecutor(max_workers=1)

    def __enter__(self):
        def run(function):
            try:
                return self.pool.submit(function).result(max(0.01, self.deadline - time.monotonic()))
            except FutureTimeoutError as error:
                raise UnreachableError("took too long") from error

        return run

    def __exit__(self, *details):
        self.pool.shutdown(wait=False, cancel_futures=True)


def _ascii(target: str) -> str:
    """A path as it may stand in a request line: letters beyond ASCII encoded, control characters refused."""
    if any(character.isspace() or ord(character) < 32 for character in target):
        raise ValueError("control characters in the address")
    return "".join(c if ord(c) < 128 else "".join(f"%{byte:02X}" for byte in c.encode()) for c in target)


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "the certificate is not valid"
    if isinstance(error, TimeoutError):
        return "took too long"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    return type(error).__name__
