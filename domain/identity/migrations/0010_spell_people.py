"""Keys of the names of everybody who is there, and their addresses in the one spelling."""

from django.db import migrations

from domain.identity.spelling import name_people, spell_addresses


def spell_people(apps, schema_editor):
    people = apps.get_model("identity", "User")
    # First the addresses: who has no name stands by theirs.
    spell_addresses(people)
    name_people(people)


class Migration(migrations.Migration):
    dependencies = [("identity", "0009_add_name_keys")]

    operations = [migrations.RunPython(spell_people, migrations.RunPython.noop)]
