"""Uploads in pieces: begun, continued where they broke off, and ended as a file or with a reason why not.

Each piece is an object of its own in the organisation's private storage, and counts once the row says so: a
line that is cut, or a server that is killed, loses what was under way and nothing before it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.audit.entities import create_entity
from domain.audit.rules import write
from domain.core.errors import DomainError, InvalidInput, InvalidState
from tenants.db import connection

from . import storage
from .choices import FileKind, UploadStatus
from .content import MAX_BYTES, MEGABYTE, MOST_BYTES
from .models import FileUpload, StoredFile
from .refusals import FileRefused
from .rules import examine, keep_file

# What one person may have under way.
MOST_OPEN = 20
MOST_OPEN_BYTES = 200 * MEGABYTE
# So many pieces are then put together, or a very bad line would make very many.
MOST_PARTS = 40
# That an upload came to its end is remembered for as long as the answers to what a phone sends.
ANSWER_KEPT = timedelta(days=90)
# An examination that takes longer never came to its end.
EXAMINATION = timedelta(seconds=60)


class TooManyUploads(DomainError):
    """The person has as many uploads under way as one may have."""

    code = "too-many-uploads"


class WrongOffset(DomainError):
    """A piece doesn't begin where the one before it ended; `received` is where that is."""

    code = "upload-offset"

    def __init__(self, received: int):
        super().__init__(_("Go on at byte %(received)d.") % {"received": received})
        self.received = received


class UnderExamination(DomainError):
    """All bytes are here, and another request is looking at them."""

    code = "request-in-flight"


class UploadExpired(DomainError):
    """It wasn't finished in time."""

    code = "upload-expired"


def begin_upload(
    *,
    by: Any,
    length: int,
    kind: str = "",
    filename: str = "",
    filetype: str = "",
    alt_text: str = "",
    client_id: UUID | None = None,
) -> tuple[FileUpload, bool]:
    """An upload of so many bytes, and whether it is new: the same `client_id` again is the same upload.

    Raises FileRefused for more bytes than such a file may have or none, TooManyUploads, and InvalidState
    where the `client_id` is that of an upload of another length or kind.
    """
    if length > (MAX_BYTES[kind] if kind else MOST_BYTES):
        raise FileRefused("too-big")
    if length < 1:
        raise FileRefused("empty")
    with transaction.atomic():
        # One at a time for each person: what they have under way is counted.
        with connection.cursor() as cursor:
            name = f"uploads {connection.schema_name} {by.pk}"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        known = FileUpload.objects.filter(created_by=by, client_id=client_id).first() if client_id else None
        if known is not None and not _is_over(known):
            if (known.length, known.kind) != (length, kind):
                raise InvalidState(_("This client_id is that of another upload."), code="already-exists")
            return known, False
        if known is not None:
            _end(known, by=None, reason=_("It was not finished in time."))
        _require_room(by, length)
        upload = FileUpload(
            client_id=client_id,
            kind=kind,
            filename=filename,
            filetype=filetype,
            alt_text=alt_text,
            length=length,
            expires_at=timezone.now() + timedelta(hours=settings.FILES_UPLOAD_HOURS),
        )
        return create_entity(upload, by=by), True


def add_piece(upload: FileUpload, *, offset: int, data: bytes) -> FileUpload:
    """Keep the bytes that follow on `offset`; the upload as it is then.

    Raises WrongOffset where something else has arrived meanwhile, InvalidInput for more than was announced,
    UploadExpired, and InvalidState once the upload has come to its end. Not recorded: that it was begun is,
    and how it ended.
    """
    name = storage.new_name()
    with _locked(upload) as stored:
        _require_open(stored)
        if stored.received != offset:
            raise WrongOffset(stored.received)
        if offset + len(data) > stored.length:
            raise InvalidInput(_("This is more than was announced."), code="too-big")
        if not data:
            return stored
        stored.received += len(data)
        if len(stored.parts) >= MOST_PARTS:
            data = b"".join(map(storage.read, stored.parts)) + data
            _remove(stored.parts)
            stored.parts = []
        storage.write(name, data)
        stored.parts = [*stored.parts, name]
        stored.save(update_fields=["parts", "received"])
    return stored


def finish_upload(upload: FileUpload, *, by: Any) -> StoredFile | None:
    """The file that an upload became, now that all of it is here; None where that file is gone since.

    Asked again it says the same again. Raises FileRefused, likewise; UnderExamination while another
    request looks at it.
    """
    with _locked(upload) as stored:
        if stored.status == UploadStatus.RECEIVING:
            _require_open(stored)
            now = timezone.now()
            if stored.examined_since and stored.examined_since > now - EXAMINATION:
                raise UnderExamination(_("All has arrived and is being looked at. Ask again in a moment."))
            stored.examined_since = now
            stored.save(update_fields=["examined_since"])
    if stored.status == UploadStatus.RECEIVING:
        try:
            return _examined(stored, by=by)
        finally:
            # Also after a fault of ours: the next request may try at once.
            FileUpload.objects.filter(pk=stored.pk, examined_since__isnull=False).update(examined_since=None)
    return outcome_of(stored)


