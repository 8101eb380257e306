"""Requests to addresses that people wrote reach the public internet only, and end."""

import http.server
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from domain.core.outgoing import ForbiddenAddressError, OutgoingClient, UnreachableError, is_public


class Canary:
    """A server on the loopback interface that counts who connects."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self):
        while True:
            try:
                connection, _address = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()


@pytest.fixture
def canary():
    canary = Canary()
    yield canary
    canary.socket.close()


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        seen.append((self.path, self.headers.get("Host")))
        if self.path == "/loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
        elif self.path.startswith("/to?"):
            self.send_response(302)
            self.send_header("Location", self.path[4:])
        elif self.path == "/drip":
            self.send_response(200)
            self.end_headers()
            for _second in range(100):
                self.wfile.write(b".")
                time.sleep(0.1)
            return
        elif self.path == "/header-drip":
            for _second in range(100):
                self.wfile.write(b"H")
                time.sleep(0.1)
            return
        elif self.path == "/big":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * 1_000_000)
            return
        else:
            self.send_response(404 if self.path == "/gone" else 200)
        self.end_headers()
        self.wfile.write(b"hei")

    def log_message(self, *arguments):
        pass


seen: list[tuple[str, str | None]] = []


@contextmanager
def site():
    seen.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.handle_error = lambda *arguments: None  # The client hangs up on purpose.
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def open_client(**limits) -> OutgoingClient:
    """A client that may talk to the test's own server."""
    limits = {"timeout": 3, **limits}
    return OutgoingClient(schemes=frozenset({"http"}), ports=None, allows=lambda address: True, **limits)


PRIVATE = [
    "127.0.0.1", "127.1", "0x7f000001", "2130706433", "017700000001", "0.0.0.0", "localhost",
    "localhost.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]", "[fc00::1]", "[ff02::1]", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "198.18.0.1", "192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::127.0.0.1]",
    "ip6-localhost", "%6c%6f%63alhost",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_no_private_address_is_connected_to(canary, host):
    client = OutgoingClient(schemes=frozenset({"http", "https"}), ports=None, timeout=3)
    for scheme in ("http", "https"):
        with pytest.raises((ForbiddenAddressError, UnreachableError)):
            client.fetch(f"{scheme}://{host}:{canary.port}/")
    assert canary.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "//example.org/",
        "https://",
        "https://user:secret@example.org/",
        "https://example.org:8000/",
        "https://example.org:99999/",
        "https://[::1",
        "javascript:alert(1)",
        "",
    ],
)
def test_what_is_no_ordinary_address_is_refused_before_anything_is_asked(url):
    with pytest.raises(ForbiddenAddressError):
        OutgoingClient().fetch(url)


def test_a_redirect_to_a_private_address_is_not_followed(canary):
    with site() as address:
        port = address.rsplit(":", 1)[1]
        # The first hop is allowed as the test's own server; what it points to is judged as usual.
        allowed: list[bool] = []

        def first_only(ip):
            allowed.append(True)
            return len(allowed) == 1 or is_public(ip)

        client = OutgoingClient(schemes=frozenset({"http"}), ports=None, allows=first_only, timeout=3)
        with pytest.raises(ForbiddenAddressError):
            client.fetch(f"http://127.0.0.1:{port}/to?http://127.0.0.1:{canary.port}/")
    assert canary.connections == 0


def test_a_redirect_from_https_to_http_is_not_followed():
    with site() as address, pytest.raises(ForbiddenAddressError, match="scheme"):
        open_client().fetch(f"{address}/to?ftp://example.org/")


def test_the_connection_goes_to_the_address_that_was_checked_under_the_name_that_was_meant():
    checked = []

    def remember(ip):
        checked.append(str(ip))
        return True

    with site() as address:
        client = OutgoingClient(schemes=frozenset({"http"}), ports=None, allows=remember, timeout=3)
        answer = client.fetch(f"{address}/æ?q=ø")
    assert (answer.status, answer.body) == (200, b"hei")
    assert "127.0.0.1" in checked
    assert seen == [("/%C3%A6?q=%C3%B8", address.removeprefix("http://"))]


@pytest.mark.parametrize("path", ["/a b", "/a\r\nX-Injected: 1", "/\x00"])
def test_nothing_is_smuggled_into_the_request(path):
    with site() as address, pytest.raises((UnreachableError, ForbiddenAddressError)):
        open_client().fetch(f"{address}{path}x\x7f y")
    assert not seen


def test_redirects_are_few():
    with site() as address, pytest.raises(UnreachableError, match="redirects"):
        open_client(max_redirects=3).fetch(f"{address}/loop")
    assert len(seen) == 4


def test_no_more_is_read_than_allowed():
    with site() as address:
        assert len(open_client(max_bytes=1000).fetch(f"{address}/big").body) == 1000


@pytest.mark.parametrize("path", ["/drip", "/header-drip"])
def test_a_server_that_drips_is_hung_up_on(path):
    with site() as address:
        start = time.monotonic()
        with suppress(UnreachableError):
            open_client(timeout=0.5).fetch(f"{address}{path}")
        assert time.monotonic() - start < 3


def test_a_closed_port_is_unreachable():
    with pytest.raises(UnreachableError, match="refused"):
        open_client().fetch("http://127.0.0.1:1/")
