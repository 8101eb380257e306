"""Taking files in, and letting them go. Every change of a file goes through here."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.audit.entities import HIDDEN
from domain.audit.rules import write
from domain.core.errors import InvalidInput, InvalidState, NotAllowed, StaleVersion

from . import scanner, storage
from .choices import FileKind, FileStatus, ScanStatus
from .content import MOST_BYTES, RENDITIONS, CleanFile, clean_content
from .models import FileUpload, StoredFile
from .names import clean_name
from .refusals import FileRefused
from .registry import is_attached, owner_of

KEPT = (FileStatus.READY, FileStatus.QUARANTINED)


def accept_file(
    upload: Any,
    *,
    by: Any,
    kinds: Iterable[str] = (FileKind.PHOTO, FileKind.DOCUMENT),
    alt_text: str = "",
    retain_until: date | None = None,
) -> StoredFile:
    """Take a file in: look at what it is, make it harmless, have it scanned, store it, record it.

    `upload` is an UploadedFile, or any file with a `name`. The file belongs to nothing yet; only `by` sees
    it. While the scanner doesn't answer it is quarantined. Raises FileRefused; that a virus was found is on
    the record then, so don't take back the transaction it was raised in.
    """
    return keep_file(examine(upload, by=by, kinds=kinds), by=by, alt_text=alt_text, retain_until=retain_until)


@dataclass(frozen=True)
class Examined:
    """An upload that was looked at, cleaned and scanned."""

    name: str
    clean: CleanFile
    scan: ScanStatus
    verdict_missing: bool


def examine(upload: Any, *, by: Any, kinds: Iterable[str]) -> Examined:
    """The first half of `accept_file`, which takes its time: to be done in no transaction."""
    data = read_upload(upload, MOST_BYTES)
    scan, verdict_missing = _scan_upload(data, by=by)
    clean = clean_content(data, tuple(str(kind) for kind in kinds))
    shown = str(getattr(upload, "name", "") or "")
    return Examined(clean_name(shown, clean.suffix), clean, scan, verdict_missing)


def keep_file(
    examined: Examined,
    *,
    by: Any,
    alt_text: str = "",
    retain_until: date | None = None,
    key: UUID | None = None,
) -> StoredFile:
    """The second half: store and record; `key`: the id that the file is to have."""
    clean = examined.clean
    file = StoredFile(
        kind=clean.kind,
        name=examined.name,
        content_type=clean.content_type,
        size=len(clean.data),
        sha256=hashlib.sha256(clean.data).hexdigest(),
        perceptual_hash=clean.perceptual_hash,
        storage_name=storage.new_name(),
        width=clean.width,
        height=clean.height,
        alt_text=" ".join(alt_text.split()),
        status=FileStatus.QUARANTINED if examined.verdict_missing else FileStatus.READY,
        scan=examined.scan,
        scanned_at=timezone.now() if examined.scan == ScanStatus.CLEAN else None,
        retain_until=retain_until,
    )
    if key is not None:
        file.pk = key
    file.full_clean(exclude=["created_by", "updated_by"])
    with transaction.atomic():
        _store(file, clean)
        file.created_by = file.updated_by = by
        file.save(force_insert=True)
        _note("file.uploaded", file, by=by, changes=_said(file))
        if examined.verdict_missing:
            _note("file.quarantined", file, by=by)
    return file


def read_upload(file: Any, limit: int) -> bytes:
    """The bytes of an upload of at most `limit` bytes. Raises FileRefused if there are more, or none."""
    file.seek(0)
    data = file.read(limit + 1)
    file.seek(0)
    if len(data) > limit:
        raise FileRefused("too-big")
    if not data:
        raise FileRefused("empty")
    return data


def require_attachable(
    file: StoredFile, *, by: Any, kinds: Iterable[str] = (FileKind.PHOTO, FileKind.DOCUMENT)
) -> StoredFile:
    """The file, locked, if `by` may attach it to something of theirs: to be called before an owner is made.

    Raises InvalidInput (field "file") for one that somebody else uploaded, that belongs to something
    already, that was refused or destroyed, or that isn't of one of the `kinds`.
    """
    stored = StoredFile.objects.select_for_update().filter(pk=file.pk).first()
    uploader = getattr(by, "pk", None)
    if stored is None or stored.created_by_id != uploader:
        raise InvalidInput(_("There is no such file."), code="does_not_exist", field="file")
    if StoredFile.objects.filter(is_attached(), pk=stored.pk).exists():
        raise InvalidInput(_("The file belongs to something else already."), code="in-use", field="file")
    if stored.status not in KEPT:
        raise InvalidInput(_("The file is not kept any more."), code="gone", field="file")
    if stored.kind not in {str(kind) for kind in kinds}:
        raise InvalidInput(_("This kind of file can't be used here."), code="kind", field="file")
    return stored


def describe_file(file: StoredFile, *, by: Any, alt_text: str, version: int | None = None) -> StoredFile:
    """Change what is read out to those who don't see the picture. Raises StaleVersion, ValidationError.

    Whoever calls has checked that `by` may see the file, and change what it belongs to.
    """
    text = " ".join(alt_text.split())
    with transaction.atomic():
        stored = StoredFile.objects.select_for_update().get(pk=file.pk)
        if version is not None and stored.version != version:
            raise StaleVersion(_("Someone else has changed this since you opened it. Reload and try again."))
        if stored.alt_text == text:
            return stored
        said = (HIDDEN if stored.alt_text else None, HIDDEN if text else None)
        stored.alt_text, stored.updated_by = text, by
        stored.full_clean(exclude=["created_by", "updated_by"])
        stored.save(update_fields=["alt_text", "updated_by"])
        _note("file.changed", stored, by=by, changes={"alt_text": said})
    return stored


def discard_file(file: StoredFile, *, by: Any) -> None:
    """Destroy a file that belongs to nothing: bytes and row.

    Raises InvalidState for one that belongs to something (remove it there), NotAllowed for someone else's.
    """
    with transaction.atomic():
        stored = StoredFile.objects.select_for_update().get(pk=file.pk)
        if owner_of(stored) is not None:
            raise InvalidState(_("The file belongs to something. Remove it there."), code="in-use")
        if by is not None and stored.created_by_id != by.pk:
            raise NotAllowed(_("You may not do this."))
        _note("file.destroyed", stored, by=by)
        _remove_bytes(stored.storage_name)
        stored.delete()


def destroy_bytes(file: StoredFile, *, by: Any, reason: str = "") -> None:
    """Destroy what a file holds, and its name and description; the row stays, for what refers to it.

    For erasure, and when a retention period has ended. Done once, it does nothing more.
    """
    with transaction.atomic():
        stored = StoredFile.objects.select_for_update().get(pk=file.pk)
        if stored.status not in KEPT:
            return
        _note("file.destroyed", stored, by=by, reason=reason)
        _empty(stored, FileStatus.DESTROYED)


def remove_with_owner(file_id: UUID) -> None:
    """Destroy a file because the row it belonged to was deleted, in the transaction of that."""
    stored = StoredFile.objects.select_for_update().filter(pk=file_id).first()
    if stored is None:
        return
    _note("file.destroyed", stored, by=None)
    _remove_bytes(stored.storage_name)
    stored.delete()


def forget_uploads(person: Any) -> None:
    """Destroy what a person uploaded and attached to nothing: a step of their erasure."""
    for file in StoredFile.objects.unattached().filter(created_by=person):
        discard_file(file, by=None)


def settle_scan(file: StoredFile, verdict: scanner.Verdict) -> None:
    """What the scanner said later of a file that it couldn't be asked about at first."""
    with transaction.atomic():
        stored = StoredFile.objects.select_for_update().get(pk=file.pk)
        if stored.status not in KEPT or stored.scan in (ScanStatus.CLEAN, ScanStatus.INFECTED):
            return
        stored.scanned_at = timezone.now()
        if verdict.is_clean:
            stored.status, stored.scan = FileStatus.READY, ScanStatus.CLEAN
            stored.save(update_fields=["status", "scan", "scanned_at"])
            _note("file.scanned", stored, by=None)
            return
        _note("file.refused", stored, by=None, changes={"found": (None, verdict.found)})
        stored.scan = ScanStatus.INFECTED
        _empty(stored, FileStatus.REFUSED, keep_name=True)


