"""Events get their order and their signed head, whatever runs beside."""

import os
import threading

import pytest
from django_tenants.utils import tenant_context

from domain.audit import checkpoint, keys
from domain.audit.anchors import anchors, log_name
from domain.audit.jobs import organizations_to_seal
from domain.audit.merkle import WIDTH, Tree, is_consistent, is_included
from domain.audit.models import AuditAnchoring, AuditEvent, AuditHead, AuditNode, AuditSeal
from domain.audit.sealing import anchor_heads, seal
from domain.audit.tree import consistency_proof, inclusion_proof, leaf_of, standing, stored_hashes
from tenants.db import connection
from tenants.models import Organization
from tests.audit.sealed import (
    another_connection,
    await_horizon,
    check,
    horizon_here,
    seal_and_anchor,
    write_events,
)


@pytest.fixture
def nhf(own_database):
    """Of its own database: what is sealed must be committed."""
    organization = Organization.objects.get(schema_name="nhf")
    with tenant_context(organization):
        seal_and_anchor(organization)
        yield organization


def sealed_ids() -> list:
    return list(AuditSeal.objects.order_by("seq").values_list("event_id", flat=True))


def test_every_event_gets_one_number_without_gaps(nhf):
    before = AuditSeal.objects.count()
    write_events(7)
    assert seal_and_anchor(nhf) == 7
    assert list(AuditSeal.objects.values_list("seq", flat=True)) == list(range(before + 7))
    assert set(sealed_ids()) == set(AuditEvent.objects.values_list("pk", flat=True))
    assert check(nhf).ok


def test_sealing_again_finds_nothing_left(nhf):
    write_events(3)
    assert seal_and_anchor(nhf) == 3
    heads = AuditHead.objects.count()
    assert seal_and_anchor(nhf) == 0
    assert AuditHead.objects.count() == heads


def test_batches_that_cut_a_transaction_lose_and_repeat_nothing(nhf):
    from django.db import transaction

    with transaction.atomic():
        write_events(25)
    assert seal_and_anchor(nhf, limit=4) == 25
    assert set(sealed_ids()) == set(AuditEvent.objects.values_list("pk", flat=True))
    assert check(nhf).ok


def test_an_event_of_a_transaction_still_open_waits_and_so_does_what_came_after_it(nhf):
    size = AuditSeal.objects.count()
    with another_connection() as other, other.transaction():
        other.execute(
            "INSERT INTO nhf.audit_auditevent "
            "(id, at, action, object_type, object_id, subject_ids, commitment) "
            "VALUES (gen_random_uuid(), now(), 'faq.published', 'x.y', '1', '{}', '\\x00')"
        )
        write_events(2)
        assert seal_and_anchor(nhf, wait=False) == 0
    assert seal_and_anchor(nhf) == 3
    first = AuditSeal.objects.get(seq=size)
    assert AuditEvent.objects.get(pk=first.event_id).object_type == "x.y"


def test_two_sealers_at_once_seal_everything_once(nhf):
    write_events(60)
    await_horizon()
    counts, errors = [], []

    def work():
        try:
            with tenant_context(nhf), connection.as_owner():
                while count := seal(nhf, limit=10, until=horizon_here()):
                    counts.append(count)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(counts) == 60
    assert seal_and_anchor(nhf) == 0
    assert check(nhf).ok


