import django.core.validators
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0011_add_assignments_area"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="organizationsettings",
            name="retention_assignments_days",
            field=models.PositiveSmallIntegerField(
                db_default=30,
                default=30,
                help_text="So long the mentor can look something up; then it is destroyed. 1 to 365.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(365),
                ],
                verbose_name="days the content of completed assignments is kept",
            ),
        ),
        migrations.AddConstraint(
            model_name="organizationsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("retention_assignments_days__range", (1, 365))),
                name="settings_assignments_kept",
            ),
        ),
    ]
