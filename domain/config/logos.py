"""Logos as we keep them: re-encoded, so that nothing but the picture of an uploaded file survives."""

import io
import warnings

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from domain.core.errors import InvalidInput

MAX_BYTES = 2 * 1024 * 1024
MAX_SIDE = 6000
MAX_PIXELS = 20_000_000
# No SVG: it can carry scripts, and cleaning it is a race against what browsers learn to run.
FORMATS = ["PNG", "JPEG", "WEBP"]
# What is kept fits this box; the largest place it is shown in is 400 pixels wide on a double-density screen.
BOX = (800, 400)


def clean_logo(upload: UploadedFile) -> ContentFile:
    """The upload as a PNG of at most 800 by 400 pixels, without metadata.

    Raises InvalidInput (field "logo") for what is no PNG, JPEG or WebP by its content, larger than 2 MB,
    more than 20 megapixels, or broken.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise InvalidInput(_("The logo may be at most 2 MB."), code="too-large", field="logo")
    upload.seek(0)
    try:
        with warnings.catch_warnings():
            # Pillow warns of a picture that would fill the memory; for us that is an error.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(upload, formats=FORMATS) as image:
                width, height = image.size
                if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
                    raise InvalidInput(
                        _("The logo has too many pixels: 6,000 on a side and 20 million in all are enough."),
                        code="too-many-pixels",
                        field="logo",
                    )
                picture = ImageOps.exif_transpose(image).convert("RGBA")
    except InvalidInput:
        raise
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise InvalidInput(
            _("Choose a picture in PNG, JPEG or WebP format. This file is not one, or it is damaged."),
            code="not-an-image",
            field="logo",
        ) from error
    picture.thumbnail(BOX, Image.Resampling.LANCZOS)
    # A new image without the old one's info: colour profiles, comments and EXIF stay behind.
    clean = Image.new("RGBA", picture.size)
    clean.paste(picture)
    out = io.BytesIO()
    clean.save(out, "PNG", optimize=True)
    return ContentFile(out.getvalue(), name="logo.png")
