import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import domain.encryption.fields
import tenants.fields
from domain.core.operations import TrackChanges


class Migration(migrations.Migration):
    dependencies = [
        ("encryption", "0001_keep_keys"),
        ("people", "0004_remember_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactHandOut",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("change_xid", tenants.fields.Xid8Field(editable=False, null=True)),
                (
                    "archive",
                    domain.encryption.fields.EncryptedTextField(
                        blank=True, max_length=40000000, verbose_name="copy"
                    ),
                ),
                ("size", models.PositiveIntegerField(default=0, editable=False, verbose_name="size")),
                ("made_at", models.DateTimeField(editable=False, null=True, verbose_name="made")),
                ("expires_at", models.DateTimeField(editable=False, null=True, verbose_name="expires")),
                ("fetched_at", models.DateTimeField(editable=False, null=True, verbose_name="fetched")),
                ("destroyed_at", models.DateTimeField(editable=False, null=True, verbose_name="destroyed")),
                (
                    "asked_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_outs",
                        to="people.contact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "record_key",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="encryption.recordkey",
                        verbose_name="key of sealed content",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="updated by",
                    ),
                ),
            ],
            options={
                "verbose_name": "copy of what is kept",
                "verbose_name_plural": "copies of what is kept",
                "ordering": ["-created_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("destroyed_at__isnull", True)),
                        fields=["expires_at"],
                        name="hand_out_kept",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("made_at__isnull", True), ("expires_at__isnull", False), _connector="OR"
                        ),
                        name="hand_out_expires",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("destroyed_at__isnull", True), ("archive__isnull", True), _connector="OR"
                        ),
                        name="hand_out_destroyed",
                    ),
                ],
            },
        ),
        TrackChanges("ContactHandOut"),
    ]
