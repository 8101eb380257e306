"""What Wagtail needs in the template and in a new organisation."""

from django.contrib.auth.models import Group, Permission
from wagtail.models import Collection, GroupCollectionPermission, Locale, Page, Site

from domain.access.choices import Role
from domain.access.roles import PERMISSIONS
from tenants.models import LANGUAGE_CODES, Organization


def prepare_template() -> None:
    """Remove what Wagtail's first migrations make for a page site; add the locales and file rights."""
    GroupCollectionPermission.objects.filter(group__name__in=["Editors", "Moderators"]).delete()
    Group.objects.filter(name__in=["Editors", "Moderators"]).delete()
    for code, _label in LANGUAGE_CODES:
        Locale.objects.get_or_create(language_code=code)
    Site.objects.all().delete()
    Page.objects.filter(depth__gt=1).delete()
    root = Collection.get_first_root_node()
    for role in (Role.ORG_ADMIN, Role.PLATFORM_STAFF, Role.COORDINATOR):
        group = Group.objects.get(name=role.value)
        for permission in Permission.objects.filter(
            content_type__app_label__in=["cms", "wagtailimages", "wagtaildocs"],
            content_type__model__in=["customimage", "customdocument", "image", "document"],
        ):
            if (
                f"cms.{permission.codename}"
                in {name.replace("custom", "") for name in PERMISSIONS[role]} | PERMISSIONS[role]
            ):
                GroupCollectionPermission.objects.get_or_create(
                    group=group, collection=root, permission=permission
                )


def create_site(organization: Organization) -> None:
    """The organisation's Site row: Wagtail asks it for host name and name."""
    Site.objects.update_or_create(
        is_default_site=True,
        defaults={
            "hostname": organization.primary_host or organization.slug,
            "site_name": organization.name,
            "root_page": Page.get_first_root_node(),
        },
    )
