"""Whatever a superuser does to anchored events is found, and at the right place.

AUDIT_TAMPERINGS says how many random ones are tried.
"""

import os
from collections import Counter
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django_tenants.utils import tenant_context

from domain.audit.erasure import erase_parts, erase_person
from domain.audit.models import AuditDetail, AuditEvent
from domain.audit.rules import record
from domain.identity.models import User
from tenants.db import connection
from tenants.models import Organization
from tests.audit import tampering
from tests.audit.sealed import check, seal_and_anchor, write_events
from tests.audit.tampering import Forger, sql

TAMPERINGS = int(os.environ.get("AUDIT_TAMPERINGS", "48"))
EVENTS = 290


class Undo(Exception):
    """Ends a transaction that must leave nothing behind."""


@pytest.fixture
def sealed(own_database):
    """An organisation with a sealed, signed and anchored record, all triggers switched off."""
    organization = Organization.objects.get(schema_name="nhf")
    with tenant_context(organization), connection.as_owner():
        random = Random(8032)
        written = 0
        while written < EVENTS:
            count = random.randrange(5, 40)
            write_events(count, start=written)
            written += count
            seal_and_anchor(organization)
        tampering.unlock()
        yield organization


def test_every_tampering_is_found_and_placed(sealed):
    assert check(sealed).ok
    seed = 20261123
    tried: Counter[str] = Counter()
    wrong = []
    for number in range(TAMPERINGS):
        random = Random(seed + number)
        forge = tampering.kinds[number % len(tampering.kinds)]
        try:
            with transaction.atomic():
                expected = forge(Forger(sealed, random))
                result = check(sealed)
                if result.first is None or result.first.seq != expected:
                    wrong.append((forge.__name__, seed + number, expected, str(result.first)))
                tried[forge.__name__] += 1
                raise Undo
        except Undo:
            pass
    assert wrong == []
    assert len(tried) == min(len(tampering.kinds), TAMPERINGS)
    assert check(sealed).ok


def test_the_command_names_the_first_bad_record_and_ends_with_an_error(sealed, capsys):
    event_id = sql("SELECT event_id FROM audit_auditseal WHERE seq = 17")[0][0]
    call_command("audit_verify", organization="nhf")
    assert "nhf: ok" in capsys.readouterr().out
    sql("UPDATE audit_auditevent SET action = 'faq.deleted' WHERE id = %s", event_id)
    with pytest.raises(CommandError, match="not as it was sealed: nhf"):
        call_command("audit_verify", organization="nhf")
    said = capsys.readouterr().out
    assert f"record 17 ({event_id})" in said
    with pytest.raises(CommandError, match="no organisation"):
        call_command("audit_verify", organization="nobody")


def test_before_it_is_sealed_an_event_is_not_protected(sealed):
    """The limit that docs/audit.md states."""
    write_events(1)
    sql(
        "UPDATE audit_auditevent SET action = 'faq.deleted' "
        "WHERE id NOT IN (SELECT event_id FROM audit_auditseal)"
    )
    seal_and_anchor(sealed)
    assert check(sealed).ok


def test_erasing_a_person_leaves_the_proof_and_none_of_their_words(sealed):
    karim = User.objects.get(email="admin@nhf.example")
    other = User.objects.get(email="coordinator@nhf.example")
    record("user.changed", karim, by=other, changes={"phone": ("99887766", "")}, reason="Karim asked")
    record("faq.published", other, by=karim)
    seal_and_anchor(sealed)
    assert erase_person(karim.pk, by=other, reason="Asked to be forgotten") >= 2
    rows = " ".join(row[0] for row in sql("SELECT to_jsonb(d)::text FROM audit_auditdetail d"))
    assert str(karim) not in rows
    assert "99887766" not in rows
    assert "Karim asked" not in rows
    assert str(other) in rows
    result = check(sealed)
    assert result.ok
    assert result.erased >= 2
    seal_and_anchor(sealed)
    assert check(sealed).ok
    assert erase_person(karim.pk, by=other, reason="Again") == 0


def test_one_part_of_one_event_can_be_erased(sealed):
    event = AuditEvent.objects.exclude(reason="").first()
    changed = dict(event.changes)
    erase_parts(event, ["reason"], by=None, reason="Named a third person")
    detail = AuditDetail.objects.get(pk=event.pk)
    assert (detail.reason, detail.changes) == ("", changed)
    assert check(sealed).ok


def test_erased_words_cannot_be_put_back_as_others(sealed):
    event = AuditEvent.objects.exclude(reason="").first()
    erase_parts(event, ["reason"], by=None, reason="Named a third person")
    sql("UPDATE audit_auditdetail SET reason = 'Something else' WHERE event_id = %s", event.pk)
    assert not check(sealed).ok
