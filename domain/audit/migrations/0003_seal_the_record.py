"""Order, tree and signed heads; what tells about people moves out of the hashed event."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.exceptions import IrreversibleError

import tenants.fields
from domain.audit import payload


def move_details(apps, schema_editor):
    """Labels, changes and reasons of the events so far, with salts, into the table beside."""
    event_model, detail_model = apps.get_model("audit", "AuditEvent"), apps.get_model("audit", "AuditDetail")
    for event in event_model.objects.order_by("id").iterator(chunk_size=2000):
        texts = {name: getattr(event, name) for name in ("actor_label", "object_label", "reason")}
        changes = payload.plain(event.changes)
        parts = payload.parts_of(texts, changes)
        salts = payload.new_salts(parts)
        hashes = {name: payload.part_hash(salts[name], name, value) for name, value in parts.items()}
        detail_model.objects.create(event_id=event.pk, changes=changes, salts=salts, **texts)
        event_model.objects.filter(pk=event.pk).update(commitment=payload.commitment(hashes))


def refuse_with_events(apps, schema_editor):
    """Events that are there have commitments and salts, which going back would destroy, and with them every
    proof; and their labels would have to be columns that may not be empty, filled after they are made."""
    if apps.get_model("audit", "AuditEvent").objects.exists():
        raise IrreversibleError("audit.0003 can't be taken back while there are events: their proof would go")


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="AuditAnchoring",
            fields=[
                ("name", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("size", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=500)),
            ],
            options={"ordering": ["name"]},
        ),
        migrations.CreateModel(
            name="AuditDetail",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="detail",
                        serialize=False,
                        to="audit.auditevent",
                    ),
                ),
                ("actor_label", models.CharField(blank=True, max_length=200, verbose_name="by")),
                (
                    "on_behalf_of_label",
                    models.CharField(blank=True, max_length=200, verbose_name="on behalf of"),
                ),
                ("object_label", models.CharField(blank=True, max_length=200, verbose_name="object")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("network", models.CharField(blank=True, max_length=50, verbose_name="network")),
                ("changes", models.JSONField(default=dict, verbose_name="changes")),
                ("salts", models.JSONField(default=dict)),
                ("erased", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "detail of an audit event",
                "verbose_name_plural": "details of audit events",
            },
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField()),
                ("key_id", models.CharField(max_length=16)),
                ("checkpoint", models.TextField()),
                ("horizon", tenants.fields.Xid8Field()),
            ],
            options={"ordering": ["size"]},
        ),
        migrations.CreateModel(
            name="AuditNode",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level", "index", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                ("index", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={"ordering": ["level", "index"]},
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event_id", models.UUIDField(unique=True)),
                ("leaf_hash", models.BinaryField(max_length=32)),
            ],
            options={
                "ordering": ["seq"],
                "constraints": [
                    models.CheckConstraint(name="audit_seal_from_zero", condition=models.Q(("seq__gte", 0)))
                ],
            },
        ),
        migrations.AddField(
            model_name="auditevent",
            name="commitment",
            field=models.BinaryField(max_length=32, null=True),
        ),
        migrations.AddField(model_name="auditevent", name="grant_id", field=models.UUIDField(null=True)),
        migrations.AddField(
            model_name="auditevent",
            name="on_behalf_of_id",
            field=models.UUIDField(null=True, verbose_name="on behalf of (id)"),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="subject_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), default=list, size=None, verbose_name="about (ids)"
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE audit_auditevent DISABLE TRIGGER append_only",
            "ALTER TABLE audit_auditevent ENABLE TRIGGER append_only",
        ),
        migrations.RunPython(move_details, migrations.RunPython.noop),
        migrations.RunSQL(
            "ALTER TABLE audit_auditevent ENABLE TRIGGER append_only",
            "ALTER TABLE audit_auditevent DISABLE TRIGGER append_only",
        ),
        migrations.AlterField(
            model_name="auditevent", name="commitment", field=models.BinaryField(max_length=32)
        ),
        migrations.RemoveField(model_name="auditevent", name="actor_label"),
        migrations.RemoveField(model_name="auditevent", name="changes"),
        migrations.RemoveField(model_name="auditevent", name="object_label"),
        migrations.RemoveField(model_name="auditevent", name="reason"),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["actor_id", "-at"], name="audit_by_actor"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["xid", "id"], name="audit_by_transaction"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("subject_ids", []), _negated=True),
                fields=["subject_ids"],
                name="audit_by_subject",
            ),
        ),
        # The last, so that it is the first to be taken back.
        migrations.RunPython(migrations.RunPython.noop, refuse_with_events),
    ]
