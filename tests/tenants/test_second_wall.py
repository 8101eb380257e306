"""The second wall in the shared tables: what PostgreSQL refuses when the application's filters are gone.

Nothing here filters by organisation. What isn't found or is refused is so because of policies
(domain/identity/migrations/0006) and grants (tenants/roles.py) alone.
"""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, models, transaction
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.identity.elsewhere import memberships_of, person_by_email, sessions_of
from domain.identity.models import (
    DeviceKey,
    KnownDevice,
    Membership,
    PasskeyChallenge,
    PasskeyCredential,
    RecoveryCode,
    RefreshToken,
    SupportAccessGrant,
    User,
    UserSession,
)
from tenants.models import Organization
from tenants.roles import SHARED_TABLES

ADMINS = {"nhf": "admin@nhf.example", "blindeforbundet": "admin@blindeforbundet.example"}
ORGANIZATIONS = ("nhf", "blindeforbundet", "platform")
FOREIGN = {"nhf": "blindeforbundet", "blindeforbundet": "nhf", "platform": "nhf"}
MODELS: list[type[models.Model]] = [
    User,
    Membership,
    UserSession,
    RefreshToken,
    PasskeyCredential,
    PasskeyChallenge,
    RecoveryCode,
    DeviceKey,
    KnownDevice,
    SupportAccessGrant,
]
# Shared tables that hold nothing of one organisation, or whose walls are tested elsewhere.
NOT_OF_PEOPLE = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
    "tenants_heartbeat",
    "identity_ratecounter",  # Keyed hashes that belong to nobody.
    "django_q_ormq",
    "django_q_schedule",
    "django_q_task",
    # test_web_login.py and test_hierarchy.py
    "tenants_organization",
    "tenants_domain",
    "tenants_organizationhierarchy",
    "tenants_jobrun",
    # Every organisation reads the dated rules of the grant; tests/grants
    "grants_ruleset",
    "grants_countingrule",
    # Ids of keys that were destroyed, written only; tests/encryption
    "tenants_destroyedkey",
}


@pytest.fixture
def rows(db) -> dict[str, dict[type[models.Model], models.Model]]:
    """One row of every kind for either organisation, made as the owner."""
    made = {}
    staff = User.objects.get(email="owner@meander.example")
    now = timezone.now()
    for number, (schema, email) in enumerate(ADMINS.items(), start=1):
        organization = Organization.objects.get(schema_name=schema)
        person = User.objects.get(email=email)
        digest = bytes([number]) * 32
        later = now + timedelta(days=1)
        session = UserSession.objects.create(user=person, organization=organization, expires_at=later)
        made[schema] = {
            User: person,
            Membership: Membership.objects.get(user=person, organization=organization),
            UserSession: session,
            RefreshToken: RefreshToken.objects.create(session=session, digest=digest, expires_at=later),
            DeviceKey: DeviceKey.objects.create(
                user=person, session=session, purpose="proof", public_key=digest
            ),
            KnownDevice: KnownDevice.objects.create(user=person, digest=digest),
            PasskeyCredential: PasskeyCredential.objects.create(
                user=person, credential_id=digest, public_key=digest, name="Phone"
            ),
            PasskeyChallenge: PasskeyChallenge.objects.create(
                challenge=digest, purpose="authentication", organization=organization, expires_at=later
            ),
            RecoveryCode: RecoveryCode.objects.create(user=person, digest=digest),
            SupportAccessGrant: SupportAccessGrant.objects.create(
                organization=organization,
                requested_by=staff,
                reason="A list doesn't open",
                areas=["faqs"],
                starts_at=now,
                ends_at=later,
            ),
        }
    return made


