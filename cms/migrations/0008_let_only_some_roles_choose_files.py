from django.db import migrations


def take_away(apps, schema_editor):
    """Wagtail's own migration lets every group that enters the admin choose images and documents; the role
    table doesn't. Support and new organisations: `domain/access/roles.py`, `cms/provisioning.py`."""
    apps.get_model("wagtailcore", "GroupCollectionPermission").objects.filter(
        group__name__in=["peer_mentor", "finance", "auditor", "privacy_officer"],
        permission__codename__in=["choose_image", "choose_document"],
    ).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0007_offer_more_roles"),
        ("wagtailimages", "0023_add_choose_permissions"),
        ("wagtaildocs", "0011_add_choose_permissions"),
    ]
    operations = [migrations.RunPython(take_away, migrations.RunPython.noop)]
