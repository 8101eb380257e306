from django.db import migrations

from domain.core.operations import TrackChanges


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_add_credentials_and_grants")]
    operations = [
        TrackChanges("User"),
        TrackChanges("Membership"),
        TrackChanges("SupportAccessGrant"),
        # Rows from before have no place in the order of changes yet: the trigger gives them one.
        migrations.RunSQL(
            "UPDATE public.identity_user SET version = version;"
            "UPDATE public.identity_membership SET version = version;",
            migrations.RunSQL.noop,
        ),
    ]
