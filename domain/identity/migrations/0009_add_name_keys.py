from django.db import migrations, models

import domain.core.names

DEFAULTS = """
ALTER TABLE public.identity_user ALTER COLUMN name_key SET DEFAULT '', ALTER COLUMN name_search SET DEFAULT '';
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0008_find_an_invited_passkey")]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "ordering": ["name_key", "id"],
                "verbose_name": "person",
                "verbose_name_plural": "people",
            },
        ),
        migrations.AddField(
            model_name="user",
            name="name_key",
            field=models.CharField(default="", editable=False, max_length=300, verbose_name="name"),
        ),
        migrations.AddField(
            model_name="user",
            name="name_search",
            field=domain.core.names.NameSearchField(default="", editable=False),
        ),
        # For the code of before, which writes people without them while it is being replaced.
        migrations.RunSQL(DEFAULTS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["name_key", "id"], name="user_by_name"),
        ),
    ]
