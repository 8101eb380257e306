"""Whether what a process remembers of a host still holds, asked in the statement that switches to the
organisation (tenants/backend/base.py)."""

from django.db import migrations

# plpgsql keeps its plan for the session: planning this anew for each request would cost four times as much.
ANSWERS_FUNCTION = """
CREATE FUNCTION public.meander_answers(host text, organization uuid, version text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM public.tenants_domain d JOIN public.tenants_organization o ON o.id = d.tenant_id
        WHERE d.domain = host AND o.id = organization AND o.status = 'active'
            AND o.xmin::text || o.ctid::text = version
    );
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_guard_organizations")]

    operations = [
        migrations.RunSQL(
            ANSWERS_FUNCTION, "DROP FUNCTION public.meander_answers(text, uuid, text)", elidable=False
        ),
    ]
