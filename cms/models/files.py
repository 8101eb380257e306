"""Images and documents of an organisation, under names that reveal nothing."""

from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument, Document
from wagtail.images.models import AbstractImage, AbstractRendition, Image

from domain.core.models import SchemaBound
from tenants.fields import uuid7

from .uploads import check_document, clean_image

# Folders below the organisation's own; cms.media serves by them.
ORIGINALS, RENDITIONS, DOCUMENTS = "originals", "images", "documents"


def _random_name(folder: str, filename: str) -> str:
    return f"{folder}/{uuid7().hex}{PurePosixPath(filename).suffix.lower()}"


def document_path(document, filename: str) -> str:
    return _random_name(DOCUMENTS, filename)


class CustomImage(SchemaBound, AbstractImage):
    """An image; what is stored is re-encoded, without EXIF, so it doesn't tell where it was taken.

    `description` is the alternative text that screen readers read out.
    """

    admin_form_fields = Image.admin_form_fields
    file: Any

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")

    def get_upload_to(self, filename):
        return _random_name(ORIGINALS, filename)

    def _set_image_file_metadata(self):
        # The form asks for size and hash before it saves: they must be those of what is stored.
        self._clean_upload()
        super()._set_image_file_metadata()

    def save(self, *args, **kwargs):
        self._clean_upload()
        super().save(*args, **kwargs)

    def _clean_upload(self) -> None:
        """Replace a file that is not stored yet by its harmless copy; ValidationError if there is none."""
        if not self.file or self.file._committed or isinstance(self.file.file, CleanFile):
            return
        data, suffix = clean_image(self.file.file)
        self.file = CleanFile(data, name=f"upload{suffix}")
        self.file_size, self.file_hash = len(data), ""


class CleanFile(ContentFile):
    """Bytes that we made ourselves from an upload."""


class CustomRendition(AbstractRendition):
    image = models.ForeignKey(CustomImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="rendition_once", fields=["image", "filter_spec", "focal_point_key"]
            ),
        ]

    def get_upload_to(self, filename):
        return _random_name(RENDITIONS, filename)


class CustomDocument(SchemaBound, AbstractDocument):
    """A document; served only through the view that knows who asks.

    It is stored under a random name; what a reader downloads is named after the title.
    """

    file: Any = models.FileField(upload_to=document_path, verbose_name=_("file"))

    admin_form_fields = Document.admin_form_fields

    class Meta(AbstractDocument.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    @property
    def filename(self):
        suffix = PurePosixPath(self.file.name).suffix
        return f"{slugify(self.title)[:80] or 'document'}{suffix}"

    def clean(self):
        super().clean()
        if self.file and not self.file._committed:
            check_document(self.file.file, self.file.name)

    def save(self, *args, **kwargs):
        if self.file and not self.file._committed:
            check_document(self.file.file, self.file.name)
        super().save(*args, **kwargs)