def destroy_stale(*, today: date, older_than: Any) -> int:
    """Destroy files nobody attached in time and those whose retention has ended; returns how many."""
    destroyed = 0
    for file in StoredFile.objects.unattached().filter(created_at__lt=older_than):
        discard_file(file, by=None)
        destroyed += 1
    for file in StoredFile.objects.filter(retain_until__lt=today, status__in=KEPT):
        destroy_bytes(file, by=None, reason=_("The time for which it was to be kept has ended."))
        destroyed += 1
    return destroyed


def sweep_storage(*, written_before: Any) -> int:
    """Remove bytes that no row refers to, left by a transaction that was taken back; returns how many."""
    known = set(StoredFile.objects.exclude(storage_name="").values_list("storage_name", flat=True))
    for parts in FileUpload.objects.values_list("parts", flat=True):
        known.update(parts)
    removed = 0
    for name, written_at in list(storage.names()):
        if name.partition(".")[0] not in known and written_at < written_before:
            storage.remove(name)
            removed += 1
    return removed


def _scan_upload(data: bytes, *, by: Any) -> tuple[ScanStatus, bool]:
    """What the scanner says of an upload, and whether its verdict is missing. Raises FileRefused."""
    try:
        verdict = scanner.scan(data)
    except scanner.ScannerUnavailable:
        return ScanStatus.WAITING, True
    if verdict is None:
        return ScanStatus.NOT_SCANNED, False
    if not verdict.is_clean:
        write(
            "file.refused",
            StoredFile._meta.label_lower,
            "",
            "",
            by=by,
            changes={"found": (None, verdict.found)},
        )
        raise FileRefused("infected")
    return ScanStatus.CLEAN, False


