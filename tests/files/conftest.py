"""Uploads made by code, and a model that owns files."""

import io
from typing import Any, ClassVar

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.db.models import PROTECT
from django.test.utils import isolate_apps
from django_tenants.utils import schema_context
from PIL import Image

from domain.associations.models import LocalAssociation
from domain.files import registry
from domain.files.models import StoredFile
from tenants.db import connection
from tenants.fields import uuid7


class EvidenceQuerySet(models.QuerySet):
    def visible_to(self, scope):
        return self.filter(chapter__in=[held.path for held in scope.held])


# Not among the real models: it is none of the application's.
with isolate_apps():

    class Evidence(models.Model):
        """Something about a person that owns a file, as attachments of later areas do."""

        id = models.UUIDField(primary_key=True, default=uuid7)
        file = models.OneToOneField(StoredFile, on_delete=PROTECT, related_name="+")
        association = models.ForeignKey(LocalAssociation, PROTECT, null=True, related_name="+")
        person_id = models.UUIDField(null=True)
        title = models.CharField(max_length=50, default="Evidence")
        # Of a role that may see it.
        chapter = models.CharField(max_length=100, default="", blank=True)

        audit_subjects: ClassVar[tuple[str, ...]] = ("person_id",)
        audit_label: ClassVar[tuple[str, ...]] = ("title",)
        objects: Any = EvidenceQuerySet.as_manager()

        class Meta:
            app_label = "files"


@pytest.fixture
def evidence(nhf):
    """The model, with a table in two organisations, registered as an owner of files."""
    for schema in ("blindeforbundet", "nhf"):
        with schema_context(schema), connection.as_owner():
            with connection.schema_editor() as editor:
                editor.create_model(Evidence)
            with connection.cursor() as cursor:
                cursor.execute("GRANT ALL ON files_evidence TO PUBLIC")
    registry.register_owner(Evidence)
    yield Evidence
    registry.unregister_owner(Evidence)


def photo(kind: str = "JPEG", size=(400, 300), **options) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, **options)
    return out.getvalue()


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def upload(data: bytes = PDF, name: str = "referat.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    """Bytes that other tests left behind are none of these tests' business."""
    settings.MEDIA_ROOT = tmp_path
