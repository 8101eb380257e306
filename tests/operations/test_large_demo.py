"""The large demo is made in bulk, and yet as the rules would have made it."""

import pytest

from cms.demo.large import seed_large
from domain.activities.judging import judge
from domain.activities.models import Activity
from domain.assignments.models import Assignment, HonorariumCrossing
from domain.audit.models import AuditEvent
from domain.encryption.models import RecordKey
from domain.encryption.reading import read_sealed_rows
from domain.people.models import Contact

from .conftest import SIZE

pytestmark = pytest.mark.django_db


def test_it_is_sealed_named_judged_and_recorded_as_by_the_rules_and_never_made_twice(large):
    assert [line.split(":")[0] for line in large] == [
        "5 mentors",
        "25 contacts",
        "90 activities",
        "40 assignments",
    ]
    before = AuditEvent.objects.count()
    assert not seed_large(large.append, SIZE), "safe to repeat"
    assert AuditEvent.objects.count() == before

    rows = list(Activity.objects.all())
    stored = {row.pk: (row.counts, row.unmet, row.participants, row.rule_set) for row in rows}
    for row in rows:
        judge(row)
        assert (row.counts, row.unmet, row.participants, row.rule_set) == stored[row.pk]
    assert {counts for counts, *_rest in stored.values()} == {True, False}

    contacts = list(Contact.objects.all())
    for row in contacts:
        key, search = row.name_key, row.name_search
        row.name_it()
        assert (row.name_key, row.name_search) == (key, search)
    sealed = [row.pk for row in contacts if row.record_key_id is not None]
    opened = read_sealed_rows(Contact, sealed, ["diagnosis"], by=None, scope=None)
    assert sealed and all(opened[key]["diagnosis"] for key in sealed)

    told_about = {
        person
        for event in AuditEvent.objects.filter(action__endswith=".imported")
        for person in event.subject_ids
    }
    people = {row.mentor_id for row in rows} | {row.pk for row in contacts}
    assert people <= told_about, "who is told about finds it in the record"

    over = Assignment.objects.filter(content_destroyed_at__isnull=False)
    assert over.exists()
    assert not RecordKey.objects.filter(pk__in=over.values("record_key"), wrapped__isnull=False).exists()
    crossings = HonorariumCrossing.objects.values_list("mentor", "threshold", "period_start")
    assert crossings and len(crossings) == len(set(crossings))
