"""A person is found by their address, whatever its capitals, by the index that keeps addresses apart."""

import pytest
from django.db import connection

from domain.identity.models import User
from tests.support.queries import statements

pytestmark = pytest.mark.django_db


def test_django_finds_a_person_by_the_index_of_addresses(nhf):
    with statements() as queries:
        assert User.objects.get_by_natural_key(" Mentor@NHF.example").first_name == "Solveig"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("RESET ROLE")
        cursor.execute(f"EXPLAIN {queries[-1]}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "user_email_unique" in plan
