from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class FileKind(models.TextChoices):
    """What a file may be; which types of content that allows: `domain.files.content.TYPES`."""

    PHOTO = "photo", pgettext_lazy("kind of file", "photo")
    DOCUMENT = "document", pgettext_lazy("kind of file", "document")


class FileStatus(models.TextChoices):
    READY = "ready", pgettext_lazy("file", "ready")
    # Kept and served to nobody until the virus scanner has answered.
    QUARANTINED = "quarantined", pgettext_lazy("file", "waiting for the virus scanner")
    # The scanner found something; the bytes are gone.
    REFUSED = "refused", pgettext_lazy("file", "refused")
    # The bytes are gone, because of an erasure or because their time was up; that there were some stays.
    DESTROYED = "destroyed", pgettext_lazy("file", "destroyed")


class ScanStatus(models.TextChoices):
    """What the virus scanner said."""

    NOT_SCANNED = "not_scanned", _("not scanned")
    WAITING = "waiting", _("waiting for the scanner")
    CLEAN = "clean", _("nothing found")
    INFECTED = "infected", _("infected")


class UploadStatus(models.TextChoices):
    """Where an upload in pieces stands."""

    RECEIVING = "receiving", pgettext_lazy("upload", "being received")
    KEPT = "kept", pgettext_lazy("upload", "received")
    REFUSED = "refused", pgettext_lazy("upload", "refused")
