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
