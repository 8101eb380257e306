"""What the database itself guarantees about organisations: names, one parent at a time, no cycles, and whose
rows an organisation's role sees in the tables of the public schema."""

from django.db import migrations, models
from django.db.models import Q

# The schema of the role that acts now, NULL for logins. Role names are m_<8 hex>_<schema> (tenants/names.py),
# so this holds in any database of a cluster.
ORGANIZATION_FUNCTION = """
CREATE FUNCTION public.meander_organization() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN current_user ~ '^m_[0-9a-f]{8}_[a-z]' THEN substr(current_user, 12) END
$$;
"""

# Which schemas lack one of the wanted migrations, or don't exist. Runs with the owner's rights, so that
# readiness checks and the platform's console can ask without reading other schemas; it tells nothing else.
BEHIND_FUNCTION = """
CREATE FUNCTION public.meander_behind(schemas text[], apps text[], names text[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one text;
    missing boolean;
BEGIN
    FOREACH one IN ARRAY schemas LOOP
        missing := true;
        IF to_regclass(format('%I.django_migrations', one)) IS NOT NULL THEN
            EXECUTE format(
                'SELECT EXISTS (SELECT FROM unnest($1, $2) AS w(app, name) WHERE NOT EXISTS '
                '(SELECT FROM %I.django_migrations m WHERE (m.app, m.name) = (w.app, w.name)))', one)
            INTO missing USING apps, names;
        END IF;
        IF missing THEN
            RETURN NEXT one;
        END IF;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION public.meander_behind(text[], text[], text[]) FROM PUBLIC;
"""

HIERARCHY_TRIGGER = """
CREATE FUNCTION public.meander_check_hierarchy() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    days daterange := daterange(NEW.valid_from, NEW.valid_to, '[]');
BEGIN
    -- One change of the hierarchy at a time: two edges that are harmless alone may make a cycle together.
    PERFORM pg_advisory_xact_lock(1835363950, 1);
    IF EXISTS (
        SELECT FROM public.tenants_organizationhierarchy e
        WHERE e.child_id = NEW.child_id AND e.id <> NEW.id
          AND daterange(e.valid_from, e.valid_to, '[]') && days
    ) THEN
        RAISE EXCEPTION 'the organisation has another parent in that period'
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'hierarchy_one_parent_at_a_time',
                  TABLE = 'tenants_organizationhierarchy', SCHEMA = 'public';
    END IF;
    -- From the new child downwards, along edges that hold on a common day: reaching the new parent closes
    -- a circle.
    IF EXISTS (
        WITH RECURSIVE below(organization, days) AS (
            SELECT NEW.child_id, days
            UNION ALL
            SELECT e.child_id, b.days * daterange(e.valid_from, e.valid_to, '[]')
            FROM below b JOIN public.tenants_organizationhierarchy e ON e.parent_id = b.organization
            WHERE e.id <> NEW.id AND b.days && daterange(e.valid_from, e.valid_to, '[]')
        )
        SELECT FROM below WHERE organization = NEW.parent_id
    ) THEN
        RAISE EXCEPTION 'the parent is below the child in that period'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hierarchy_no_cycle',
                  TABLE = 'tenants_organizationhierarchy', SCHEMA = 'public';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_hierarchy BEFORE INSERT OR UPDATE ON public.tenants_organizationhierarchy
    FOR EACH ROW EXECUTE FUNCTION public.meander_check_hierarchy();
"""