def _store(file: StoredFile, clean: CleanFile) -> None:
    written: list[str] = []
    try:
        for name, data in _parts(file.storage_name, clean):
            storage.write(name, data)
            written.append(name)
    except Exception:
        for name in written:
            storage.remove(name)
        raise


def _parts(name: str, clean: CleanFile) -> list[tuple[str, bytes]]:
    smaller = [(storage.rendition_name(name, size), data) for size, data in clean.renditions.items()]
    return [(name, clean.data), *smaller]


def _empty(file: StoredFile, status: FileStatus, *, keep_name: bool = False) -> None:
    _remove_bytes(file.storage_name)
    file.status = status
    file.storage_name = file.sha256 = file.perceptual_hash = file.alt_text = ""
    if not keep_name:
        file.name = ""
    file.save()


def _remove_bytes(name: str) -> None:
    """Once the transaction has ended well: until then the row may still need them."""
    if not name:
        return

    def remove() -> None:
        for one in (name, *(storage.rendition_name(name, size) for size in RENDITIONS)):
            storage.remove(one)

    transaction.on_commit(remove)


def _note(
    action: str,
    file: StoredFile,
    *,
    by: Any,
    changes: dict[str, tuple[Any, Any]] | None = None,
    reason: str = "",
) -> None:
    """Write an event of a file by its id: what people call it, or say of it, may tell of their health."""
    write(action, file._meta.label_lower, str(file.pk), str(file.pk), by=by, changes=changes, reason=reason)


def _said(file: StoredFile) -> dict[str, tuple[Any, Any]]:
    return {
        "kind": (None, file.kind),
        "content_type": (None, file.content_type),
        "size": (None, file.size),
        "scan": (None, file.scan),
    }


def unattached_days() -> int:
    """For how many days a file may belong to nothing."""
    return int(settings.FILES_UNATTACHED_DAYS)