def finds(statement: str, parameters: list) -> int:
    """How many rows the statement finds or changes; none where PostgreSQL refuses it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.rowcount
    except ProgrammingError as error:
        if "permission denied" in str(error) or "row-level security" in str(error):
            return 0
        raise


def test_every_shared_table_is_looked_at():
    assert {model._meta.db_table for model in MODELS} | NOT_OF_PEOPLE == set(SHARED_TABLES)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("schema", ORGANIZATIONS)
def test_an_organisation_neither_sees_nor_changes_anothers_row(schema, model, rows):
    foreign = rows[FOREIGN[schema]][model]
    table, column = model._meta.db_table, model._meta.concrete_fields[1].column
    with schema_context(schema):
        seen = finds(f"SELECT 1 FROM public.{table} WHERE id = %s", [foreign.pk])
        # The platform sees what its own staff asked for, and decides nothing.
        assert seen == (1 if (schema, model) == ("platform", SupportAccessGrant) else 0)

        assert finds(f"UPDATE public.{table} SET {column} = {column} WHERE id = %s", [foreign.pk]) == 0
        assert finds(f"DELETE FROM public.{table} WHERE id = %s", [foreign.pk]) == 0
    assert model._default_manager.filter(pk=foreign.pk).exists()


@pytest.mark.parametrize("model", [m for m in MODELS if m is not User], ids=lambda model: model.__name__)
@pytest.mark.parametrize("schema", ORGANIZATIONS)
def test_an_organisation_adds_no_row_to_another(schema, model, rows):
    """A copy of the other's row under a new id, as a forgotten filter would write it."""
    foreign = rows[FOREIGN[schema]][model]
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    values = [
        field.get_db_prep_save(getattr(foreign, field.attname), connection)
        for field in model._meta.concrete_fields
        if not field.primary_key
    ]
    with schema_context(schema), transaction.atomic():
        inserted = finds(
            f"INSERT INTO public.{model._meta.db_table} (id, {', '.join(columns)}) "
            f"VALUES (gen_random_uuid(), {', '.join(['%s'] * len(columns))})",
            values,
        )
    assert inserted == 0


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_an_organisation_reads_and_changes_its_own_row(model, rows):
    own, table = rows["nhf"][model], model._meta.db_table
    column = "updated_at" if hasattr(own, "updated_at") else "id"
    with schema_context("nhf"):
        assert finds(f"SELECT 1 FROM public.{table} WHERE id = %s", [own.pk]) == 1
        if "UPDATE" in SHARED_TABLES[table][1]:
            assert finds(f"UPDATE public.{table} SET {column} = {column} WHERE id = %s", [own.pk]) == 1


def test_everything_without_a_filter_is_what_belongs_here(rows):
    both = User.objects.get(email="both@meander.example")
    with schema_context("nhf"):
        people = set(User.objects.values_list("email", flat=True))
        # Who helps here is known by name; nobody else of the other organisation or the platform is.
        assert {email.split("@")[1] for email in people} == {"nhf.example", "meander.example"}
        assert both.email in people
        for model in MODELS:
            foreign = rows["blindeforbundet"][model]
            assert foreign not in model._default_manager.all(), model.__name__
            assert rows["nhf"][model] in model._default_manager.all(), model.__name__
        assert not Membership.objects.exclude(organization__schema_name="nhf").exists()


def test_rows_are_not_moved_to_another_organisation(rows):
    other = Organization.objects.get(schema_name="blindeforbundet")
    with schema_context("nhf"):
        for model in (Membership, UserSession, PasskeyChallenge, SupportAccessGrant):
            with pytest.raises(ProgrammingError, match=r"row-level|permission"), transaction.atomic():
                model._default_manager.filter(pk=rows["nhf"][model].pk).update(organization=other)
        foreign_session = rows["blindeforbundet"][UserSession]
        with pytest.raises(ProgrammingError, match="row-level"), transaction.atomic():
            RefreshToken.objects.filter(pk=rows["nhf"][RefreshToken].pk).update(session=foreign_session)


def test_no_organisation_makes_staff_of_the_platform(rows):
    person = rows["nhf"][User]
    for schema in ("nhf", "platform"):
        with schema_context(schema):
            with pytest.raises(ProgrammingError, match="row-level"), transaction.atomic():
                User.objects.create(email=f"{schema}@new.example", platform_role="owner")
            staff = User.objects.filter(email="owner@meander.example")
            if schema == "nhf":
                assert staff.update(first_name="X") == 0, "seen because of the request, never changed"
    with schema_context("nhf"), pytest.raises(ProgrammingError, match="staff"), transaction.atomic():
        User.objects.filter(pk=person.pk).update(platform_role="owner")


def test_someone_who_left_keeps_their_name_in_lists_and_their_account_to_themselves(rows):
    person = rows["nhf"][User]
    Membership.objects.filter(user=person).update(status="left", left_at=timezone.now())
    with schema_context("nhf"):
        assert User.objects.get(pk=person.pk).get_full_name() == "Astrid Moen"
        assert User.objects.filter(pk=person.pk).update(password="x") == 0
        assert PasskeyCredential.objects.filter(user=person).delete()[0] == 0


