"""Karim who coordinates Øst, Solveig, a mentor of Grorud, a contact there, and assignments about them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from domain.assignments import opening, rules
from domain.assignments.answering import accept_assignment
from domain.assignments.consent_text import current
from domain.identity.models import UserSession
from domain.identity.verification import mark_verified
from domain.people.rules import create_contact
from tests.certification.conftest import (  # noqa: F401 - fixtures
    ADMIN,
    COORDINATOR,
    MENTOR,
    admin,
    certify,
    karim,
    kind,
    solveig,
    tree,
)

CONTENT = {
    "name": "Berit Hemmelig",
    "address": "Skjulveien 3, 0970 Oslo",
    "phone": "+4790000001",
    "medical_summary": "Nylig operert",
    "message": "Ring før du kommer",
}


@pytest.fixture
def contact(tree, karim):  # noqa: F811
    return create_contact(
        first_name="Tone",
        last_name="Lund",
        phone="+4791000001",
        address="Trondheimsveien 9",
        diagnosis="Migrene",
        local_association=tree.grorud,
        by=karim,
    )


@pytest.fixture
def session(solveig, nhf):  # noqa: F811
    """Solveig's, in which she has just proved who she is."""
    row = UserSession.objects.create(
        user=solveig,
        organization=nhf,
        origin="mobile",
        platform="android",
        expires_at=timezone.now() + timedelta(days=1),
    )
    mark_verified(row)
    return row


@pytest.fixture
def write(karim, solveig, contact):  # noqa: F811
    """`write()` gives a draft from Karim to Solveig."""

    def make(**values):
        return rules.write_assignment(
            **{"recipient": solveig, "content": CONTENT, "contact": contact, "by": karim, **values}
        )

    return make


@pytest.fixture
def bring(write, karim, solveig, session):  # noqa: F811
    """`bring("accepted")` gives an assignment that has come so far by its rules."""

    def make(status):
        row = write()
        if status == "draft":
            return row
        if status == "withdrawn":
            return rules.withdraw_assignment(row, by=karim)
        row = rules.send_assignment(row, by=karim)
        if status == "sent":
            return row
        row = opening.open_assignment(row, by=solveig, session=session).assignment
        if status == "opened":
            return row
        row = accept_assignment(row, text_sha256=current("nb").sha256, by=solveig)
        return row if status == "accepted" else rules.complete_assignment(row, by=solveig)

    return make
