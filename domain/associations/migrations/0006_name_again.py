"""What the names of all associations that are there are ordered and found by."""

from django.db import migrations

from domain.core.names import search_text, sort_key

AT_ONCE = 500


def name_again(apps, schema_editor):
    """Only rows that would be another are written: each write is a change that clients fetch."""
    associations = apps.get_model("associations", "LocalAssociation").objects
    changed = []
    for row in associations.only("pk", "name", "name_key", "name_search").order_by().iterator(AT_ONCE):
        keys = sort_key(row.name), search_text(row.name)
        if keys != (row.name_key, row.name_search):
            row.name_key, row.name_search = keys
            changed.append(row)
    associations.bulk_update(changed, ["name_key", "name_search"], batch_size=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [("associations", "0005_find_by_name")]

    operations = [migrations.RunPython(name_again, migrations.RunPython.noop)]
