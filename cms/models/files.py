"""Images and documents of an organisation, under names that reveal nothing."""

from pathlib import PurePosixPath

from django.db import models
from wagtail.documents.models import AbstractDocument, Document
from wagtail.images.models import AbstractImage, AbstractRendition, Image

from domain.core.models import SchemaBound
from tenants.fields import uuid7


class CustomImage(SchemaBound, AbstractImage):
    """An image; what is stored carries no EXIF, so no place where it was taken."""

    admin_form_fields = Image.admin_form_fields

    def get_upload_to(self, filename):
        return f"originals/{uuid7().hex}{PurePosixPath(filename).suffix.lower()}"


class CustomRendition(AbstractRendition):
    image = models.ForeignKey(CustomImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="rendition_once", fields=["image", "filter_spec", "focal_point_key"]
            ),
        ]


class CustomDocument(SchemaBound, AbstractDocument):
    """A document; served only through the view that knows who asks."""

    admin_form_fields = Document.admin_form_fields
