from django.db import migrations

from domain.core.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_seal_the_record")]
    operations = [
        AppendOnly("AuditNode"),
        AppendOnly("AuditHead"),
    ]
