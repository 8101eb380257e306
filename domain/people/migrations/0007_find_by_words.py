"""Contacts and relatives are found by telephone number and e-mail as by name, with an index of the words."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations
from django.db.models import F, Q

from domain.core.names import WordsOf, reached_by, search_text
from domain.core.operations import unnoticed

AT_ONCE = 1000
COLUMNS = ("pk", "first_name", "last_name", "phone", "email")


def fill(apps, schema_editor):
    for name in ("Contact", "Caregiver", "RegisteredRelative"):
        model = apps.get_model("people", name)
        changed = []
        for row in (
            model.objects.exclude(Q(phone="") & Q(email="")).only(*COLUMNS).order_by().iterator(AT_ONCE)
        ):
            row.name_search = search_text(row.first_name, row.last_name, reached_by(row.phone, row.email))
            changed.append(row)
        with unnoticed(schema_editor, model):
            model.objects.bulk_update(changed, ["name_search"], batch_size=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [("people", "0006_ask_for_notes_and_share")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        *(
            migrations.AddIndex(
                model_name=model, index=GinIndex(WordsOf(F("name_search")), name=f"{index}_by_words")
            )
            for model, index in (
                ("caregiver", "caregiver"),
                ("contact", "contact"),
                ("registeredrelative", "relative"),
            )
        ),
    ]
