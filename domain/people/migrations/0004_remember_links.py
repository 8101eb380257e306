"""That a relative belonged to a contact once: who registered them has no sight of their own any more."""

from django.db import migrations, models

# Those who belong to a contact, and those whose last link was ended, which the record tells.
REMEMBER = """
UPDATE people_registeredrelative SET was_linked = true
WHERE EXISTS (SELECT 1 FROM people_contactrelative link WHERE link.relative_id = people_registeredrelative.id)
   OR EXISTS (SELECT 1 FROM audit_auditevent event
              WHERE event.action = 'contact-relative.unlinked'
                AND event.subject_ids @> ARRAY[people_registeredrelative.id])
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0003_seal_what_is_written"), ("audit", "0003_seal_the_record")]

    operations = [
        migrations.AddField(
            model_name="registeredrelative",
            name="was_linked",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.RunSQL(REMEMBER, migrations.RunSQL.noop),
    ]
