from django.db import migrations

from domain.associations.triggers import KeepPath, LimitMemberships, MoveSubtree
from domain.core.operations import NeverDelete, TrackChanges


class Migration(migrations.Migration):
    dependencies = [
        ("associations", "0001_keep_local_associations"),
        ("config", "0005_limit_local_associations"),
    ]
    operations = [
        TrackChanges("LocalAssociation"),
        TrackChanges("LocalAssociationMembership"),
        NeverDelete("LocalAssociation"),
        KeepPath("LocalAssociation"),
        MoveSubtree("LocalAssociation"),
        LimitMemberships("LocalAssociationMembership"),
    ]
