"""What someone with all rights in the database might do to the record, and where that should be found."""

from collections.abc import Callable
from random import Random
from uuid import UUID

from domain.audit import checkpoint, keys, payload
from domain.audit.merkle import STEP, WIDTH, Frontier, perfect_root
from domain.audit.models import AuditDetail, AuditEvent, AuditHead, AuditNode, AuditSeal
from domain.audit.rules import record
from domain.audit.sealing import seal
from domain.audit.tree import leaf_of
from domain.identity.models import User
from tenants.db import connection
from tenants.models import Organization

TABLES = ("auditevent", "auditseal", "auditnode", "audithead")
# Returns the number of the record where the first finding must be.
Tampering = Callable[["Forger"], int]
kinds: list[Tampering] = []


def kind(function: Tampering) -> Tampering:
    kinds.append(function)
    return function


def sql(statement: str, *parameters) -> list:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def unlock() -> None:
    """Switch off the triggers that refuse, as the owner of the tables can."""
    for table in TABLES:
        sql(f"ALTER TABLE audit_{table} DISABLE TRIGGER USER")


class Forger:
    def __init__(self, organization: Organization, random: Random):
        self.organization, self.random = organization, random
        self.size = AuditSeal.objects.count()

    def pick(self, least: int = 0, most: int | None = None) -> tuple[int, UUID]:
        seq = self.random.randrange(least, self.size if most is None else most)
        return seq, AuditSeal.objects.get(seq=seq).event_id

    def edit_event(self, event_id: UUID) -> None:
        column, value = self.random.choice(
            [
                ("action", "'faq.deleted'"),
                ("actor_id", "gen_random_uuid()"),
                ("on_behalf_of_id", "gen_random_uuid()"),
                ("session_id", "gen_random_uuid()"),
                ("grant_id", "gen_random_uuid()"),
                ("at", "at - interval '1 microsecond'"),
                ("object_id", "object_id || '0'"),
                ("object_type", "'x.y'"),
                ("subject_ids", "ARRAY[gen_random_uuid()]"),
                ("commitment", "sha256(commitment)"),
            ]
        )
        sql(f"UPDATE audit_auditevent SET {column} = {value} WHERE id = %s", event_id)

    def reseal(self) -> None:
        """Give every seal the hash its event has now, and the stored subtrees theirs."""
        leaves = []
        for item in AuditSeal.objects.order_by("seq"):
            leaf = leaf_of(AuditEvent.objects.get(pk=item.event_id))
            leaves.append(leaf)
            if leaf != bytes(item.leaf_hash):
                sql("UPDATE audit_auditseal SET leaf_hash = %s WHERE seq = %s", leaf, item.seq)
        sql("DELETE FROM audit_auditnode")
        for index in range(len(leaves) // WIDTH):
            root = perfect_root(leaves[index * WIDTH : (index + 1) * WIDTH])
            AuditNode.objects.create(level=STEP, index=index, hash=root)

    def sign_anew(self) -> None:
        """As if the signing key were stolen: every head fits what is there now."""
        self.reseal()
        frontier, key = Frontier(), keys.signing_key()
        heads = {head.size: head for head in AuditHead.objects.all()}
        for leaf in AuditSeal.objects.order_by("seq").values_list("leaf_hash", flat=True):
            frontier.append(bytes(leaf))
            if head := heads.get(frontier.size):
                origin = checkpoint.origin_of(self.organization.pk)
                said = checkpoint.Checkpoint(origin, head.size, frontier.root(), payload.text(head.at))
                sql(
                    "UPDATE audit_audithead SET root = %s, checkpoint = %s WHERE size = %s",
                    said.root,
                    checkpoint.sign(said, key),
                    head.size,
                )

    def shift(self, start: int, by: int) -> None:
        sql("UPDATE audit_auditseal SET seq = seq + 1000000 WHERE seq >= %s", start)
        sql("UPDATE audit_auditseal SET seq = seq - 1000000 + %s WHERE seq >= 1000000", by)

    def forge(self) -> UUID:
        event = record("faq.published", User(), by=None, reason="Forged")
        sql("UPDATE audit_auditevent SET xid = '1'::xid8 WHERE id = %s", event.pk)
        return event.pk

    def cut(self, size: int) -> None:
        """Leave only the first events, and the heads over them."""
        sql(
            "DELETE FROM audit_auditevent WHERE id IN (SELECT event_id FROM audit_auditseal WHERE seq >= %s)",
            size,
        )
        sql("DELETE FROM audit_auditdetail WHERE event_id NOT IN (SELECT id FROM audit_auditevent)")
        sql("DELETE FROM audit_auditseal WHERE seq >= %s", size)
        sql("DELETE FROM audit_audithead WHERE size > %s", size)
        sql("DELETE FROM audit_auditnode WHERE (index + 1) << level > %s", size)


@kind
def edit(forger: Forger) -> int:
    seq, event_id = forger.pick()
    forger.edit_event(event_id)
    return seq


@kind
def edit_and_reseal(forger: Forger) -> int:
    seq, event_id = forger.pick()
    forger.edit_event(event_id)
    forger.reseal()
    return seq


@kind
def edit_and_sign_with_the_stolen_key(forger: Forger) -> int:
    seq, event_id = forger.pick()
    forger.edit_event(event_id)
    forger.sign_anew()
    return seq


@kind
def edit_what_tells_about_people(forger: Forger) -> int:
    seq, event_id = forger.pick()
    change = forger.random.choice(
        [
            "reason = 'Another reason'",
            "actor_label = 'Someone else'",
            "changes = '{\"number\": [0, 0]}'",
            "network = '192.0.2.0/24'",
            "salts = '{}'",
            "actor_label = ''",
        ]
    )
    sql(f"UPDATE audit_auditdetail SET {change} WHERE event_id = %s", event_id)
    return seq


@kind
def delete_what_tells_about_people(forger: Forger) -> int:
    seq, event_id = forger.pick()
    sql("DELETE FROM audit_auditdetail WHERE event_id = %s", event_id)
    return seq


@kind
def erase_without_saying_so(forger: Forger) -> int:
    seq, event_id = forger.pick()
    detail = AuditDetail.objects.get(pk=event_id)
    salt = detail.salts.pop("actor_label")
    detail.erased = {"actor_label": payload.part_hash(salt, "actor_label", detail.actor_label).hex()}
    detail.actor_label = ""
    detail.save()
    return seq


@kind
def delete(forger: Forger) -> int:
    seq, event_id = forger.pick()
    sql("DELETE FROM audit_auditevent WHERE id = %s", event_id)
    return seq


@kind
def delete_with_its_seal(forger: Forger) -> int:
    seq, event_id = forger.pick()
    sql("DELETE FROM audit_auditevent WHERE id = %s", event_id)
    sql("DELETE FROM audit_auditseal WHERE seq = %s", seq)
    return seq


@kind
def delete_and_close_the_gap(forger: Forger) -> int:
    seq, event_id = forger.pick()
    sql("DELETE FROM audit_auditevent WHERE id = %s", event_id)
    sql("DELETE FROM audit_auditseal WHERE seq = %s", seq)
    forger.shift(seq + 1, -1)
    if forger.random.random() < 0.5:
        forger.sign_anew()
    return seq


@kind
def put_in_beside_the_order(forger: Forger) -> int:
    seq, event_id = forger.pick(most=forger.size - 1)
    fresh = forger.forge()
    beside = UUID(int=event_id.int + 1)
    sql("UPDATE audit_auditevent SET id = %s WHERE id = %s", beside, fresh)
    sql("UPDATE audit_auditdetail SET event_id = %s WHERE event_id = %s", beside, fresh)
    return seq + 1


@kind
def put_in_and_move_the_others(forger: Forger) -> int:
    seq, _event_id = forger.pick()
    fresh = forger.forge()
    forger.shift(seq, 1)
    AuditSeal.objects.create(seq=seq, event_id=fresh, leaf_hash=leaf_of(AuditEvent.objects.get(pk=fresh)))
    if forger.random.random() < 0.5:
        forger.sign_anew()
    return seq


@kind
def reorder(forger: Forger) -> int:
    (first, one), (second, other) = forger.pick(most=forger.size // 2), forger.pick(least=forger.size // 2)
    hashes = dict(AuditSeal.objects.filter(seq__in=[first, second]).values_list("seq", "leaf_hash"))
    sql("DELETE FROM audit_auditseal WHERE seq IN (%s, %s)", first, second)
    AuditSeal.objects.create(seq=first, event_id=other, leaf_hash=hashes[second])
    AuditSeal.objects.create(seq=second, event_id=one, leaf_hash=hashes[first])
    if forger.random.random() < 0.5:
        forger.sign_anew()
    return first


@kind
def roll_back(forger: Forger) -> int:
    size = forger.random.choice(list(AuditHead.objects.values_list("size", flat=True))[:-1])
    forger.cut(size)
    return size


@kind
def roll_back_and_go_on(forger: Forger) -> int:
    """The system itself seals and signs the other history."""
    size = forger.random.choice(list(AuditHead.objects.values_list("size", flat=True))[:-1])
    forger.cut(size)
    for number in range(forger.random.randrange(1, 2 * (forger.size - size))):
        event = record("faq.published", User(), by=None, reason=f"Another history {number}")
        # Of a transaction that has ended: this one is still open.
        sql(
            "UPDATE audit_auditevent SET xid = pg_snapshot_xmin(pg_current_snapshot()) WHERE id = %s",
            event.pk,
        )
    sql("UPDATE audit_auditevent SET xid = '5'::xid8 WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())")
    sql("UPDATE audit_audithead SET horizon = '5'::xid8")
    seal(forger.organization)
    return size


@kind
def change_a_head(forger: Forger) -> int:
    sizes = list(AuditHead.objects.values_list("size", flat=True))
    number = forger.random.randrange(len(sizes))
    change = forger.random.choice(["root = sha256(root)", "checkpoint = replace(checkpoint, 'Z', 'z')"])
    sql(f"UPDATE audit_audithead SET {change} WHERE size = %s", sizes[number])
    return sizes[number - 1] if number else 0


@kind
def change_a_stored_subtree(forger: Forger) -> int:
    node = forger.random.choice(list(AuditNode.objects.all()))
    sql("UPDATE audit_auditnode SET hash = sha256(hash) WHERE index = %s", node.index)
    return node.index << node.level
