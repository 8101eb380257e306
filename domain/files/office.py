"""Office documents: ZIP archives of XML, with room for macros, other files, and addresses to fetch from."""

import html
import io
import re
import zipfile
from pathlib import PurePosixPath
from xml.etree import ElementTree

from domain.core.pictures import PicturePolicy, UnusablePicture, clean_picture

from .refusals import FileRefused

# Of the unpacked parts, in bytes, in all and against the packed size.
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 150
MAX_PARTS = 5000
# Of a document that is packed anew, in memory.
MAX_REPACKED = 60 * 1024 * 1024
# Each takes a process of its own to write anew.
MAX_PICTURES = 10
# The harmless file by which virus scanners are tried: whatever carries it is not meant for readers.
EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
FOLDERS = {".docx": "word/", ".pptx": "ppt/", ".xlsx": "xl/"}
_MACROS = re.compile(r"vbaproject\.bin|vbadata\.xml|/macrosheets/|/Scripts/|/Basic/", re.I)
_INSIDE = re.compile(r"/embeddings/|/activeX/|/oleObject|\.bin\Z|/customUI/|/ctrlProps/", re.I)
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.I)
# Fields that fetch or start something when they are updated.
_FIELDS = re.compile(r"DDE(AUTO)?\s|INCLUDEPICTURE|INCLUDETEXT|\bIMPORT\s", re.I)
_INSTRUCTION = re.compile(r"<(?:\w+:)?instrText[^<>]*>([^<]*)<|\binstr\s*=\s*[\"']([^\"']*)[\"']")
# Pictures in a document: written anew, so that they don't tell where they were taken.
_PICTURES = {".jpg": ("JPEG",), ".jpeg": ("JPEG",), ".png": ("PNG",), ".gif": ("GIF",)}
_XML = (".xml", ".rels", ".vml")
# A picture of the first page, which nobody misses; Windows draws it in a format we can't write anew.
_THUMBNAIL = "docProps/thumbnail"


def open_office(data: bytes, suffix: str) -> zipfile.ZipFile:
    """The archive of an OOXML or OpenDocument file, without macros, encryption or a bomb.

    Raises FileRefused. Nothing may stand before the archive.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        # Word wraps an encrypted document in its old format.
        raise FileRefused("encrypted")
    if not data.startswith(b"PK\x03\x04"):
        raise FileRefused("content")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
        names = {part.filename for part in parts}
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MAX_PARTS or unpacked > min(MAX_UNPACKED, MAX_RATIO * max(len(data), 1)):
            raise FileRefused("bomb")
        if any(part.flag_bits & 1 for part in parts):
            raise FileRefused("encrypted")
        if len(names) != len(parts) or any(_leaves(name) for name in names):
            raise FileRefused("content")
        if any(_MACROS.search(f"/{name}") for name in names):
            raise FileRefused("macros")
        if suffix == ".odt":
            right = (
                "mimetype" in names
                and archive.getinfo("mimetype").file_size < 200
                and archive.read("mimetype").startswith(b"application/vnd.oasis.opendocument.text")
            )
        else:
            folder = FOLDERS[suffix]
            right = "[Content_Types].xml" in names and any(name.startswith(folder) for name in names)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        raise FileRefused("content") from None
    if not right:
        raise FileRefused("content")
    return archive


def clean_docx(data: bytes) -> bytes:
    """The document packed anew: only parts that were read and found harmless, pictures without EXIF.

    Raises FileRefused for macros, other files inside, DTDs, what is fetched from elsewhere, and pictures of
    a kind that can't be written anew.
    """
    out = io.BytesIO()
    left, pictures = MAX_REPACKED, 0
    with open_office(data, ".docx") as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as fresh:
        for part in archive.infolist():
            name = part.filename
            if name.endswith("/"):
                continue
            content = _read(archive, part, left)
            left -= len(content)
            if EICAR in content:
                raise FileRefused("infected")
            suffix = PurePosixPath(name).suffix.lower()
            if _INSIDE.search(f"/{name}"):
                raise FileRefused("embedded")
            if name.startswith(_THUMBNAIL):
                content = b""
            elif suffix in _XML:
                content = _checked(name, content)
            elif suffix in _PICTURES:
                pictures += 1
                if pictures > MAX_PICTURES:
                    raise FileRefused("picture-inside")
                content = _redrawn(content, _PICTURES[suffix])
            elif suffix not in (".odttf", ".ttf"):
                raise FileRefused("picture-inside" if "/media/" in name else "embedded")
            # Without the archive's own comments, extra fields and times.
            fresh.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _read(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> bytes:
    """A part's bytes; no more are unpacked than there is room for, whatever the archive says of its size."""
    try:
        with archive.open(part) as stream:
            content = stream.read(most + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise FileRefused("content") from None
    except Exception as error:
        if type(error).__module__ in ("zlib", "lzma", "_lzma"):
            raise FileRefused("content") from None
        raise
    if len(content) > most:
        raise FileRefused("bomb")
    return content


def _checked(name: str, content: bytes) -> bytes:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content[:100]:
        # UTF-16 would hide what is looked for below; Word writes UTF-8.
        raise FileRefused("content")
    if _DOCTYPE.search(content):
        raise FileRefused("external")
    if name.endswith(".rels") and _fetches(content):
        raise FileRefused("external")
    if name.startswith("word/") and _FIELDS.search(_instructions(content)):
        raise FileRefused("external")
    return content


def _fetches(relationships: bytes) -> bool:
    """Whether anything but a link that a reader clicks on lies outside the document."""
    try:
        root = ElementTree.fromstring(relationships)  # noqa: S314 - one with a DTD was refused before.
    except (ElementTree.ParseError, ValueError, LookupError):
        raise FileRefused("content") from None
    for element in root.iter():
        values = {name.rsplit("}", 1)[-1].lower(): value.strip() for name, value in element.attrib.items()}
        if values.get("targetmode", "").lower() == "external":
            kind = values.get("type", "").rsplit("/", 1)[-1].lower()
            target = html.unescape(values.get("target", "")).lower()
            if kind != "hyperlink" or not target.startswith(("https://", "http://", "mailto:", "tel:")):
                return True
    return False


def _instructions(content: bytes) -> str:
    """The words of the document's fields; a field may be cut into pieces."""
    text = content.decode("utf-8", "replace")
    return html.unescape("".join(first or second for first, second in _INSTRUCTION.findall(text)))


def _redrawn(content: bytes, formats: tuple[str, ...]) -> bytes:
    policy = PicturePolicy(formats=formats, box=None, max_pixels=13_000_000)
    try:
        return clean_picture(content, policy).data
    except UnusablePicture as error:
        raise FileRefused("picture-inside") from error


def _leaves(name: str) -> bool:
    return (
        "\x00" in name
        or name.startswith(("/", "\\"))
        or ".." in PurePosixPath(name.replace("\\", "/")).parts
        or re.match(r"[A-Za-z]:", name) is not None
    )
