"""How long a new organisation takes, beside one script of its statements and beside all migrations; and what
the switch to an organisation's role costs."""

from django.conf import settings
from django.db import connection, transaction

from tenants.clone import clone_schema, clone_script, set_path
from tenants.fleet import migrate_schema
from tenants.provisioning import NewOrganization, create_organization

from .common import interleaved, own_database, report, seconds

ROUNDS = 15
SWITCHES = 2000


def main() -> None:
    from django_tenants.clone import CloneSchema

    with own_database("provisioning"):
        counter = iter(range(10_000))

        def create() -> None:
            n = next(counter)
            create_organization(
                NewOrganization(schema_name=f"o{n}", name=f"O {n}", short_name=f"O {n}", host=f"o{n}.example")
            )

        def clone() -> None:
            with connection.as_owner(), transaction.atomic():
                clone_schema(settings.TEMPLATE_SCHEMA, f"c{next(counter)}")

        def library() -> None:
            made = CloneSchema()
            with connection.as_owner(), transaction.atomic(), connection.cursor() as cursor:
                made._create_clone_schema_function()
                cursor.execute(
                    "SELECT clone_schema(%s, %s, 'DATA', 'NOACL')",
                    [settings.TEMPLATE_SCHEMA, f"l{next(counter)}"],
                )

        with connection.as_owner(), transaction.atomic(), connection.cursor() as cursor:
            set_path(cursor, settings.TEMPLATE_SCHEMA)
            statements = clone_script(cursor, settings.TEMPLATE_SCHEMA)
        connection.search_path_set_schemas = None

        def script() -> None:
            name = f"s{next(counter)}"
            with connection.as_owner(), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"CREATE SCHEMA {name}")
                set_path(cursor, name)
                cursor.execute(statements)
            connection.search_path_set_schemas = None

        figures: dict[str, object] = {
            **interleaved(
                {
                    "one script of its statements (floor), s": script,
                    "clone from the catalogue, s": clone,
                    "new organisation, ready for use, s": create,
                    "the library's clone_schema, s": library,
                },
                rounds=ROUNDS,
            )
        }
        figures["all migrations from zero, s"] = seconds(lambda: migrate_schema("from_zero"))
        floor = figures["one script of its statements (floor), s"]
        new = figures["new organisation, ready for use, s"]
        assert isinstance(floor, float)
        assert isinstance(new, float)
        figures["new organisation : script"] = new / floor
        figures["library : script"] = figures["the library's clone_schema, s"] / floor
        figures["from zero : new organisation"] = figures["all migrations from zero, s"] / new
        figures["switch of schema, ms"] = switch("SET search_path = {schema}, public")
        figures["switch of schema and role, ms"] = switch(
            "SET search_path = {schema}, public; SET ROLE {role}"
        )
        report("provisioning", figures)


def switch(statement: str) -> float:
    """Milliseconds of one switch, going back and forth between two organisations."""
    from tenants.names import organization_role

    database = connection.settings_dict["NAME"]
    both = [
        statement.format(schema=schema, role=organization_role(database, schema))
        for schema in ("nhf", "blindeforbundet")
    ]

    def work() -> None:
        with connection.cursor() as cursor:
            for n in range(SWITCHES):
                cursor.execute(both[n % 2])

    taken = seconds(work) / SWITCHES * 1000
    connection.close()
    return taken
