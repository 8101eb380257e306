"""Whose rows an organisation's role sees and writes in the shared tables about people.

Grants (tenants/roles.py) say which tables, policies which rows. They bind the roles of organisations; the
owner of the tables is not bound. What legitimately needs more goes through the functions below: they run with
the owner's rights, take their arguments one by one and answer one question each (domain/identity/elsewhere.py).
"""

from django.db import migrations

# plpgsql keeps its plan for the session, and a definer with a fixed path keeps it across organisations:
# anything else would be planned anew after each switch. In a definer's function `current_user` is the owner,
# so the acting role is read from the setting that SET ROLE writes. NULL for logins.
ORGANIZATION_ID = """
CREATE FUNCTION public.meander_organization_id() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    acting text := current_setting('role');
BEGIN
    IF acting !~ '^m_[0-9a-f]{8}_[a-z]' THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT o.id FROM public.tenants_organization o WHERE o.schema_name = substr(acting, 12));
END $$;
"""

# One's own memberships, as the organisation picker shows them. Whose they are is proven by a live session in
# the organisation that asks: without one, nothing.
MEMBERSHIPS = """
CREATE FUNCTION public.meander_memberships(session uuid) RETURNS SETOF public.identity_membership
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.* FROM public.identity_usersession s
    JOIN public.identity_user u ON u.id = s.user_id AND u.is_active
    JOIN public.identity_membership m ON m.user_id = s.user_id AND m.status IN ('active', 'suspended')
    WHERE s.id = session AND s.organization_id = public.meander_organization_id()
        AND s.revoked_at IS NULL AND s.expires_at > statement_timestamp()
$$;
REVOKE ALL ON FUNCTION public.meander_memberships(uuid) FROM PUBLIC;
"""

# A person's open sessions in the organisation that asks, and in all others if they are an active member of it:
# to show them their own, and to end them when their password changes (in a mail's link there is no session to
# prove anything by).
SESSIONS = """
CREATE FUNCTION public.meander_sessions(person uuid) RETURNS SETOF public.identity_usersession
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.* FROM public.identity_usersession s
    WHERE s.user_id = person AND s.revoked_at IS NULL AND s.expires_at > statement_timestamp()
        AND (s.organization_id = public.meander_organization_id()
             OR EXISTS (SELECT FROM public.identity_membership m WHERE m.user_id = person
                        AND m.organization_id = public.meander_organization_id() AND m.status = 'active'))
$$;
REVOKE ALL ON FUNCTION public.meander_sessions(uuid) FROM PUBLIC;
"""

# The person with exactly this address, to let them accept an invitation or become a member: one or none.
PERSON_BY_EMAIL = """
CREATE FUNCTION public.meander_person_by_email(address text) RETURNS SETOF public.identity_user
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT u.* FROM public.identity_user u WHERE lower(u.email) = lower(address)
$$;
REVOKE ALL ON FUNCTION public.meander_person_by_email(text) FROM PUBLIC;
"""

# When an app of the organisation was last in use: all that the platform's console may know of its sessions.
LAST_USE = """
CREATE FUNCTION public.meander_last_use(organization uuid) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT max(s.last_seen_at) FROM public.identity_usersession s WHERE s.organization_id = organization
$$;
REVOKE ALL ON FUNCTION public.meander_last_use(uuid) FROM PUBLIC;
"""

# Who belongs to the platform's staff is decided by its owner at the command line, never inside an organisation.
STAFF_TRIGGER = """
CREATE FUNCTION public.meander_keep_staff() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.platform_role <> OLD.platform_role AND public.meander_organization() IS NOT NULL THEN
        RAISE EXCEPTION 'an organisation does not decide who is staff of the platform'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_staff BEFORE UPDATE OF platform_role ON public.identity_user
    FOR EACH ROW EXECUTE FUNCTION public.meander_keep_staff();
"""

_MINE = "organization_id = (SELECT public.meander_organization_id())"
# Inside a policy the tables of other policies are seen as the same role sees them: its own members.
_MEMBER = "EXISTS (SELECT FROM public.identity_membership m WHERE m.user_id = {person})"
_STILL_HERE = (
    "EXISTS (SELECT FROM public.identity_membership m WHERE m.user_id = {person} AND m.status <> 'left')"
)
# Staff who have asked for access here: their names stand in the list of requests, and they sign in under it.
_HELPER = "EXISTS (SELECT FROM public.identity_supportaccessgrant g WHERE g.requested_by_id = {person})"
_KNOWN = f"({_MEMBER} OR {_HELPER})"


