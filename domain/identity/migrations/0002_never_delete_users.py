from django.db import migrations

from domain.core.operations import NeverDelete


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]
    operations = [
        NeverDelete("User"),
    ]
