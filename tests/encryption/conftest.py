import pytest
from django_tenants.utils import tenant_context

from domain.core.scope import Scope

from .notes import Note, make_table

BODY = "Hun bor alene."


@pytest.fixture
def notes(nhf):
    """NHF's schema, selected, with the table of notes."""
    make_table("nhf")
    make_table("blindeforbundet")
    with tenant_context(nhf):
        yield nhf


@pytest.fixture
def author(person):
    return person("coordinator@nhf.example")


@pytest.fixture
def other(person):
    return person("admin@nhf.example")


@pytest.fixture
def write_note(author):
    def write(body: str | None = BODY, **values) -> Note:
        note = Note(author_id=author.pk, title="Besøk", body=body, **values)
        note.save()
        return note

    return write


def scope_of(user) -> Scope:
    return Scope(schema_name="nhf", user_id=user.pk)
