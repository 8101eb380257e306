"""What a file is, told by its content; and a harmless version of it.

Neither the name nor the header of an upload is believed. Photos are decoded and written anew
(`domain.core.pictures`); documents are checked, and packed anew where their format allows it.
"""

from dataclasses import dataclass, field

from domain.core.pictures import PicturePolicy, UnusablePicture, clean_picture

from .choices import FileKind
from .office import EICAR, clean_docx
from .pdf import check_pdf, clean_pdf
from .refusals import FileRefused

MEGABYTE = 1024 * 1024
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# What comes in → what is stored, per kind. HEIC, which few programs show, becomes JPEG.
TYPES: dict[str, tuple[str, ...]] = {
    FileKind.PHOTO: ("image/jpeg", "image/png", "image/webp", "image/heic"),
    FileKind.DOCUMENT: ("application/pdf", DOCX),
}
MAX_BYTES: dict[str, int] = {FileKind.PHOTO: 15 * MEGABYTE, FileKind.DOCUMENT: 20 * MEGABYTE}
MOST_BYTES = max(MAX_BYTES.values())
# The longer side, in pixels, of the smaller versions that are made of a photo.
RENDITIONS = (320, 1280)
_PHOTOS = PicturePolicy(renditions=RENDITIONS)
_STORED_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}


@dataclass(frozen=True)
class CleanFile:
    """What may be stored, and what it is."""

    kind: str
    content_type: str
    suffix: str
    data: bytes
    width: int | None = None
    height: int | None = None
    perceptual_hash: str = ""
    renditions: dict[int, bytes] = field(default_factory=dict)


def sniff(data: bytes) -> str:
    """The type of content by its first bytes; "" for what is none of TYPES."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "image/heic"
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return DOCX
    return ""


def kind_of(content_type: str) -> str:
    """The kind that a type belongs to; "" for none."""
    return next((kind for kind, types in TYPES.items() if content_type in types), "")


def clean_content(data: bytes, kinds: tuple[str, ...]) -> CleanFile:
    """A harmless version of what was sent, of one of the kinds. Raises FileRefused."""
    if not data:
        raise FileRefused("empty")
    content_type = sniff(data)
    kind = kind_of(content_type)
    if not kind or kind not in kinds:
        raise FileRefused("kind")
    if len(data) > MAX_BYTES[kind]:
        raise FileRefused("too-big")
    if kind == FileKind.PHOTO:
        return _photo(data)
    if EICAR in data:
        raise FileRefused("infected")
    if content_type == DOCX:
        return CleanFile(kind, DOCX, ".docx", clean_docx(data))
    check_pdf(data)
    return CleanFile(kind, content_type, ".pdf", clean_pdf(data))


def _photo(data: bytes) -> CleanFile:
    try:
        picture = clean_picture(data, _PHOTOS)
    except UnusablePicture as error:
        raise FileRefused(error.code) from error
    return CleanFile(
        FileKind.PHOTO,
        _STORED_TYPES[picture.suffix],
        picture.suffix,
        picture.data,
        picture.width,
        picture.height,
        picture.perceptual_hash,
        picture.renditions,
    )
