from django.db import migrations

from domain.core.operations import TrackChanges

ROLES = ["peer_mentor", "coordinator", "org_admin", "platform_staff"]


def assign_roles_of_groups(apps, schema_editor):
    """Whoever was in a role's group has the role from then on, for the whole organisation."""
    RoleAssignment = apps.get_model("access", "RoleAssignment")
    for row in apps.get_model("access", "UserGroup").objects.filter(group__name__in=ROLES):
        RoleAssignment.objects.get_or_create(
            user_id=row.user_id, role=row.group.name, local_association=None, defaults={"valid_to": None}
        )


class Migration(migrations.Migration):
    dependencies = [("access", "0003_add_role_assignments")]
    operations = [
        TrackChanges("RoleAssignment"),
        TrackChanges("Invitation"),
        migrations.RunPython(assign_roles_of_groups, migrations.RunPython.noop),
    ]
