"""What the policies on the shared tables cost: the query of session, person, membership and scope that every
request makes, and a list of members, as the organisation's role and as the owner, whom no policy binds.

`WALL_PEOPLE` (default 100,000) says how many members, each with a session, the organisation has; another has
as many.
"""

import os
import random

from django.db import transaction
from django_tenants.utils import schema_context

from domain.access.queries import session_and_scope
from domain.identity.models import Membership, UserSession
from domain.identity.sessions import access_token
from tenants.db import connection

from .common import interleaved, own_database, report

PEOPLE = int(os.environ.get("WALL_PEOPLE", "100000"))
ROUNDS, EACH = 15, 200
_FILL = """
WITH people AS (
    INSERT INTO identity_user (id, password, is_superuser, email, phone, first_name, last_name, language,
        is_active, platform_role, date_joined, updated_at, version)
    SELECT gen_random_uuid(), '', false, %(schema)s || n || '@bench.example', '', 'First', 'Last', 'nb',
        true, 'none', now(), now(), 1
    FROM generate_series(1, %(people)s) n RETURNING id),
members AS (
    INSERT INTO identity_membership (id, created_at, updated_at, version, user_id, organization_id, status,
        joined_at, display_title, external_reference, roles_summary, reach_summary)
    SELECT gen_random_uuid(), now(), now(), 1, p.id, o.id, 'active', now(), '', '', '[]', ''
    FROM people p, tenants_organization o WHERE o.schema_name = %(schema)s)
INSERT INTO identity_usersession (id, user_id, organization_id, origin, device_name, platform, app_version,
    created_at, last_seen_at, expires_at, network, revoked_reason)
SELECT gen_random_uuid(), p.id, o.id, 'mobile', '', '', '', now(), now(), now() + interval '1 day', '', ''
FROM people p, tenants_organization o WHERE o.schema_name = %(schema)s
"""


def main() -> None:
    with own_database("second_wall"):
        with transaction.atomic(), connection.cursor() as cursor:
            for schema in ("nhf", "blindeforbundet"):
                cursor.execute(_FILL, {"schema": schema, "people": PEOPLE})
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE identity_user, identity_membership, identity_usersession")
        with schema_context("nhf"):
            measure()


def measure() -> None:
    chosen = random.Random(1)
    sessions = chosen.sample(list(UserSession.objects.filter(expires_at__isnull=False)[:5000]), EACH)
    tokens = [access_token(session) for session in sessions]

    def requests() -> None:
        for token in tokens:
            session_and_scope(token)

    def members() -> None:
        list(Membership.objects.here().select_related("user").order_by("-joined_at", "id")[:25])

    def as_owner(work):
        def run() -> None:
            with connection.as_owner():
                work()

        return run

    per_request = interleaved({"role": requests, "owner": as_owner(requests)}, rounds=ROUNDS)
    listed = interleaved({"role": members, "owner": as_owner(members)}, rounds=ROUNDS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM identity_usersession")
        seen = cursor.fetchone()[0]
    milliseconds = {name: 1000 * taken / EACH for name, taken in per_request.items()}
    report(
        "second_wall",
        {
            "members and sessions the organisation sees": seen,
            "session and scope, as the owner, ms": milliseconds["owner"],
            "session and scope, as the organisation's role, ms": milliseconds["role"],
            "the policies cost, ms a request": milliseconds["role"] - milliseconds["owner"],
            "first 25 members, as the owner, ms": 1000 * listed["owner"],
            "first 25 members, as the organisation's role, ms": 1000 * listed["role"],
        },
    )
