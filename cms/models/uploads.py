"""What may be uploaded: told by the content itself, never by its name.

Images are decoded and written anew, so that nothing but pixels, colour profile and animation survive: no EXIF
or GPS, no comments, no second format hidden behind the first. Documents are stored as they are, so they are
checked more strictly, and are served as downloads that no browser runs.
"""

import io
import re
import zipfile
from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

# Pillow's format → file suffix; MPO is what some phones make of a JPEG with several pictures.
FORMATS = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "GIF": ".gif", "WEBP": ".webp"}
MAX_FRAMES = 300
# Of the unpacked parts of an office document, in bytes, in all and against the packed size.
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 150
MAX_PARTS = 5000
MAX_PROFILE = 1024 * 1024
# The harmless file by which virus scanners are tried: whatever carries it is not meant for readers.
EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
OFFICE = {".docx": "word/", ".pptx": "ppt/", ".xlsx": "xl/"}
MARKUP = re.compile(rb"^\s*(<!doctype\s+html|<html|<head|<body|<script|<svg|<\?xml|<!entity|<iframe)", re.I)


def read_upload(file, limit: int) -> bytes:
    """The bytes of an upload of at most `limit` bytes; ValidationError if there are more, or none."""
    file.seek(0)
    data = file.read(limit + 1)
    file.seek(0)
    if len(data) > limit:
        raise ValidationError(
            _("The file is too big: the limit is %(limit)s.") % {"limit": filesizeformat(limit)},
            code="too-big",
        )
    if not data:
        raise ValidationError(_("The file is empty."), code="empty")
    return data


def clean_image(file) -> tuple[bytes, str]:
    """Re-encode an uploaded image; returns its bytes and the suffix of its real type.

    The picture is turned upright first, since what turned it was in the EXIF. Raises ValidationError for
    anything that is not an image of an allowed type, too big, or broken.
    """
    data = read_upload(file, settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE)
    if EICAR in data:
        raise not_an_image()
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "GIF", "WEBP"]) as image:
            frames = 1 if image.format in {"JPEG", "MPO"} else getattr(image, "n_frames", 1)
            if frames > MAX_FRAMES or image.width * image.height * frames > _max_pixels():
                raise ValidationError(
                    _("The picture has too many pixels: make it smaller and try again."),
                    code="too-many-pixels",
                )
            return _encode(image, frames), FORMATS[str(image.format)]
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        SyntaxError,
        ValueError,
        KeyError,
    ) as error:
        if isinstance(error, ValidationError):
            raise
        raise not_an_image() from error


def not_an_image() -> ValidationError:
    return ValidationError(
        _("This is not a picture we can use. Upload a JPEG, PNG, GIF or WebP file."), code="not-an-image"
    )


def _max_pixels() -> int:
    return settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS


def _encode(image: Image.Image, frames: int) -> bytes:
    profile = image.info.get("icc_profile")
    options: dict = {}
    if profile and len(profile) <= MAX_PROFILE:
        options["icc_profile"] = profile
    if frames > 1:
        return _encode_animation(image, options)
    upright = _bare(ImageOps.exif_transpose(image))
    if "transparency" in image.info and upright.mode in {"P", "L", "RGB"}:
        options["transparency"] = image.info["transparency"]
    out = io.BytesIO()
    if image.format in {"JPEG", "MPO"}:
        upright.save(out, "JPEG", quality=90, optimize=True, progressive=True, **options)
    elif image.format == "WEBP":
        upright.save(out, "WEBP", quality=90, **options)
    else:
        upright.save(out, image.format, **options)
    return out.getvalue()


def _encode_animation(image: Image.Image, options: dict) -> bytes:
    pictures, durations = [], []
    for frame in ImageSequence.Iterator(image):
        durations.append(frame.info.get("duration", 100))
        pictures.append(_bare(frame.convert("RGBA")))
    out = io.BytesIO()
    pictures[0].save(
        out,
        image.format,
        save_all=True,
        append_images=pictures[1:],
        duration=durations,
        loop=image.info.get("loop", 0),
        disposal=2,
        **options,
    )
    return out.getvalue()


def _bare(image: Image.Image) -> Image.Image:
    """The pixels alone: encoders copy comments, XMP and EXIF from `info`."""
    bare = image.copy()
    bare.info = {}
    if hasattr(bare, "_exif"):
        bare._exif = None
    return bare


def check_document(file, name: str) -> None:
    """Raise ValidationError unless the content is what the file's suffix says, and harmless."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix.removeprefix(".") not in settings.WAGTAILDOCS_EXTENSIONS:
        raise ValidationError(
            _("This kind of file can't be uploaded. Use one of: %(kinds)s.")
            % {"kinds": ", ".join(settings.WAGTAILDOCS_EXTENSIONS)},
            code="kind",
        )
    data = read_upload(file, getattr(settings, "WAGTAILDOCS_MAX_UPLOAD_SIZE", None) or 20 * 1024 * 1024)
    if EICAR in data:
        raise _not_what_it_says(suffix)
    if suffix == ".pdf":
        good = data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]
    elif suffix == ".rtf":
        good = data.startswith(b"{\\rtf")
    elif suffix in {".txt", ".csv"}:
        good = _is_text(data)
    else:
        good = _is_office(data, suffix)
    if not good:
        raise _not_what_it_says(suffix)


def _not_what_it_says(suffix: str) -> ValidationError:
    return ValidationError(
        _("The content is not what the name says (%(kind)s). Save it again in the program that made it.")
        % {"kind": suffix},
        code="content",
    )


def _is_text(data: bytes) -> bool:
    if b"\x00" in data or MARKUP.match(data.removeprefix(b"\xef\xbb\xbf")[:1000]):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # Spreadsheets of an older Windows: nearly every byte is a letter of Windows-1252, controls are not.
        return not any(byte < 9 or 14 <= byte < 32 for byte in data)
    return True


def _is_office(data: bytes, suffix: str) -> bool:
    """An OOXML or OpenDocument file without macros, encryption or a bomb, with nothing before the archive."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MAX_PARTS or unpacked > min(MAX_UNPACKED, MAX_RATIO * max(len(data), 1)):
                raise ValidationError(_("The document unpacks to far more than its size."), code="bomb")
            if any(part.flag_bits & 1 or _leaves(part.filename) for part in parts):
                return False
            if any(name.lower().endswith("vbaproject.bin") or "/Scripts/" in f"/{name}" for name in names):
                raise ValidationError(_("Documents with macros can't be uploaded."), code="macros")
            if suffix == ".odt":
                return (
                    "mimetype" in names
                    and archive.getinfo("mimetype").file_size < 200
                    and archive.read("mimetype").startswith(b"application/vnd.oasis.opendocument.text")
                )
            return "[Content_Types].xml" in names and any(name.startswith(OFFICE[suffix]) for name in names)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError):
        return False


def _leaves(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in PurePosixPath(name.replace("\\", "/")).parts
