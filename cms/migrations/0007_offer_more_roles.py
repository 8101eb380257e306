import django.contrib.postgres.fields
from django.db import migrations, models

ROLES = [
    ("peer_mentor", "Peer mentor"),
    ("coordinator", "Coordinator"),
    ("org_admin", "Organisation admin"),
    ("finance", "Finance officer"),
    ("auditor", "Auditor"),
    ("privacy_officer", "Privacy officer"),
    ("platform_staff", "Platform staff"),
]


def audience_roles():
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.CharField(choices=ROLES, max_length=20),
        blank=True,
        default=list,
        size=None,
        verbose_name="roles",
    )


class Migration(migrations.Migration):
    dependencies = [("cms", "0006_keep_track_of_imports")]
    # Only which roles may be chosen: nothing happens in the database.
    operations = [
        migrations.AlterField(model_name=model, name="audience_roles", field=audience_roles())
        for model in ("conversationcard", "faqentry", "resourcelink")
    ]
