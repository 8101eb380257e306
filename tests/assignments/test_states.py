"""Whatever is tried in whatever order: states follow the table, and the content goes when it must."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.assignments import opening, rules
from domain.assignments.answering import accept_assignment, decline_assignment
from domain.assignments.consent_text import current
from domain.assignments.models import Assignment, AssignmentConsent, AssignmentReadReceipt
from domain.assignments.states import READABLE, STEPS
from domain.core.errors import DomainError
from domain.encryption.errors import ContentErased
from domain.encryption.reading import read_sealed

from .conftest import CONTENT

STEP = st.sampled_from([*STEPS, "open", "accept"])


@pytest.mark.django_db
def test_states_follow_the_table_whatever_is_tried(write, karim, solveig, session):
    later = timezone.now() + timedelta(days=400)
    does = {
        "send": lambda row: rules.send_assignment(row, by=karim),
        "open": lambda row: opening.open_assignment(row, by=solveig, session=session),
        "accept": lambda row: accept_assignment(row, text_sha256=current("nb").sha256, by=solveig),
        "decline": lambda row: decline_assignment(row, by=solveig),
        "complete": lambda row: rules.complete_assignment(row, by=solveig),
        "withdraw": lambda row: rules.withdraw_assignment(row, by=karim),
        "expire": lambda row: rules.expire_assignment(row, now=later),
    }

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(STEP, min_size=1, max_size=7))
    def holds(names):
        sid = transaction.savepoint()
        row = write()
        state, readings, answers, destroyed = "draft", 0, 0, False
        for name in names:
            step = STEPS[name]
            may = state in step.sources or (name == "open" and state in READABLE)
            try:
                done = does[name](row)
                assert may or done is False
            except DomainError:
                assert not may
                done = None
            if may:
                readings += name == "open"
                answers += name in ("accept", "decline")
                state = step.target if state in step.sources else state
                destroyed = destroyed or (step.destroys and done is not None)
            row = Assignment.objects.get(pk=row.pk)
            assert (row.status, row.is_erased) == (state, destroyed)
            assert AssignmentReadReceipt.objects.filter(assignment=row).count() == readings
            assert AssignmentConsent.objects.filter(assignment=row).count() == answers
            if destroyed:
                with pytest.raises(ContentErased):
                    read_sealed(row, "content", by=None, scope=None)
            else:
                assert read_sealed(row, "content", by=None, scope=None) == CONTENT
        transaction.savepoint_rollback(sid)

    holds()
