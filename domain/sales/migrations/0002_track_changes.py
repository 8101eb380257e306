from django.db import migrations

from domain.core.operations import TrackChanges


class Migration(migrations.Migration):
    dependencies = [("sales", "0001_initial")]
    operations = [
        TrackChanges("DemoSlot"),
        TrackChanges("DemoBooking"),
    ]
