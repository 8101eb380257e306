from django.db import migrations

from domain.sync.operations import NoteChanges


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0002_keep_what_phones_send"),
        ("people", "0006_ask_for_notes_and_share"),
    ]

    operations = [NoteChanges("people.ContactShare")]
