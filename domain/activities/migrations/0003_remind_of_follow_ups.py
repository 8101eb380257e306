from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0002_refuse_documents"),
    ]

    operations = [
        migrations.AddField(
            model_name="homevisitfollowup",
            name="reminded_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="reminded"),
        ),
        migrations.AddField(
            model_name="homevisitfollowup",
            name="reminder",
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
                verbose_name="reminder",
            ),
        ),
    ]
