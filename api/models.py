"""What the API remembers in each organisation."""

from django.db import models

from tenants.fields import Xid8Field


class ContentChange(models.Model):
    """A transaction that changed something the content API shows. Written by triggers only.

    Number of rows, largest transaction id and sum of changes together never repeat, so they stand for the
    state of all content (`api.content.state`). A row per transaction, not one counter: editors never wait for
    each other.
    """

    xid = Xid8Field(primary_key=True)
    changes = models.PositiveIntegerField(default=1)

    def __str__(self):
        return str(self.xid)


class StoredAnswer(models.Model):
    """What a request with an Idempotency-Key was answered, to be answered again (`api.core.idempotency`).

    `caller` is the person's id, or the digest of a network address; `fingerprint` a keyed digest of it all.
    """

    caller = models.CharField(max_length=50)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="answer_once_per_key", fields=["caller", "key"])]
        indexes = [models.Index(fields=["created_at"], name="answer_by_age")]

    def __str__(self):
        return f"{self.caller} {self.key}"
