from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("config", "0006_approve_support_beforehand")]

    operations = [
        migrations.AddField(
            model_name="organizationsettings",
            name="second_step",
            field=models.BooleanField(
                default=False,
                help_text="Administrators, finance officers, auditors, privacy officers and support confirm with "
                "a passkey after their password.",
                verbose_name="ask people with wide access for a passkey",
            ),
        ),
    ]
