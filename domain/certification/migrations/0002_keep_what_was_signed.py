from django.db import migrations

from domain.certification.triggers import KeepPublished
from domain.core.operations import TrackChanges


class Migration(migrations.Migration):
    dependencies = [("certification", "0001_keep_certifications")]
    operations = [
        TrackChanges("CertificationKind"),
        TrackChanges("MentorCertification"),
        TrackChanges("CertificationRequirement"),
        TrackChanges("CertificationReminder"),
        TrackChanges("MentorStatus"),
        TrackChanges("DeclarationText"),
        TrackChanges("ConfidentialityDeclaration"),
        KeepPublished("DeclarationText"),
    ]
