"""A document can be refused, with the reason that its mentor reads."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import DO_NOTHING, Q


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0001_log_activities"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="activitydocument",
            name="refusal_reason",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                max_length=500,
                verbose_name="why refused",
            ),
        ),
        migrations.AddField(
            model_name="activitydocument",
            name="refused_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="refused"),
        ),
        migrations.AddField(
            model_name="activitydocument",
            name="refused_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="refused by",
            ),
        ),
        migrations.AddConstraint(
            model_name="activitydocument",
            constraint=models.CheckConstraint(
                condition=Q(refused_at__isnull=True, refusal_reason="")
                | (Q(refused_at__isnull=False, verified_at__isnull=True) & ~Q(refusal_reason="")),
                name="activity_document_refused_for_a_reason",
            ),
        ),
    ]
