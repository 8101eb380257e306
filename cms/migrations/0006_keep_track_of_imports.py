import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0005_keep_link_checks_apart"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="ContentImport",
            fields=[
                ("token", models.CharField(editable=False, max_length=32, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("file_name", models.CharField(max_length=200)),
                ("headers", models.JSONField(default=list)),
                ("format", models.CharField(max_length=10)),
                ("delimiter", models.CharField(max_length=1)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "Being looked through"),
                            ("checked", "Looked through"),
                            ("writing", "Being imported"),
                            ("done", "Imported"),
                        ],
                        default="checking",
                        max_length=10,
                    ),
                ),
                ("publish", models.BooleanField(default=False)),
                ("total", models.PositiveIntegerField(default=0)),
                ("job_run", models.UUIDField(null=True)),
                ("part", models.PositiveIntegerField(default=0)),
                ("headings", models.PositiveIntegerField(default=0)),
                ("unchanged", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ImportedRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[("created", "Added"), ("updated", "Changed"), ("failed", "Not imported")],
                        max_length=10,
                    ),
                ),
                ("published", models.BooleanField(default=False)),
                ("is_tried", models.BooleanField(default=True)),
                ("cells", models.JSONField(default=list)),
                ("why", models.TextField(blank=True)),
                (
                    "content_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="cms.contentimport",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("content_import", "number"), name="import_row_once")
                ],
            },
        ),
    ]
