"""The audit record: what it costs writers, how fast it is sealed and verified.

AUDIT_WRITERS and AUDIT_SECONDS set how many write at once and for how long.
"""

import multiprocessing
import os
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.common import own_database, report, seconds

WRITERS = int(os.environ.get("AUDIT_WRITERS", "16"))
SECONDS = float(os.environ.get("AUDIT_SECONDS", "10"))
GOAL = 1500


def main() -> None:
    from django.conf import settings
    from django_tenants.utils import tenant_context

    from domain.audit.models import AuditEvent, AuditHead, AuditSeal
    from domain.audit.queries import reads_about
    from domain.audit.rules import record_read
    from domain.audit.sealing import anchor_heads, seal_all
    from domain.audit.tree import consistency_proof, inclusion_proof
    from domain.audit.verification import verify
    from domain.identity.models import User
    from tenants.db import connection
    from tenants.models import Organization

    with own_database("audit"), TemporaryDirectory() as folder:
        settings.AUDIT_KEY_DIR = Path(folder) / "keys"
        settings.AUDIT_ANCHORS = [f"file://{folder}/anchors"]
        organization = Organization.objects.get(schema_name="platform")
        rates: dict[str, float] = {}
        for _round in range(2):  # The first warms up.
            for label, kind in (("plain", "plain"), ("audited", "audited"), ("20 ms", "slow")):
                rates[label] = together(kind)
        with tenant_context(organization), connection.as_owner():
            events = AuditEvent.objects.count()
            first = AuditHead.objects.order_by("size").first()
            assert first is None
            sealing = seconds(lambda: seal_all(organization))
            anchoring = seconds(lambda: anchor_heads(organization))
            sealed = AuditSeal.objects.count()
            verifying = seconds(lambda: verify(organization))
            result = verify(organization)
            assert result.ok and result.events == sealed, result.first
            heads = list(AuditHead.objects.order_by("size"))
            person = User.objects.get(email="owner@meander.example")
            for _number in range(200):
                record_read(person, by=person)
            reading = seconds(lambda: list(reads_about(person.pk)[:50]), times=20)
            one = seconds(lambda: inclusion_proof(sealed // 3, heads[-1]), times=20)
            two = seconds(lambda: consistency_proof(heads[0], heads[-1]), times=20)
        report(
            "audit",
            {
                "writers": WRITERS,
                "plain transactions/s": rates["plain"],
                f"audited transactions/s (goal {GOAL})": rates["audited"],
                "audited / plain": rates["audited"] / rates["plain"],
                "audited transactions/s that last 20 ms": rates["20 ms"],
                "events": events,
                "sealed events/s": sealed / sealing,
                "anchored, s": anchoring,
                "verified events/s": sealed / verifying,
                "inclusion proof, ms": one * 1000,
                "consistency proof, ms": two * 1000,
                "who has read about a person, 50 of 200, ms": reading * 1000,
            },
        )


def together(kind: str) -> float:
    """Transactions a second of all writers, each a process with a connection of its own."""
    from tenants.db import connection

    connection.close()
    context = multiprocessing.get_context("fork")
    begin, counts = context.Event(), context.Queue()
    writers = [context.Process(target=write, args=(kind, begin, counts)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    ready = [counts.get() for _ in writers]
    assert len(ready) == WRITERS
    begin.set()
    written = sum(counts.get() for _ in writers)
    for writer in writers:
        writer.join()
    return written / SECONDS


def write(kind: str, begin, counts) -> None:
    """Insert a row, and its event unless `kind` is plain, a transaction each, until the time is over."""
    from django.db import transaction
    from django.utils import timezone
    from django_tenants.utils import tenant_context

    from domain.audit.rules import record
    from domain.identity.models import User
    from domain.sales.models import DemoSlot
    from tenants.db import connection
    from tenants.models import Organization

    with tenant_context(Organization.objects.get(schema_name="platform")):
        user = User.objects.get(email="owner@meander.example")
        start = timezone.now() + timedelta(days=1)  # Each writer's own, to the microsecond.
        counts.put(0)
        begin.wait()
        until, count = time.monotonic() + SECONDS, 0
        while time.monotonic() < until:
            begins = start + timedelta(minutes=count, microseconds=os.getpid())
            slot = DemoSlot(starts_at=begins, ends_at=begins + timedelta(hours=1))
            with transaction.atomic():
                DemoSlot.objects.bulk_create([slot])
                if kind != "plain":
                    changes = {"starts_at": (None, begins), "ends_at": (None, slot.ends_at)}
                    record("demoslot.created", slot, by=user, changes=changes)
                if kind == "slow":
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT pg_sleep(0.02)")
            count += 1
        counts.put(count)
    connection.close()
