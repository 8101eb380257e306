"""What may be uploaded as content: told by the content itself, never by its name.

The looking and cleaning is that of all files (`domain.core.pictures`, `domain.files`); here is what differs
for content: pictures may be animated and keep their colour profile, and there are more kinds of documents.
Those are stored as they are, and served as downloads that no browser runs.
"""

from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from domain.core.pictures import MEGABYTE, PicturePolicy, UnusablePicture
from domain.core.pictures import clean_picture as redraw
from domain.files.office import EICAR, open_office
from domain.files.pdf import check_pdf
from domain.files.refusals import FileRefused
from domain.files.rules import read_upload
from domain.files.text import is_text


def clean_image(file) -> tuple[bytes, str]:
    """Re-encode an uploaded image; returns its bytes and the suffix of its real type.

    Raises ValidationError for anything that is not an image of an allowed type, too big, or broken.
    """
    data = _read(file, settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE)
    try:
        if EICAR in data:
            raise UnusablePicture("not-an-image")
        picture = redraw(data, _policy())
    except UnusablePicture as error:
        if error.code == "too-many-pixels":
            message = _("The picture has too many pixels: make it smaller and try again.")
        else:
            message = _("This is not a picture we can use. Upload a JPEG, PNG, GIF or WebP file.")
        raise ValidationError(message, code=error.code) from error
    return picture.data, picture.suffix


def _policy() -> PicturePolicy:
    return PicturePolicy(
        formats=("JPEG", "PNG", "GIF", "WEBP"),
        max_pixels=settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS,
        max_decoded_pixels=settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS,
        box=None,
        animation=True,
        keep_profile=True,
        compress_level=6,
        memory=1536 * MEGABYTE,
        seconds=20,
    )


def check_document(file, name: str) -> None:
    """Raise ValidationError unless the content is what the file's suffix says, and harmless."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix.removeprefix(".") not in settings.WAGTAILDOCS_EXTENSIONS:
        raise ValidationError(
            _("This kind of file can't be uploaded. Use one of: %(kinds)s.")
            % {"kinds": ", ".join(settings.WAGTAILDOCS_EXTENSIONS)},
            code="kind",
        )
    data = _read(file, settings.WAGTAILDOCS_MAX_UPLOAD_SIZE)
    try:
        if EICAR in data:
            raise FileRefused("content")
        if suffix == ".pdf":
            check_pdf(data)
        elif suffix == ".rtf":
            _require(data.startswith(b"{\\rtf"))
        elif suffix in {".txt", ".csv"}:
            _require(is_text(data))
        else:
            open_office(data, suffix).close()
    except FileRefused as refusal:
        if refusal.code == "content":
            raise _not_what_it_says(suffix) from refusal
        raise ValidationError(str(refusal.message), code=refusal.code) from refusal


def _require(is_right: bool) -> None:
    if not is_right:
        raise FileRefused("content")


def _not_what_it_says(suffix: str) -> ValidationError:
    return ValidationError(
        _("The content is not what the name says (%(kind)s). Save it again in the program that made it.")
        % {"kind": suffix},
        code="content",
    )


def _read(file, limit: int) -> bytes:
    try:
        return read_upload(file, limit)
    except FileRefused as refusal:
        if refusal.code == "too-big":
            raise ValidationError(
                _("The file is too big: the limit is %(limit)s.") % {"limit": filesizeformat(limit)},
                code="too-big",
            ) from refusal
        raise ValidationError(str(refusal.message), code=refusal.code) from refusal
