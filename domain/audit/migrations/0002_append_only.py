from django.db import migrations

from domain.core.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        AppendOnly("AuditEvent"),
    ]
