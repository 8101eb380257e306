"""PDFs: kept as they are, so refused unless nothing in them acts; GPS data is blanked in place.

This is no parser of PDF. It looks for the names of whatever acts, wherever they may stand: in the clear, with
characters escaped (`/J#61vaScript`), and inside compressed object streams. docs/files.md says what that
doesn't catch.
"""

import re
import zlib
from collections.abc import Iterator

from .refusals import FileRefused

# Unpacked bytes of all object streams of a file together.
MAX_UNPACKED = 64 * 1024 * 1024
# Documents of twenty megabytes have some hundreds; more are there to keep us busy.
MAX_STREAMS, MAX_OBJECT_STREAMS = 50_000, 2000
_PIECE = 64 * 1024
_END = re.compile(rb"%%EOF[\s\x00]*\Z")
# Readers forgive blanks between the word and the end of its line, and a missing end.
_STREAM = re.compile(rb"stream[ \t\x00\x0c]*(?:\r\n|\n|\r)?")
_OBJECT = re.compile(rb"\bobj\b")


def _name(word: str) -> str:
    """A pattern for a PDF name, any of whose characters may be written as #xx."""
    letters = "".join(
        f"(?:{re.escape(c)}|#{ord(c) >> 4:x}[{ord(c) & 15:x}{f'{ord(c) & 15:X}'}])" for c in word
    )
    return f"/{letters}(?![A-Za-z0-9])"


def _any_of(*words: str) -> re.Pattern[bytes]:
    return re.compile("|".join(_name(word) for word in words).encode())


_ENCRYPTED = _any_of("Encrypt")
_EMBEDDED = _any_of("EmbeddedFile", "EmbeddedFiles", "GoToE")
_ACTIVE = _any_of("JavaScript", "Launch", "RichMedia", "XFA", "SubmitForm", "ImportData", "Rendition")
_PACKED = _any_of("ObjStm", "First")
_MARKED = _any_of("ObjStm")
# Filters we don't undo; where object streams use them, the file is refused.
_UNREAD = _any_of(
    "ASCIIHexDecode", "AHx", "ASCII85Decode", "A85", "LZWDecode", "LZW", "RunLengthDecode", "RL", "Crypt",
    "Predictor",
)  # fmt: skip
_EXIF = re.compile(rb"\xff\xe1(..)Exif\x00\x00", re.S)
_XMP_GPS = re.compile(rb"<(exif:GPS\w+)>[^<]*</\1>|exif:GPS\w+\s*=\s*(\"[^\"]*\"|'[^']*')")


def is_pdf(data: bytes) -> bool:
    """Whether it begins and ends as a PDF does, with nothing behind it."""
    return data.startswith(b"%PDF-") and _END.search(data, max(0, len(data) - 1024)) is not None


def check_pdf(data: bytes) -> None:
    """Raise FileRefused for a PDF that acts, carries other files, is encrypted, or can't be checked."""
    if not is_pdf(data):
        raise FileRefused("content")
    # The end of a ZIP archive: readers of those look for it from behind.
    if b"PK\x05\x06" in data[-66_000:]:
        raise FileRefused("embedded")
    _look(data)
    for packed in _object_streams(data):
        _look(packed)


def clean_pdf(data: bytes) -> bytes:
    """The same file, same length, without EXIF in its JPEG pictures and GPS in its uncompressed XMP."""
    clean = bytearray(data)
    found = _EXIF.search(data)
    while found:
        end = max(found.end(), min(found.start() + 2 + int.from_bytes(found[1], "big"), len(clean)))
        clean[found.end() : end] = bytes(end - found.end())
        found = _EXIF.search(data, end)
    for place in _XMP_GPS.finditer(data):
        clean[place.start() : place.end()] = b" " * (place.end() - place.start())
    return bytes(clean)


def _look(data: bytes) -> None:
    for pattern, code in ((_ENCRYPTED, "encrypted"), (_EMBEDDED, "embedded"), (_ACTIVE, "pdf-active")):
        if pattern.search(data):
            raise FileRefused(code)


def _object_streams(data: bytes) -> Iterator[bytes]:
    """What is in the file's compressed object streams, where further names may stand."""
    left, before, streams, packed = MAX_UNPACKED, 0, 0, 0
    for found in _STREAM.finditer(data):
        streams += 1
        if streams > 2 * MAX_STREAMS:  # Each is found once more by its end.
            raise FileRefused("pdf-unreadable")
        if data[max(0, found.start() - 3) : found.start()] == b"end":
            continue
        # More than the stream's own dictionary: comments may hide where that begins.
        head, before = data[before : found.start()], found.end()
        if not _PACKED.search(head):
            continue
        if _UNREAD.search(head):
            raise FileRefused("pdf-unreadable")
        packed += 1
        if packed > MAX_OBJECT_STREAMS:
            raise FileRefused("pdf-unreadable")
        unpacked = _inflate(data, found.end(), left)
        if unpacked is None:
            own = _OBJECT.split(head)[-1]
            if _MARKED.search(head) or _PACKED.search(own):
                if b"Filter" in own or b"#" in own:
                    raise FileRefused("pdf-unreadable")
                continue  # Not compressed: it was looked at with the rest of the file.
            continue
        left -= len(unpacked)
        yield unpacked


def _inflate(data: bytes, start: int, most: int) -> bytes | None:
    """What a zlib stream unpacks to; None where there is none.

    Raises FileRefused for a bomb, and for one that is broken behind much: of many such streams each would
    cost as much as a bomb.
    """
    unpacker, unpacked, given = zlib.decompressobj(), bytearray(), b""
    # Pieces that grow: what lies behind a short stream is not copied again for each of many.
    size = 512
    try:
        while not unpacker.eof and (given or start < len(data)):
            if not given:
                given = data[start : start + size]
                start, size = start + size, min(size * 2, _PIECE)
            unpacked += unpacker.decompress(given, min(_PIECE, most + 1 - len(unpacked)))
            given = unpacker.unconsumed_tail
            if len(unpacked) > most:
                raise FileRefused("bomb")
    except zlib.error:
        if len(unpacked) >= _PIECE:
            raise FileRefused("pdf-unreadable") from None
        return None
    return bytes(unpacked)