def outcome_of(upload: FileUpload) -> StoredFile | None:
    """The file that an upload became; None where there is none yet, or not any more. Raises FileRefused."""
    if upload.status == UploadStatus.REFUSED:
        raise FileRefused(upload.refusal)
    return StoredFile.objects.filter(pk=upload.pk).first() if upload.status == UploadStatus.KEPT else None


def end_upload(upload: FileUpload, *, by: Any, reason: str = "") -> None:
    """Forget an upload and the bytes of it that have arrived; the file it became stays."""
    with _locked(upload) as stored:
        _end(stored, by=by, reason=reason)


def end_uploads_of(person: Any) -> None:
    """Forget all that a person has under way or sent: a step of their erasure."""
    for upload in FileUpload.objects.filter(created_by=person):
        end_upload(upload, by=None)


def end_expired_uploads() -> int:
    """Forget what wasn't finished in time, and long ago came to its end; returns how many."""
    ended = 0
    for upload in FileUpload.objects.filter(expires_at__lt=timezone.now()):
        end_upload(upload, by=None, reason=_("Its time was up."))
        ended += 1
    return ended


def _examined(upload: FileUpload, *, by: Any) -> StoredFile | None:
    try:
        data = b"".join(map(storage.read, upload.parts))
    except FileNotFoundError:
        raise UploadExpired(_("The upload has ended.")) from None  # By someone else, just now.
    kinds = (upload.kind,) if upload.kind else tuple(FileKind.values)
    try:
        examined = examine(ContentFile(data, name=upload.filename or "fil"), by=by, kinds=kinds)
    except FileRefused as refusal:
        with _locked(upload) as stored:
            if stored.status == UploadStatus.RECEIVING:
                changes = {"refusal": (None, refusal.code)}
                write("file-upload.refused", _LABEL, str(stored.pk), str(stored.pk), by=by, changes=changes)
                _close(stored, UploadStatus.REFUSED, refusal.code)
        raise
    with _locked(upload) as stored:
        if stored.status == UploadStatus.RECEIVING:
            file = keep_file(examined, by=by, alt_text=stored.alt_text, key=stored.pk)
            _close(stored, UploadStatus.KEPT)
            return file
    return outcome_of(stored)


def _close(upload: FileUpload, status: UploadStatus, refusal: str = "") -> None:
    _remove(upload.parts)
    upload.status, upload.refusal = status, refusal
    upload.parts, upload.examined_since = [], None
    upload.filename = upload.filetype = upload.alt_text = ""
    upload.expires_at = timezone.now() + ANSWER_KEPT
    upload.save()


def _end(upload: FileUpload, *, by: Any, reason: str) -> None:
    write("file-upload.ended", _LABEL, str(upload.pk), str(upload.pk), by=by, reason=reason)
    _remove(upload.parts)
    upload.delete()


def _require_room(by: Any, length: int) -> None:
    under_way = FileUpload.objects.filter(
        created_by=by, status=UploadStatus.RECEIVING, expires_at__gt=timezone.now()
    )
    announced = under_way.aggregate(bytes=Sum("length", default=0))["bytes"]
    if under_way.count() >= MOST_OPEN or announced + length > MOST_OPEN_BYTES:
        raise TooManyUploads(_("You have too many uploads under way. Finish or end some first."))


def _require_open(upload: FileUpload) -> None:
    if _is_over(upload):
        raise UploadExpired(_("It was not finished in time."))
    if upload.status != UploadStatus.RECEIVING:
        raise InvalidState(_("All of this upload has arrived already."))


def _is_over(upload: FileUpload) -> bool:
    return upload.expires_at <= timezone.now()


@contextmanager
def _locked(upload: FileUpload) -> Iterator[FileUpload]:
    """The row as it is now, and nobody else's to the end of the block. Raises UploadExpired if it is gone."""
    with transaction.atomic():
        stored = FileUpload.objects.select_for_update().filter(pk=upload.pk).first()
        if stored is None:
            raise UploadExpired(_("The upload has ended."))
        yield stored


def _remove(names: list[str]) -> None:
    """Once the transaction has ended well: until then the row needs them."""

    def remove() -> None:
        for name in names:
            storage.remove(name)

    if names:
        transaction.on_commit(remove)


_LABEL = FileUpload._meta.label_lower
