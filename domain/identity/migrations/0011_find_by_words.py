"""An index of the words people are found by, and the question that an organisation asks it.

Where a policy holds, PostgreSQL uses no index for a comparison it doesn't know to keep secrets, as those of
words are. The function keeps the policy's promise itself: it names those alone whom the organisation sees.
"""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from domain.identity.models.people import PersonWords

PEOPLE_FOUND = f"""
CREATE FUNCTION public.meander_people_found(words tsquery) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT id FROM public.identity_user WHERE {PersonWords.template} @@ words
        AND (EXISTS (SELECT FROM public.identity_membership m
                     WHERE m.user_id = identity_user.id
                         AND m.organization_id = public.meander_organization_id())
             OR public.meander_helper(identity_user.id))
$$;
REVOKE ALL ON FUNCTION public.meander_people_found(tsquery) FROM PUBLIC;
"""  # noqa: S608 - an expression of our own


class Migration(migrations.Migration):
    dependencies = [("identity", "0010_spell_people")]

    operations = [
        migrations.AddIndex(model_name="user", index=GinIndex(PersonWords(), name="user_by_words")),
        migrations.RunSQL(PEOPLE_FOUND, "DROP FUNCTION public.meander_people_found(tsquery)"),
    ]
