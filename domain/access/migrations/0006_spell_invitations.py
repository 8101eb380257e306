"""The addresses of invitations in the one spelling: by it they are found."""

from django.db import migrations

from domain.identity.spelling import spell_addresses


def spell_invitations(apps, schema_editor):
    spell_addresses(apps.get_model("access", "Invitation"), shared=True)


class Migration(migrations.Migration):
    dependencies = [("access", "0005_add_association_shares"), ("identity", "0010_spell_people")]

    operations = [migrations.RunPython(spell_invitations, migrations.RunPython.noop)]
