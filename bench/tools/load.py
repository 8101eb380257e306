"""A load generator: so many keep-alive clients in one process, each with one request under way at a time.

`python -m bench.tools.load` reads its orders as JSON from standard input and writes what it counted as JSON.
Raw sockets, because a client library costs more than the server under test.
"""

import json
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Load:
    """One address, asked again and again. Any answer of another status than `expect` is an error."""

    port: int
    path: str
    expect: int
    headers: dict[str, str] = field(default_factory=dict)
    clients: int = 16
    seconds: float = 2.0


class _Client:
    def __init__(self, load: Load, request: bytes):
        self.load, self.request = load, request
        self.status = f" {load.expect} ".encode()
        self.answer = bytearray()
        self.socket = self._connect()

    def _connect(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.load.port), timeout=30)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def ask(self) -> None:
        self.answer.clear()
        self.socket.sendall(self.request)

    def read(self) -> bool:
        """Take what has arrived; whether the answer is complete. Raises RuntimeError for a wrong one."""
        arrived = self.socket.recv(262144)
        self.answer += arrived
        head_end = self.answer.find(b"\r\n\r\n")
        if head_end < 0:
            if not arrived:
                raise RuntimeError("the server hung up")
            return False
        head = bytes(self.answer[:head_end]).lower()
        if self.status not in head[:16]:
            raise RuntimeError(f"unexpected answer: {bytes(self.answer[:400])!r}")
        length = 0
        if b"content-length:" in head and self.load.expect != 304:
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(self.answer) < head_end + 4 + length:
            if not arrived:
                raise RuntimeError("the server hung up")
            return False
        self.closed = b"connection: close" in head
        return True

    def again(self) -> None:
        """After a server that keeps no connection open: a new one."""
        self.socket.close()
        self.socket = self._connect()


def run(load: Load) -> dict[str, float]:
    """Answers a second and the median and 99th percentile of their time in ms."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in load.headers.items())
    request = f"GET {load.path} HTTP/1.1\r\n{headers}\r\n".encode()
    selector = selectors.DefaultSelector()
    begun: dict[_Client, float] = {}
    for _ in range(load.clients):
        client = _Client(load, request)
        selector.register(client.socket, selectors.EVENT_READ, client)
        client.ask()
        begun[client] = time.perf_counter()
    taken: list[float] = []
    start = time.perf_counter()
    end = start + load.seconds
    now = start
    while now < end:
        for key, _events in selector.select(timeout=10):
            client = key.data
            if not client.read():
                continue
            now = time.perf_counter()
            taken.append(now - begun[client])
            begun[client] = now
            if client.closed:
                selector.unregister(client.socket)
                client.again()
                selector.register(client.socket, selectors.EVENT_READ, client)
            client.ask()
    taken.sort()
    return {
        "rate": len(taken) / (now - start),
        "median_ms": taken[len(taken) // 2] * 1000,
        "p99_ms": taken[len(taken) * 99 // 100] * 1000,
    }


def measure(load: Load) -> dict[str, float]:
    """`run` in a process of its own. Raises RuntimeError when any answer was not as expected."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.tools.load"],
        cwd=ROOT,
        input=json.dumps(asdict(load)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)


if __name__ == "__main__":
    print(json.dumps(run(Load(**json.load(sys.stdin)))))
