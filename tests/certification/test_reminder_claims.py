"""Claims of several workers at once, committed for real."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.certification import kinds, rules
from domain.certification.models import CertificationReminder
from domain.certification.reminders import claim
from domain.identity.models import User


def test_of_several_workers_at_once_one_claims_a_reminder(own_database):
    with schema_context("nhf"):
        kind = kinds.create_kind(key="visitor", name_nb="Besøksvenn", requirements=[], by=None)
        mentor = User.objects.get(email="mentor@nhf.example")
        held = rules.issue(rules.start_certification(user=mentor, kind=kind, by=None), by=None)
        row = CertificationReminder.objects.get(certification=held, offset_days=7)
        CertificationReminder.objects.filter(pk=row.pk).update(due_at=timezone.now())

    def work(_number: int) -> bool:
        try:
            with schema_context("nhf"):
                return claim(row.pk) is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(8))) == 1
