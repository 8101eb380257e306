"""The demo's record shows what there is to show: reads by colleagues, exports, support on behalf of whom."""

import pytest
from django_tenants.utils import schema_context

from cms.demo.reads import seed_reads
from cms.demo.support import seed_support
from domain.audit.models import AuditEvent
from domain.audit.queries import of_kind, reads_about
from tenants.db import connection

pytestmark = pytest.mark.django_db


def test_the_demo_shows_reads_and_support(nhf, person):
    with schema_context("platform"), connection.as_owner():
        seed_support()
        assert seed_reads()
        assert not seed_reads(), "safe to repeat"
    mentor = person("mentor@nhf.example")
    said = {event.action for event in reads_about(mentor.pk)}
    assert {"membership.read", "membership.listed"} <= said
    under_support = of_kind(AuditEvent.objects.all(), "support")
    assert {event.on_behalf_of_label for event in under_support} == {str(nhf)}
    assert {event.action for event in under_support} >= {"support-access.used", "membership.listed"}
