"""The reference client as a phone: in this process, without sockets, over a line that can be cut."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples" / "offline-client"))

# It lies where its readers look for it.
from offline_client import OfflineClient, SignedOut, Wiped, pulling, uploading  # noqa: E402

__all__ = ["Line", "OfflineClient", "SignedOut", "Wiped", "phone", "pulling", "uploading"]


class Line(httpx.BaseTransport):
    """What requests of a phone go over.

    `faults` are taken one per request, in turn: "before" (it never arrives), "after" (it is done, and the
    answer is lost), "twice" (it arrives two times), "late" (nobody answers, and it arrives much later, by
    `deliver`); without any the line is good. `sent`: what arrived.
    """

    def __init__(self):
        self.client = Client(raise_request_exception=False)
        self.faults: list[str] = []
        self.sent: list[tuple[str, str]] = []
        self.under_way: list[tuple[httpx.Request, bytes]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "before":
            raise httpx.ConnectError("the line is cut")
        body = request.read()
        if fault == "late":
            self.under_way.append((request, body))
            raise httpx.ReadTimeout("nobody answers")
        answer = self._arrives(request, body)
        if fault == "twice":
            answer = self._arrives(request, body)
        if fault == "after":
            raise httpx.ReadError("the line is cut")
        return answer

    def deliver(self) -> None:
        """What was under way arrives now, the latest first."""
        while self.under_way:
            self._arrives(*self.under_way.pop())

    def _arrives(self, request: httpx.Request, body: bytes) -> httpx.Response:
        url = urlsplit(str(request.url))
        path = url.path + (f"?{url.query}" if url.query else "")
        self.sent.append((request.method, url.path))
        headers = {name: value for name, value in request.headers.items() if name != "content-type"}
        answer = self.client.generic(
            request.method,
            path,
            body,
            request.headers.get("content-type", "application/octet-stream"),
            headers=headers,
        )
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return httpx.Response(
            answer.status_code, headers=list(answer.items()), content=content, request=request
        )


def phone(
    organization: str, email: str, password: str, *, path: str = ":memory:"
) -> tuple[OfflineClient, Line]:
    """A phone that somebody has signed in on."""
    line = Line()
    made = OfflineClient(f"http://{organization}.localhost", path, transport=line)
    made.sign_in(email, password)
    return made, line
