from django.db import migrations

from domain.assignments.triggers import KeepFacts
from domain.core.operations import NeverDelete, TrackChanges


class Migration(migrations.Migration):
    dependencies = [("assignments", "0001_keep_assignments")]
    operations = [
        TrackChanges("Assignment"),
        TrackChanges("AssignmentConsent"),
        TrackChanges("AssignmentReadReceipt"),
        TrackChanges("HonorariumThreshold"),
        TrackChanges("HonorariumCrossing"),
        KeepFacts("AssignmentConsent"),
        NeverDelete("AssignmentConsent"),
        KeepFacts("AssignmentReadReceipt"),
        NeverDelete("AssignmentReadReceipt"),
        NeverDelete("Assignment"),
    ]
