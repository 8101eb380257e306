"""A fleet migration over many organisations: with nothing to do, and with one migration for each.

FLEET_SCHEMAS (default 300, at least 20) says how many; what is said of 1,400 is that times
1,400 / FLEET_SCHEMAS.
"""

import os

from tenants.db import connection
from tenants.fleet_run import run_fleet
from tenants.provisioning import NewOrganization, create_organization

from .common import own_database, report, seconds

ORGANIZATIONS = max(20, int(os.environ.get("FLEET_SCHEMAS", "300")))
GOAL = 1400
JOBS = os.cpu_count() or 1


def main() -> None:
    with own_database("fleet"):
        schemas = [f"o{n:04}" for n in range(ORGANIZATIONS)]

        def provision(names: list[str]) -> None:
            for name in names:
                create_organization(
                    NewOrganization(schema_name=name, name=name, short_name=name, host=f"{name}.example")
                )

        first = seconds(lambda: provision(schemas[:10])) / 10
        provision(schemas[10:-10])
        last = seconds(lambda: provision(schemas[-10:])) / 10
        idle = seconds(lambda: run_fleet(jobs=JOBS), times=3)
        with connection.as_owner(), connection.cursor() as cursor:
            for name in schemas:
                cursor.execute(f"DROP TRIGGER append_only ON {name}.audit_auditseal")
                cursor.execute(f"DELETE FROM {name}.django_migrations WHERE name = '0005_append_only_seals'")
        connection.close()
        done = run_fleet(jobs=JOBS)
        assert done.ok
        share = GOAL / ORGANIZATIONS
        report(
            "fleet",
            {
                "organisations": ORGANIZATIONS,
                "processes": JOBS,
                "load of the machine, average of 15 min": os.getloadavg()[2],
                "provisioning one of the first ten, s": first,
                "provisioning one of the last ten, s": last,
                "nothing to migrate, s": idle,
                f"nothing to migrate, {GOAL}, extrapolated, s": idle * share,
                "one migration each, s": done.seconds,
                "one migration, per organisation, s": done.seconds / ORGANIZATIONS,
                f"one migration each, {GOAL}, extrapolated, s": done.seconds * share,
            },
        )
