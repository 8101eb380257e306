"""Pictures for tests."""

import io

from django.core.files.base import ContentFile
from PIL import Image

from cms.models import CustomImage


def image(title: str, *, width: int = 1600, height: int = 900, **fields) -> CustomImage:
    """A stored image of one colour, in the organisation that is selected."""
    data = io.BytesIO()
    Image.new("RGB", (width, height), "#336699").save(data, "JPEG")
    return CustomImage.objects.create(title=title, file=ContentFile(data.getvalue(), "x.jpg"), **fields)
