from django.db import migrations

from domain.core.operations import TrackChanges


class Migration(migrations.Migration):
    dependencies = [("config", "0002_initial")]
    operations = [
        TrackChanges("FeatureArea"),
        TrackChanges("OrganizationSettings"),
        TrackChanges("TerminologyOverride"),
    ]
