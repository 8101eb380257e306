"""The questions about support that every request would ask, as calls whose plans are kept.

Written out in the policies and in the query of session and person, they were planned anew each time, and
that took longer than everything else.
"""

from django.db import migrations

# The terms of the support access grant by which a person is let into the organisation that asks, or NULL.
SUPPORT = """
CREATE FUNCTION public.meander_support(person uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object('id', g.id, 'access', g.access, 'areas', g.areas, 'ends_at', g.ends_at)
        FROM public.identity_supportaccessgrant g JOIN public.identity_user u ON u.id = g.requested_by_id
        WHERE g.requested_by_id = person AND g.organization_id = public.meander_organization_id()
            AND g.approved_at IS NOT NULL AND g.revoked_at IS NULL
            AND g.starts_at <= statement_timestamp() AND g.ends_at > statement_timestamp()
            AND u.is_active AND u.platform_role IN ('support', 'owner')
        ORDER BY g.starts_at DESC LIMIT 1
    );
END $$;
REVOKE ALL ON FUNCTION public.meander_support(uuid) FROM PUBLIC;
"""
# Whether a person has asked the organisation that asks for support access, whatever became of it.
HELPER = """
CREATE FUNCTION public.meander_helper(person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM public.identity_supportaccessgrant g
        WHERE g.requested_by_id = person AND g.organization_id = public.meander_organization_id()
    );
END $$;
REVOKE ALL ON FUNCTION public.meander_helper(uuid) FROM PUBLIC;
"""
_MEMBER = "EXISTS (SELECT FROM public.identity_membership m WHERE m.user_id = {person})"
_WRITTEN_OUT = "EXISTS (SELECT FROM public.identity_supportaccessgrant g WHERE g.requested_by_id = {person})"
# (policy, table, column with the person)
KNOWN = [
    ("known_people", "identity_user", "id"),
    ("known_people", "identity_passkeycredential", "user_id"),
    ("use", "identity_passkeycredential", "user_id"),
    ("known_people", "identity_recoverycode", "user_id"),
    ("use", "identity_recoverycode", "user_id"),
    ("known_people", "identity_knowndevice", "user_id"),
]


def _alter(helper: str) -> str:
    return ";".join(
        f"ALTER POLICY {policy} ON public.{table} USING ("
        f"{_MEMBER.format(person=f'{table}.{column}')} OR {helper.format(person=f'{table}.{column}')})"
        for policy, table, column in KNOWN
    )


class Migration(migrations.Migration):
    dependencies = [("identity", "0006_wall_off_organizations")]

    operations = [
        migrations.RunSQL(SUPPORT, "DROP FUNCTION public.meander_support(uuid)"),
        migrations.RunSQL(HELPER, "DROP FUNCTION public.meander_helper(uuid)"),
        migrations.RunSQL(_alter("public.meander_helper({person})"), _alter(_WRITTEN_OUT)),
    ]