# Grants (tenants/roles.py) say which tables and columns, policies which rows. The owner is not bound by them.
# "platform" is the schema of the platform's own organisation (settings.PLATFORM_SCHEMA).
POLICIES = """
ALTER TABLE public.tenants_organization ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone_reads ON public.tenants_organization FOR SELECT USING (true);
CREATE POLICY own_row ON public.tenants_organization FOR UPDATE
    USING (schema_name = (SELECT public.meander_organization()));
CREATE POLICY platform_adds ON public.tenants_organization FOR INSERT
    WITH CHECK ((SELECT public.meander_organization()) = 'platform');
CREATE POLICY platform_changes ON public.tenants_organization FOR UPDATE
    USING ((SELECT public.meander_organization()) = 'platform');

ALTER TABLE public.tenants_domain ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone_reads ON public.tenants_domain FOR SELECT USING (true);
CREATE POLICY platform_writes ON public.tenants_domain FOR ALL
    USING ((SELECT public.meander_organization()) = 'platform');

ALTER TABLE public.tenants_organizationhierarchy ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_edges ON public.tenants_organizationhierarchy FOR SELECT USING (
    (SELECT id FROM public.tenants_organization WHERE schema_name = (SELECT public.meander_organization()))
    IN (parent_id, child_id)
);
CREATE POLICY platform_writes ON public.tenants_organizationhierarchy FOR ALL
    USING ((SELECT public.meander_organization()) = 'platform');

ALTER TABLE public.tenants_jobrun ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_jobs ON public.tenants_jobrun FOR ALL USING (
    organization_id =
    (SELECT id FROM public.tenants_organization WHERE schema_name = (SELECT public.meander_organization()))
);
CREATE POLICY platform_jobs ON public.tenants_jobrun FOR ALL
    USING ((SELECT public.meander_organization()) = 'platform');
"""

NO_POLICIES = """
DROP POLICY everyone_reads ON public.tenants_organization;
DROP POLICY own_row ON public.tenants_organization;
DROP POLICY platform_adds ON public.tenants_organization;
DROP POLICY platform_changes ON public.tenants_organization;
DROP POLICY everyone_reads ON public.tenants_domain;
DROP POLICY platform_writes ON public.tenants_domain;
DROP POLICY own_edges ON public.tenants_organizationhierarchy;
DROP POLICY platform_writes ON public.tenants_organizationhierarchy;
DROP POLICY own_jobs ON public.tenants_jobrun;
DROP POLICY platform_jobs ON public.tenants_jobrun;
ALTER TABLE public.tenants_organization DISABLE ROW LEVEL SECURITY;
ALTER TABLE public.tenants_domain DISABLE ROW LEVEL SECURITY;
ALTER TABLE public.tenants_organizationhierarchy DISABLE ROW LEVEL SECURITY;
ALTER TABLE public.tenants_jobrun DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=~Q(schema_name__startswith="pg_")
                & ~Q(schema_name__in=["public", "information_schema", "postgres", "template"])
                & (
                    Q(kind="platform", schema_name="platform")
                    | Q(kind="template", schema_name__startswith="meander_")
                    | Q(kind="organization")
                    & ~Q(schema_name="platform")
                    & ~Q(schema_name__startswith="meander_")
                ),
                name="organization_schema_name_free",
                violation_error_message="This schema name is reserved: choose another.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="organization",
            name="organization_schema_name_form",
            constraint=models.CheckConstraint(
                condition=Q(schema_name__regex=r"^[a-z][a-z0-9_]{0,39}$"),
                name="organization_schema_name_form",
                violation_error_message=(
                    "Use 1 to 40 small letters a–z, digits and underscores as schema name, "
                    "beginning with a letter."
                ),
            ),
        ),
        migrations.AlterConstraint(
            model_name="organization",
            name="organization_number_unique",
            constraint=models.UniqueConstraint(
                name="organization_number_unique",
                fields=["organization_number"],
                condition=~Q(organization_number=""),
                violation_error_message="Another organisation has this organisation number.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="domain",
            name="domain_form",
            constraint=models.CheckConstraint(
                condition=Q(domain__regex=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$"),
                name="domain_form",
                violation_error_message=(
                    "Write the host name alone, such as “nhf.example.org”: letters a–z, digits, dots "
                    "and hyphens, without port or path."
                ),
            ),
        ),
        migrations.RunSQL(ORGANIZATION_FUNCTION, "DROP FUNCTION public.meander_organization()"),
        migrations.RunSQL(BEHIND_FUNCTION, "DROP FUNCTION public.meander_behind(text[], text[], text[])"),
        migrations.RunSQL(
            HIERARCHY_TRIGGER,
            "DROP TRIGGER check_hierarchy ON public.tenants_organizationhierarchy;"
            "DROP FUNCTION public.meander_check_hierarchy()",
        ),
        migrations.RunSQL(POLICIES, NO_POLICIES),
    ]