def test_a_person_elsewhere_is_found_by_the_exact_address_alone(rows):
    with schema_context("nhf"):
        found = person_by_email("ADMIN@blindeforbundet.example")
        assert found is not None
        assert found.pk == rows["blindeforbundet"][User].pk
        for address in ("%", "admin@%", "admin", "", "nobody@nhf.example"):
            assert person_by_email(address) is None


def test_own_memberships_are_told_to_a_live_session_alone(rows):
    both = User.objects.get(email="both@meander.example")
    nhf = Organization.objects.get(schema_name="nhf")
    session = UserSession.objects.create(
        user=both, organization=nhf, expires_at=timezone.now() + timedelta(hours=1)
    )
    with schema_context("nhf"):
        assert [m.organization.schema_name for m in memberships_of(session)] == ["blindeforbundet", "nhf"]
        assert memberships_of(rows["blindeforbundet"][UserSession]) == []
    with schema_context("blindeforbundet"):
        assert memberships_of(session) == []
    UserSession.objects.filter(pk=session.pk).update(revoked_at=timezone.now(), revoked_reason="signed-out")
    with schema_context("nhf"):
        assert memberships_of(session) == []


def test_a_persons_sessions_everywhere_are_told_where_they_are_a_member(rows):
    both = User.objects.get(email="both@meander.example")
    later = timezone.now() + timedelta(hours=1)
    for schema in ADMINS:
        organization = Organization.objects.get(schema_name=schema)
        UserSession.objects.create(user=both, organization=organization, expires_at=later)
    with schema_context("nhf"):
        assert {s.organization.schema_name for s in sessions_of(both)} == {"nhf", "blindeforbundet"}
        assert sessions_of(rows["blindeforbundet"][User]) == []
    Membership.objects.filter(user=both, organization__schema_name="nhf").update(status="suspended")
    with schema_context("nhf"):
        assert {s.organization.schema_name for s in sessions_of(both)} == {"nhf"}


def test_functions_with_the_owners_rights_are_closed_to_everyone_not_named(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname, p.proconfig, has_function_privilege('public', p.oid, 'EXECUTE') "
            "FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
            "WHERE n.nspname = 'public' AND p.prosecdef"
        )
        found = {name: (config, anyone) for name, config, anyone in cursor.fetchall()}
    assert {"meander_memberships", "meander_sessions", "meander_person_by_email", "meander_last_use"} <= set(
        found
    )
    for name, (config, anyone) in found.items():
        assert any(one.startswith("search_path=pg_catalog") for one in config or []), name
        # Telling which organisation one is acting for is no secret: policies ask it in everyone's name.
        assert anyone == (name == "meander_organization_id"), name
    with schema_context("nhf"), pytest.raises(ProgrammingError, match="denied"), transaction.atomic():
        finds_last_use = "SELECT public.meander_last_use(gen_random_uuid())"
        with connection.cursor() as cursor:
            cursor.execute(finds_last_use)


def test_the_whole_way_in_works_with_the_web_login(web_login):
    """Signing in to app and admin, reading, renewing sessions' use, signing out: none of it as the owner."""
    from django.test import Client
    from rest_framework.test import APIClient

    from cms.demo.organizations import PASSWORD

    with web_login():
        api = APIClient(HTTP_HOST="nhf.localhost")
        device = {"name": "Phone", "platform": "ios", "app_version": "1"}
        signed_in = api.post(
            "/api/v1/auth/password/",
            {"email": "coordinator@nhf.example", "password": PASSWORD, "device": device},
            format="json",
        )
        assert signed_in.status_code == 200, signed_in.content
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {signed_in.json()['access_token']}")
        assert api.get("/api/v1/me/").json()["user"]["email"] == "coordinator@nhf.example"
        assert api.post("/api/v1/auth/logout/").status_code == 204
        assert api.get("/api/v1/me/").status_code == 401

        for host, email, paths in (
            ("nhf.localhost", "admin@nhf.example", ["/admin/", "/admin/local-memberships/", "/admin/areas/"]),
            ("localhost", "owner@meander.example", ["/admin/", "/admin/organizations/", "/admin/jobs/"]),
        ):
            browser = Client(HTTP_HOST=host)
            answer = browser.post("/admin/login/", {"username": email, "password": PASSWORD})
            assert answer.status_code == 302, answer.content
            for path in paths:
                assert browser.get(path).status_code == 200, (email, path)
