import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cms", "0004_randomise_file_names")]
    operations = [
        migrations.CreateModel(
            name="LinkCheck",
            fields=[
                (
                    "link",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="link_check",
                        serialize=False,
                        to="cms.resourcelink",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("unchecked", "Not checked yet"), ("ok", "Works"), ("broken", "Broken")],
                        default="unchecked",
                        max_length=10,
                        verbose_name="last check",
                    ),
                ),
                ("checked_at", models.DateTimeField(verbose_name="checked")),
                ("error", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "verbose_name": "link check",
                "verbose_name_plural": "link checks",
                "default_permissions": (),
            },
        ),
        migrations.RunSQL(
            "INSERT INTO cms_linkcheck (link_id, status, checked_at, error) "
            "SELECT id, link_status, link_checked_at, link_error FROM cms_resourcelink "
            "WHERE link_checked_at IS NOT NULL",
            "UPDATE cms_resourcelink SET link_status = status, link_checked_at = checked_at, "
            "link_error = error FROM cms_linkcheck WHERE link_id = id",
        ),
        migrations.RemoveField(
            model_name="resourcelink",
            name="link_checked_at",
        ),
        migrations.RemoveField(
            model_name="resourcelink",
            name="link_error",
        ),
        migrations.RemoveField(
            model_name="resourcelink",
            name="link_status",
        ),
    ]
