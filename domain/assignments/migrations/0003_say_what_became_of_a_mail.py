from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assignments", "0002_keep_what_was_read_and_answered"),
    ]

    operations = [
        migrations.AddField(
            model_name="honorariumcrossing",
            name="notice",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "None"),
                    ("sending", "Being sent"),
                    ("sent", "Sent"),
                    ("uncertain", "Uncertain: may have been sent"),
                    ("no_address", "Not sent: nobody to send it to"),
                    ("failed", "Not sent: refused by the mail server"),
                ],
                db_default="",
                default="",
                editable=False,
                max_length=10,
                verbose_name="mail to the coordinators",
            ),
        ),
        migrations.AlterField(
            model_name="assignment",
            name="escalation",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "None"),
                    ("sending", "Being sent"),
                    ("sent", "Sent"),
                    ("uncertain", "Uncertain: may have been sent"),
                    ("no_address", "Not sent: nobody to send it to"),
                    ("failed", "Not sent: refused by the mail server"),
                ],
                default="",
                editable=False,
                max_length=10,
            ),
        ),
    ]