def _of_person(table: str) -> str:
    """What belongs to a person: seen and used where they are known, added and removed where they belong."""
    known, here = _KNOWN.format(person=f"{table}.user_id"), _STILL_HERE.format(person=f"{table}.user_id")
    return f"""
ALTER TABLE public.{table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY known_people ON public.{table} FOR SELECT USING ({known});
CREATE POLICY use ON public.{table} FOR UPDATE USING ({known});
CREATE POLICY add ON public.{table} FOR INSERT WITH CHECK ({here});
CREATE POLICY remove ON public.{table} FOR DELETE USING ({here});
"""


def _of_organization(table: str) -> str:
    return f"""
ALTER TABLE public.{table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.{table} FOR ALL USING ({_MINE});
"""


def _of_session(table: str) -> str:
    return f"""
ALTER TABLE public.{table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_sessions ON public.{table} FOR ALL
    USING (EXISTS (SELECT FROM public.identity_usersession s WHERE s.id = {table}.session_id));
"""


BY_ORGANIZATION = (
    "identity_membership",
    "identity_usersession",
    "identity_passkeychallenge",
    "identity_supportaccessgrant",
)
BY_SESSION = ("identity_refreshtoken", "identity_devicekey")
BY_PERSON = ("identity_passkeycredential", "identity_recoverycode")
# The same, but a device is noted at every sign-in, under a grant too.
KNOWN_DEVICES = f"""
ALTER TABLE public.identity_knowndevice ENABLE ROW LEVEL SECURITY;
CREATE POLICY known_people ON public.identity_knowndevice FOR ALL
    USING ({_KNOWN.format(person="identity_knowndevice.user_id")});
"""
# New people may be added, but none as the platform's staff. The platform's own staff see each other anyway:
# they are members of its organisation.
PEOPLE = f"""
ALTER TABLE public.identity_user ENABLE ROW LEVEL SECURITY;
CREATE POLICY known_people ON public.identity_user FOR SELECT
    USING ({_KNOWN.format(person="identity_user.id")});
CREATE POLICY members ON public.identity_user FOR UPDATE
    USING ({_STILL_HERE.format(person="identity_user.id")});
CREATE POLICY new_people ON public.identity_user FOR INSERT WITH CHECK (platform_role = 'none');
"""
# The console lists what its staff asked for; deciding, and asking, happen inside the organisation.
GRANTS = """
CREATE POLICY platform_reads ON public.identity_supportaccessgrant FOR SELECT
    USING ((SELECT public.meander_organization()) = 'platform');
"""
POLICIES = "".join(
    [
        *map(_of_organization, BY_ORGANIZATION),
        *map(_of_session, BY_SESSION),
        *map(_of_person, BY_PERSON),
        KNOWN_DEVICES,
        PEOPLE,
        GRANTS,
    ]
)
NO_POLICIES = """
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT policyname, tablename FROM pg_policies
               WHERE schemaname = 'public' AND starts_with(tablename, 'identity_') LOOP
        EXECUTE format('DROP POLICY %I ON public.%I', one.policyname, one.tablename);
        EXECUTE format('ALTER TABLE public.%I DISABLE ROW LEVEL SECURITY', one.tablename);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0005_track_changes"), ("tenants", "0003_verify_hosts")]

    operations = [
        migrations.RunSQL(ORGANIZATION_ID, "DROP FUNCTION public.meander_organization_id()"),
        migrations.RunSQL(MEMBERSHIPS, "DROP FUNCTION public.meander_memberships(uuid)"),
        migrations.RunSQL(SESSIONS, "DROP FUNCTION public.meander_sessions(uuid)"),
        migrations.RunSQL(PERSON_BY_EMAIL, "DROP FUNCTION public.meander_person_by_email(text)"),
        migrations.RunSQL(LAST_USE, "DROP FUNCTION public.meander_last_use(uuid)"),
        migrations.RunSQL(
            STAFF_TRIGGER,
            "DROP TRIGGER keep_staff ON public.identity_user; DROP FUNCTION public.meander_keep_staff()",
        ),
        migrations.RunSQL(POLICIES, NO_POLICIES),
    ]
