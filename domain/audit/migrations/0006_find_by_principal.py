"""What was done for somebody is found without reading what everybody did: few events are on behalf of anyone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_append_only_seals")]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["on_behalf_of_id", "-at"],
                name="audit_by_principal",
                condition=models.Q(("on_behalf_of_id__isnull", False)),
            ),
        ),
    ]
