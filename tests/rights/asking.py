"""Asking as somebody, and saying in a word what was answered."""

import copy
import json
import re
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse

from .world import Person, World, undone

# Let in, but what was sent won't do.
JUDGED = {400, 409, 412, 415, 422}
# What differs from answer to answer whoever asks. Entity tags cover the address, ids included.
PASSING = {"etag", "date", "expires", "last-modified", "x-request-id", "set-cookie", "server-timing"}


def ask(person: Person, method: str, address: str, body: Any = None) -> HttpResponse:
    """The answer; what the request wrote is undone, and the browser keeps what cookies it had."""
    client = person.client(address)
    cookies = copy.deepcopy(client.cookies)
    with undone():
        if client is person.app:
            response = client.generic(
                method, address, json.dumps(body or {}) if method != "GET" else "", "application/json"
            )
        else:
            response = client.generic(method, address, _form(body), "application/x-www-form-urlencoded")
        # Read while what it shows is still there.
        response.collected = b"".join(response.streaming_content) if response.streaming else response.content
    client.cookies = cookies
    return response


def _form(body: Any) -> str:
    return urlencode(body or {}, doseq=True)


def word(response: HttpResponse) -> str:
    """The answer in a word of the matrix."""
    status, to = response.status_code, response.get("Location", "")
    is_api = response.headers.get("Content-Type", "").startswith(("application/json", "application/problem"))
    if 200 <= status < 300:
        return "yes"
    if status in (301, 302, 303):
        if "/login/" in to:
            return "login"
        if "/admin/confirm/" in to:
            return "confirm"
        return "refused" if to == "/admin/" else "yes"
    if status in JUDGED:
        return "judged"
    return "refused" if status == 403 and not is_api else str(status)


def told_apart(first: HttpResponse, second: HttpResponse, ids: list[str], others: list[str]) -> str:
    """How two answers differ beyond the ids that were asked for; "" for not at all."""
    one, two = (_bare(response, names) for response, names in ((first, ids), (second, others)))
    for what in ("status", "headers", "body"):
        if one[what] != two[what]:
            return f"{what}: {one[what]!r:.1000} ≠ {two[what]!r:.1000}"
    return ""


def _bare(response: HttpResponse, ids: list[str]) -> dict[str, Any]:
    def without(text: str) -> str:
        for number, name in enumerate(ids):
            text = text.replace(str(name), f"‹{number}›").replace(str(name).replace("-", ""), f"‹{number}›")
        # A page's own secrets, new in every answer.
        text = re.sub(
            r'(csrfmiddlewaretoken" value=|csrf-token" content=|CSRF_TOKEN[": \']+)"?[\w]+', "", text
        )
        return re.sub(r'"(instance|request_id)":\s*"[^"]*"', "", text)

    headers = {
        name: without(value) for name, value in response.headers.items() if name.lower() not in PASSING
    }
    headers.pop("Content-Length", None)
    return {
        "status": response.status_code,
        "headers": headers,
        "body": without(response.collected.decode(errors="replace")),
    }


def ids_of(
    world: World, person: Person, rows: tuple[tuple[str, str], ...], side: str
) -> dict[str, str] | None:
    """Parameter → id, of rows on this side; None where there is none."""
    found = {}
    for name, kind in rows:
        if side == "unknown":
            found[name] = world.unknown(kind)
            continue
        row = world.row(side, kind, person)
        if row is None:
            return None
        found[name] = str(row.pk)
    return found
