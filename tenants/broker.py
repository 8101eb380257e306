"""The queue's table, read and written so that several workers share it without waiting for each other."""

import logging
from datetime import timedelta

from django.db import connections
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import BadSignature, SignedPackage

# The only function a task may name; what it does is looked up by the id it is given.
RUNNER = "tenants.job_runner.run"
logger = logging.getLogger(__name__)


class OutboxBroker(ORM):
    """django-q2's ORM broker with three changes.

    A task may wait (`delay`); several workers take different tasks at once (SKIP LOCKED) and the oldest
    first; and whatever is not a call of our runner is refused: it would run without an organisation, with
    the rights of the owner.
    """

    def __init__(self, list_key: str | None = None, *, delay: timedelta = timedelta(0)):
        super().__init__(list_key)
        self.delay = delay

    def enqueue(self, task):
        row = OrmQ.objects.using(Conf.ORM).create(
            key=self.list_key, payload=task, lock=timezone.now() + self.delay
        )
        return row.pk

    def dequeue(self):
        now = timezone.now()
        self.get_connection()  # closes a connection that has gone bad
        with connections[Conf.ORM].cursor() as cursor:
            cursor.execute(
                "UPDATE django_q_ormq SET lock = %s WHERE id IN (SELECT id FROM django_q_ormq "
                "WHERE key = %s AND lock < %s ORDER BY lock, id LIMIT %s FOR UPDATE SKIP LOCKED) "
                "RETURNING id, payload",
                [now + timedelta(seconds=Conf.RETRY), self.list_key, now, Conf.BULK],
            )
            rows = cursor.fetchall()
        if not rows:
            return super().dequeue()  # waits for a moment
        return [row for row in rows if self._is_ours(*row)]

    def _is_ours(self, pk: int, payload: str) -> bool:
        try:
            task = SignedPackage.loads(payload)
        except (BadSignature, TypeError):
            logger.error("a task with a wrong signature was refused")
            self.delete(pk)
            return False
        if task.get("func") == RUNNER:
            return True
        logger.error("a task without organisation was refused: %s", task.get("func"))
        self.delete(pk)
        return False


def wake_all() -> None:
    """Let every task be taken at once, also those another worker took and may never have begun.

    For a worker's start: what died with the one before needn't wait for `retry`. Taking a task twice does
    no harm (see `tenants.job_runner`).
    """
    OrmQ.objects.filter(lock__gt=timezone.now()).update(lock=timezone.now())
