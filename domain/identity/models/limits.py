"""Counted attempts."""

from django.db import models


class RateCounter(models.Model):
    """How often something was tried since its window opened. Counted by `domain.identity.limits`.

    `key` is a keyed hash of what is counted (an address, an account), so that the table tells nobody who
    tried; an expired row is counted anew or pruned.
    """

    key = models.BinaryField(primary_key=True, max_length=32)
    count = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"{bytes(self.key).hex()[:8]} {self.count}"
