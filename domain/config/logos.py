"""Logos as we keep them: re-encoded, so that nothing but the picture of an uploaded file survives."""

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from domain.core.errors import InvalidInput
from domain.core.pictures import PicturePolicy, UnusablePicture, clean_picture

MAX_BYTES = 2 * 1024 * 1024
POLICY = PicturePolicy(
    # No SVG: it can carry scripts, and cleaning it is a race against what browsers learn to run.
    formats=("PNG", "JPEG", "WEBP"),
    longest=6000,
    max_pixels=20_000_000,
    max_decoded_pixels=20_000_000,
    # The largest place it is shown in is 400 pixels wide on a double-density screen.
    box=(800, 400),
    output="PNG",
    compress_level=9,
)


def clean_logo(upload: UploadedFile) -> ContentFile:
    """The upload as a PNG of at most 800 by 400 pixels, without metadata.

    Raises InvalidInput (field "logo") for what is no PNG, JPEG or WebP by its content, larger than 2 MB,
    more than 20 megapixels, or broken.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise InvalidInput(_("The logo may be at most 2 MB."), code="too-large", field="logo")
    upload.seek(0)
    try:
        picture = clean_picture(upload.read(MAX_BYTES + 1), POLICY)
    except UnusablePicture as error:
        if error.code == "too-many-pixels":
            raise InvalidInput(
                _("The logo has too many pixels: 6,000 on a side and 20 million in all are enough."),
                code="too-many-pixels",
                field="logo",
            ) from error
        raise InvalidInput(
            _("Choose a picture in PNG, JPEG or WebP format. This file is not one, or it is damaged."),
            code="not-an-image",
            field="logo",
        ) from error
    return ContentFile(picture.data, name="logo.png")
