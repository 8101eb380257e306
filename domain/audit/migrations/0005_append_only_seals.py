from django.db import migrations

from domain.core.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_append_only_tree")]
    operations = [
        AppendOnly("AuditSeal"),
    ]