def test_after_a_move_to_a_cluster_with_another_clock_nothing_is_left_out(nhf):
    write_events(3)
    seal_and_anchor(nhf)
    with connection.as_owner(), connection.cursor() as cursor:
        for table in ("audit_audithead", "audit_auditevent"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        # As if the last head and two unsealed events came from a server that has counted much further.
        cursor.execute("UPDATE audit_audithead SET horizon = '900000000000'::xid8")
        write_events(2)
        cursor.execute(
            "UPDATE audit_auditevent SET xid = '900000000001'::xid8 WHERE id NOT IN "
            "(SELECT event_id FROM audit_auditseal)"
        )
    write_events(2)
    # What the other server wrote needn't be waited for; what this one writes does.
    sealed = seal_and_anchor(nhf, limit=3, wait=False)
    assert sealed >= 2
    _back_to_this_clock()
    write_events(1)
    assert sealed + seal_and_anchor(nhf) == 5


def _back_to_this_clock() -> None:
    """Give the foreign transaction ids one of ours, so that waiting for the last one ends."""
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditevent SET xid = '5'::xid8 WHERE xid >= '900000000000'::xid8")


def test_the_tree_is_stored_in_subtrees_of_256(nhf):
    write_events(2 * WIDTH + 10)
    seal_and_anchor(nhf, limit=100)
    size = AuditSeal.objects.count()
    assert AuditNode.objects.filter(level=8).count() == size // WIDTH
    assert Tree(size, stored_hashes).root() == bytes(AuditHead.objects.last().root)
    assert check(nhf).ok


def test_proofs_convince_whoever_has_only_the_head(nhf):
    write_events(12)
    seal_and_anchor(nhf, limit=5)
    first, last = AuditHead.objects.first(), AuditHead.objects.last()
    event = AuditEvent.objects.order_by("-at").first()
    place = standing(event)
    proof = inclusion_proof(place.seq, last)
    assert is_included(leaf_of(event), place.seq, last.size, proof, bytes(last.root))
    assert is_consistent(
        first.size, bytes(first.root), last.size, bytes(last.root), consistency_proof(first, last)
    )


def test_an_unsealed_event_has_no_place_yet(nhf):
    write_events(1)
    assert standing(AuditEvent.objects.first()).seq is None


def test_heads_are_signed_and_say_whose_record_they_are_of(nhf):
    write_events(1)
    seal_and_anchor(nhf)
    head = AuditHead.objects.last()
    said = checkpoint.read(head.checkpoint, keys.public_keys())
    assert (said.origin, said.size, said.root) == (
        f"meander.audit/{nhf.pk}",
        head.size,
        bytes(head.root),
    )
    with pytest.raises(checkpoint.BadCheckpoint):
        checkpoint.read(
            head.checkpoint.replace(f"\n{head.size}\n", f"\n{head.size + 1}\n"), keys.public_keys()
        )
    with pytest.raises(checkpoint.BadCheckpoint):
        checkpoint.read(head.checkpoint, {})
    with pytest.raises(checkpoint.BadCheckpoint):
        checkpoint.read("nothing", keys.public_keys())


def test_old_heads_stay_valid_when_the_key_changes(nhf):
    write_events(1)
    seal_and_anchor(nhf)
    old, new = keys.rotate()
    write_events(1)
    seal_and_anchor(nhf)
    assert list(AuditHead.objects.order_by("-size").values_list("key_id", flat=True)[:2]) == [new, old]
    assert {old, new} <= keys.public_keys().keys()
    assert check(nhf).ok


def test_the_private_key_is_readable_by_its_owner_alone(settings):
    keys.signing_key()
    assert (settings.AUDIT_KEY_DIR / keys.CURRENT).stat().st_mode & 0o777 == 0o600


def test_every_head_reaches_every_anchor_with_the_hashes_it_adds(nhf, settings, tmp_path):
    settings.AUDIT_ANCHORS = [f"file://{tmp_path / 'one'}", f"file://{tmp_path / 'two'}"]
    write_events(5)
    seal_and_anchor(nhf, limit=2)
    leaves = [bytes(leaf) for leaf in AuditSeal.objects.order_by("seq").values_list("leaf_hash", flat=True)]
    for anchor in anchors():
        heads = list(anchor.heads(log_name(nhf.schema_name, nhf.pk)))
        assert [head.size for head in heads] == list(AuditHead.objects.values_list("size", flat=True))
        assert [leaf for head in heads for leaf in head.leaves] == leaves
    assert anchor_heads(nhf) == 0


def test_heads_can_go_to_an_object_store(nhf, settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "audit": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "bucket")},
        },
    }
    settings.AUDIT_ANCHORS = ["storage:audit"]
    write_events(5)
    seal_and_anchor(nhf, limit=2)
    assert check(nhf).anchored == AuditSeal.objects.count()
    assert check(nhf).ok


def test_an_anchor_that_cannot_be_reached_is_noted_and_caught_up_with(nhf, settings, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    settings.AUDIT_ANCHORS = [f"file://{blocked}"]
    write_events(2)
    seal_and_anchor(nhf)
    assert "Error" in AuditAnchoring.objects.get(name=f"file://{blocked}").error
    blocked.unlink()
    seal_and_anchor(nhf)
    state = AuditAnchoring.objects.get(name=f"file://{blocked}")
    assert (state.error, state.size) == ("", AuditSeal.objects.count())


def test_a_line_torn_by_a_crash_is_written_again(nhf, settings):
    write_events(2)
    seal_and_anchor(nhf)
    anchor, log = anchors()[0], log_name(nhf.schema_name, nhf.pk)
    path = anchor._path(log)
    with path.open("rb+") as file:
        file.seek(-40, os.SEEK_END)
        file.truncate()
    write_events(1)
    seal_and_anchor(nhf)
    assert anchor.size(log) == AuditSeal.objects.count()
    assert check(nhf).ok


def test_only_organisations_with_something_to_seal_are_asked(own_database):
    nhf = Organization.objects.get(schema_name="nhf")
    for organization in Organization.objects.exclude(kind="template"):
        with tenant_context(organization):
            seal_and_anchor(organization)
    connection.set_schema_to_public()
    assert list(organizations_to_seal(None)) == []
    with tenant_context(nhf):
        write_events(1)
    connection.set_schema_to_public()
    assert list(organizations_to_seal(None)) == [nhf]
