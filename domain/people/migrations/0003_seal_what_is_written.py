import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import domain.encryption.fields
import tenants.fields
from domain.core.operations import TrackChanges
from domain.people.triggers import FlagNotes


class Migration(migrations.Migration):
    dependencies = [
        ("encryption", "0001_keep_keys"),
        ("people", "0002_keep_relatives"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="diagnosis",
            field=domain.encryption.fields.EncryptedTextField(
                blank=True,
                help_text="Sealed: opening it is on the record.",
                max_length=2000,
                verbose_name="diagnosis",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="record_key",
            field=models.ForeignKey(
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
        migrations.CreateModel(
            name="ContactNote",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("observation", "Observation"),
                            ("follow_up", "Follow-up"),
                            ("interaction", "Conversation or meeting"),
                        ],
                        default="observation",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "visibility",
                    models.CharField(
                        choices=[("private", "Only me"), ("team", "Everyone who follows up the contact")],
                        default="team",
                        max_length=10,
                        verbose_name="who reads it",
                    ),
                ),
                ("body", domain.encryption.fields.EncryptedTextField(max_length=10000, verbose_name="note")),
                (
                    "follow_up_on",
                    models.DateField(
                        blank=True,
                        help_text="The day to come back to it.",
                        null=True,
                        verbose_name="follow up on",
                    ),
                ),
                (
                    "followed_up_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="followed up"),
                ),
                (
                    "author",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="contact_notes",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
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
                "verbose_name": "note about a contact",
                "verbose_name_plural": "notes about contacts",
                "ordering": ["-created_at"],
                "indexes": [
                    models.Index(fields=["contact", "created_at"], name="contact_note_at"),
                    models.Index(
                        condition=models.Q(("follow_up_on__isnull", False), ("followed_up_at__isnull", True)),
                        fields=["follow_up_on"],
                        name="contact_note_open",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["observation", "follow_up", "interaction"])),
                        name="contact_note_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("visibility__in", ["private", "team"])),
                        name="contact_note_visibility_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("visibility", "private"), _negated=True),
                            ("author__isnull", False),
                            _connector="OR",
                        ),
                        name="contact_note_private_has_author",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("followed_up_at__isnull", True), ("follow_up_on__isnull", False), _connector="OR"
                        ),
                        name="contact_note_followed_up",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
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
                    "title",
                    models.CharField(
                        help_text="Readable in lists: write no names or diagnoses here.",
                        max_length=200,
                        verbose_name="title",
                    ),
                ),
                ("body", domain.encryption.fields.EncryptedTextField(max_length=20000, verbose_name="note")),
                ("is_pinned", models.BooleanField(default=False, verbose_name="pinned")),
                (
                    "author",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="notes",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_notes",
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
                "verbose_name": "note",
                "verbose_name_plural": "notes",
                "ordering": ["-is_pinned", "-updated_at"],
                "indexes": [models.Index(fields=["author", "updated_at"], name="note_by_author")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True), name="note_has_title"
                    )
                ],
            },
        ),
        TrackChanges("ContactNote"),
        TrackChanges("Note"),
        FlagNotes("ContactNote"),
    ]
