"""Files as answers: the bytes, with headers that keep browsers and caches from doing anything with them."""

import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from domain.audit.reading import Seen, note_seen, sensitive
from domain.core.errors import DomainError, InvalidState

from . import storage
from .choices import FileStatus
from .content import RENDITIONS
from .models import StoredFile
from .registry import owner_of

_PIECE = 64 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")
POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"


class RangeRefused(DomainError):
    """No byte of the file lies in the range that was asked for; `size` is the file's."""

    code = "range-refused"

    def __init__(self, size: int):
        super().__init__(_("The file has no such range of bytes."))
        self.size = size


def file_response(request: HttpRequest, file: StoredFile, *, size: int | None = None) -> HttpResponseBase:
    """The answer to a GET or HEAD: whole, a range (206), or not modified (304).

    `size` (one of RENDITIONS) asks for a picture at most so long on its longer side. Whoever calls has
    checked that the caller may see the file. Reading what belongs to an object about people is recorded.
    Raises InvalidState for a file that is quarantined or gone, RangeRefused.
    """
    if file.status == FileStatus.QUARANTINED:
        raise InvalidState(
            _("The file can be opened once the virus scanner has looked at it."), code="quarantined"
        )
    if not file.is_ready:
        raise InvalidState(_("The file is not kept any more."), code="gone")
    name, content_type, suffix = _version(file, size)
    try:
        length = storage.size_of(name)
        source = storage.open_file(name)
    except FileNotFoundError:
        raise InvalidState(_("The file is not kept any more."), code="gone") from None
    etag = f'"{file.sha256[:32]}{suffix}"'
    try:
        if etag in request.headers.get("If-None-Match", ""):
            source.close()
            return _with_headers(HttpResponseNotModified(), etag)
        part = _part(request, etag, length)
    except RangeRefused:
        source.close()
        raise
    start, end = part or (0, length)
    if request.method == "GET":
        # Any part of it: all but the first byte is as good as the whole.
        _note_read(file, request)
    response: HttpResponseBase
    if request.method == "HEAD":
        source.close()
        response = HttpResponse(content_type=content_type, status=206 if part else 200)
    else:
        response = StreamingHttpResponse(
            _pieces(source, start, end), content_type=content_type, status=206 if part else 200
        )
        # Closed with the answer, also where nobody reads it to its end.
        vars(response)["_resource_closers"].append(source.close)
    response["Content-Length"] = str(end - start)
    response["Accept-Ranges"] = "bytes"
    if part:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{length}"
    # Pictures of ours may be shown; a document is never opened inside the site.
    shown = f"{file.name.rsplit('.', 1)[0]}-{size}.webp" if suffix else file.name
    response["Content-Disposition"] = content_disposition_header(not file.is_picture, shown) or "attachment"
    return _with_headers(response, etag)


def _version(file: StoredFile, size: int | None) -> tuple[str, str, str]:
    """Name in the storage, type and mark of the version that fits best."""
    longer = max(file.width or 0, file.height or 0)
    if size in RENDITIONS and file.is_picture and longer > size:
        return storage.rendition_name(file.storage_name, size), "image/webp", f".{size}"
    return file.storage_name, file.content_type, ""


def _with_headers(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _part(request: HttpRequest, etag: str, length: int) -> tuple[int, int] | None:
    """First byte and the one after the last, of the one range that was asked for; None for the whole.

    Several ranges, or another unit, are answered with the whole (RFC 9110, 14.2).
    """
    found = _RANGE.match(request.headers.get("Range", "").replace(" ", ""))
    if found is None or request.headers.get("If-Range", etag) != etag or not (found[1] or found[2]):
        return None
    if found[1]:
        start = int(found[1])
        end = min(int(found[2]) + 1, length) if found[2] else length
        if found[2] and int(found[2]) < start:
            return None  # Not a range at all.
    else:
        start, end = max(0, length - int(found[2])), length
    if start >= end:
        raise RangeRefused(length)
    return start, end


def _pieces(source: Any, start: int, end: int) -> Iterator[bytes]:
    source.seek(start)
    left = end - start
    while left > 0:
        piece = source.read(min(_PIECE, left))
        if not piece:
            return
        left -= len(piece)
        yield piece


def _note_read(file: StoredFile, request: HttpRequest) -> None:
    owner = owner_of(file)
    if owner is not None and sensitive(owner):
        user = request.user
        reader = user if user.is_authenticated else None
        note_seen(type(owner), [Seen.of(owner)], by=reader, verb="file-read")
