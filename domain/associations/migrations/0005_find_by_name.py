from django.db import migrations

import domain.core.names


class Migration(migrations.Migration):
    dependencies = [("associations", "0004_name_what_is_shared")]

    operations = [
        migrations.AddField(
            model_name="localassociation",
            name="name_search",
            field=domain.core.names.NameSearchField(db_default="", editable=False),
        ),
    ]
