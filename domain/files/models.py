from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from domain.core.models import Entity

from .choices import FileKind, FileStatus, ScanStatus, UploadStatus
from .queries import FileUploadQuerySet, StoredFileQuerySet


class StoredFile(Entity):
    """A file that was taken in, checked and made harmless; its bytes are in the storage "files".

    Who uploaded it is `created_by`. It belongs to the row of an owner that refers to it
    (`domain.files.registry`), or to nothing yet: then it is its uploader's alone, and goes after some days.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=FileKind)
    name = models.CharField(_("name"), max_length=150, blank=True)
    content_type = models.CharField(_("type"), max_length=100)
    # Of the bytes that are kept, not of what was sent.
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    # 64 bits in hex, alike for pictures that look alike; empty for documents.
    perceptual_hash = models.CharField(max_length=16, blank=True, editable=False)
    # Random; the organisation's folder comes before it (`domain.files.storage`). Empty: there are no bytes.
    storage_name = models.CharField(max_length=80, blank=True, editable=False)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    alt_text = models.CharField(
        _("description"),
        max_length=300,
        blank=True,
        help_text=_("What the picture shows, in one sentence: it is read out to those who don't see it."),
    )
    status = models.CharField(_("status"), max_length=20, choices=FileStatus, default=FileStatus.READY)
    scan = models.CharField(
        _("virus scan"), max_length=20, choices=ScanStatus, default=ScanStatus.NOT_SCANNED
    )
    scanned_at = models.DateTimeField(_("scanned at"), null=True, blank=True)
    retain_until = models.DateField(
        _("keep until"), null=True, blank=True, help_text=_("The bytes are destroyed the day after.")
    )

    audit_noun = "file"
    audit_hidden: ClassVar[tuple[str, ...]] = ("storage_name", "sha256", "perceptual_hash")

    objects: Any = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.CheckConstraint(name="file_kind", condition=models.Q(kind__in=FileKind.values)),
            models.CheckConstraint(name="file_status", condition=models.Q(status__in=FileStatus.values)),
            models.CheckConstraint(name="file_scan", condition=models.Q(scan__in=ScanStatus.values)),
            models.CheckConstraint(
                name="file_has_bytes_while_kept",
                condition=models.Q(status__in=[FileStatus.READY, FileStatus.QUARANTINED], storage_name__gt="")
                | models.Q(status__in=[FileStatus.REFUSED, FileStatus.DESTROYED], storage_name=""),
            ),
        ]
        indexes = [
            models.Index(fields=["created_by"], name="file_by_uploader"),
            models.Index(
                fields=["status"],
                name="file_in_quarantine",
                condition=models.Q(status=FileStatus.QUARANTINED),
            ),
            models.Index(fields=["sha256"], name="file_by_content"),
            models.Index(fields=["retain_until"], name="file_by_retention"),
        ]

    def __str__(self) -> str:
        return self.name or str(self._meta.verbose_name)

    @property
    def is_picture(self) -> bool:
        return self.kind == FileKind.PHOTO

    @property
    def is_ready(self) -> bool:
        return self.status == FileStatus.READY

    @property
    def size_in_kilobytes(self) -> int:
        return -(-self.size // 1024)


class FileUpload(Entity):
    """A file on its way here in pieces, over a line that may break: its sender's (`created_by`) alone.

    Once all has arrived it becomes the StoredFile of the same id, or is refused. The row stays for some
    time after that, so that a sender who missed the answer is given it again.
    """

    # Of the sender's own making: the same one again is the same upload.
    client_id = models.UUIDField(null=True, editable=False)
    # What it must be; empty: any of them.
    kind = models.CharField(_("kind"), max_length=20, choices=FileKind, blank=True)
    # As the sender says, and until it is received: what people call a file may tell of their health.
    filename = models.CharField(_("name"), max_length=500, blank=True)
    filetype = models.CharField(_("type"), max_length=100, blank=True)
    alt_text = models.CharField(_("description"), max_length=300, blank=True)
    length = models.PositiveIntegerField(_("size in bytes"))
    received = models.PositiveIntegerField(_("bytes received"), default=0)
    # Names in the storage, in order.
    parts = ArrayField(models.CharField(max_length=80), default=list, blank=True, editable=False)
    status = models.CharField(
        _("status"), max_length=20, choices=UploadStatus, default=UploadStatus.RECEIVING
    )
    refusal = models.CharField(_("reason"), max_length=40, blank=True)
    # While somebody looks at what has arrived; older than a minute: they never came to an end.
    examined_since = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(_("ends"))

    audit_noun = "file-upload"
    audit_hidden: ClassVar[tuple[str, ...]] = ("client_id", "filename", "filetype", "alt_text", "parts")

    objects: Any = FileUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        constraints = [
            models.UniqueConstraint(name="upload_once", fields=["created_by", "client_id"]),
            models.CheckConstraint(name="upload_kind", condition=models.Q(kind__in=["", *FileKind.values])),
            models.CheckConstraint(
                name="upload_received_up_to_its_length",
                condition=models.Q(received__lte=models.F("length"), length__gt=0),
            ),
            models.CheckConstraint(
                name="upload_status",
                condition=models.Q(status=UploadStatus.RECEIVING, refusal="")
                | models.Q(status=UploadStatus.KEPT, refusal="", received=models.F("length"))
                | models.Q(status=UploadStatus.REFUSED, refusal__gt=""),
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="upload_by_end")]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_complete(self) -> bool:
        """Whether all bytes are here; what they are may not be known yet."""
        return self.received == self.length
