"""Accepting an invitation by passkey: the organisation doesn't know the person yet, nor their passkeys."""

from django.db import migrations

# One passkey, for whoever names both its id (which the device gives) and its owner's exact address.
PASSKEY = """
CREATE FUNCTION public.meander_passkey_of_address(credential bytea, address text)
RETURNS SETOF public.identity_passkeycredential
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.* FROM public.identity_passkeycredential p JOIN public.identity_user u ON u.id = p.user_id
    WHERE p.credential_id = credential AND lower(u.email) = lower(address)
$$;
REVOKE ALL ON FUNCTION public.meander_passkey_of_address(bytea, text) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0007_ask_about_support_in_one_call")]

    operations = [
        migrations.RunSQL(PASSKEY, "DROP FUNCTION public.meander_passkey_of_address(bytea, text)"),
    ]
