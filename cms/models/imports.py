"""Large imports on their way: how far one has come, and what became of each row.

They are the ledger that keeps a row from being imported twice: a row's outcome is written in the transaction
that writes the row itself.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from domain.core.models import SchemaBound


class ImportState(models.TextChoices):
    CHECKING = "checking", _("Being looked through")
    CHECKED = "checked", _("Looked through")
    WRITING = "writing", _("Being imported")
    DONE = "done", _("Imported")


class ContentImport(SchemaBound):
    """A file that is imported in the background.

    `token` names the stored file as well, which is deleted when all is done. `total` is the number of rows
    that are to be written. `job_run` is the run that works on it now, or did last; `part` counts the runs.
    """

    token = models.CharField(primary_key=True, max_length=32, editable=False)
    kind = models.CharField(max_length=40)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, related_name="+")
    file_name = models.CharField(max_length=200)
    # Of the file, to give back its failed rows as they came.
    headers = models.JSONField(default=list)
    format = models.CharField(max_length=10)
    delimiter = models.CharField(max_length=1)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.CHECKING)
    publish = models.BooleanField(default=False)
    total = models.PositiveIntegerField(default=0)
    job_run = models.UUIDField(null=True)
    part = models.PositiveIntegerField(default=0)
    # What was made beside the rows themselves, and what was there just so.
    headings = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ["-created_at"]

    def __str__(self):
        return self.file_name


class RowOutcome(models.TextChoices):
    CREATED = "created", _("Added")
    UPDATED = "updated", _("Changed")
    FAILED = "failed", _("Not imported")


class ImportedRow(SchemaBound):
    """What became of one row; `cells` and `why` are kept of failed ones only.

    `is_tried`: it was to be written and has had its turn; else it was known to be wrong before.
    """

    content_import = models.ForeignKey(ContentImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=RowOutcome)
    published = models.BooleanField(default=False)
    is_tried = models.BooleanField(default=True)
    cells = models.JSONField(default=list)
    why = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="import_row_once", fields=["content_import", "number"]),
        ]

    def __str__(self):
        return f"{self.number}: {self.outcome}"
