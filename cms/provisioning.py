"""What Wagtail needs in the template and in a new organisation."""

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import translation
from django.utils.translation import gettext as _
from django_tenants.utils import schema_context
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    Locale,
    Page,
    Site,
    Task,
    Workflow,
    WorkflowContentType,
    WorkflowTask,
)

from domain.access.choices import Role
from domain.access.roles import PERMISSIONS
from tenants.events import OrganizationEvent
from tenants.models import LANGUAGE_CODES, Organization

REVIEWED_MODELS = ("faqentry", "resourcelink", "conversationcard")


def prepare_template() -> None:
    """Remove what Wagtail's first migrations make for a page site; add the locales and file rights."""
    # What its migrations grant: to those two groups, and to whoever enters the admin.
    GroupCollectionPermission.objects.all().delete()
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
    for role in (Role.ORG_ADMIN, Role.PLATFORM_STAFF):
        for permission in Permission.objects.filter(
            content_type__app_label="wagtailcore",
            codename__in=["add_collection", "change_collection", "delete_collection"],
        ):
            GroupCollectionPermission.objects.get_or_create(
                group=Group.objects.get(name=role.value), collection=root, permission=permission
            )
    create_review_workflow()


def create_review_workflow() -> None:
    """One step, in which an administrator approves: the workflow of all content until someone changes it.

    Wagtail's first migrations make one for pages, which goes. Names are stored texts: here in the main
    language of the installation, in a new organisation in its own (`name_review_workflow`).
    """
    Workflow.objects.filter(name="Moderators approval").delete()
    Task.objects.filter(name="Moderators approval").delete()
    if Workflow.objects.exists():
        return
    workflow_name, task_name = _review_names(settings.LANGUAGE_CODE)
    workflow = Workflow.objects.create(name=workflow_name)
    task = GroupApprovalTask.objects.create(name=task_name)
    task.groups.set(Group.objects.filter(name__in=[Role.ORG_ADMIN, Role.PLATFORM_STAFF]))
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    for name in REVIEWED_MODELS:
        content_type = ContentType.objects.get_for_model(apps.get_model("cms", name))
        WorkflowContentType.objects.create(workflow=workflow, content_type=content_type)


def name_review_workflow(organization: Organization) -> None:
    """Name the workflow and its step, copied from the template, in the organisation's main language.

    They are the organisation's own texts from then on, shown to everybody as they are written.
    """
    workflow_name, task_name = _review_names(settings.LANGUAGE_CODE)
    own_workflow_name, own_task_name = _review_names(organization.default_language)
    Workflow.objects.filter(name=workflow_name).update(name=own_workflow_name)
    Task.objects.filter(name=task_name).update(name=own_task_name)


def _review_names(language: str) -> tuple[str, str]:
    with translation.override(language):
        return _("Review"), _("Approval by an administrator")


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


def follow_main_host(event: OrganizationEvent) -> None:
    """Keep the Site row on the organisation's main host, in the transaction that changes it."""
    if event.action == "host.made_primary":
        organization = Organization.objects.get(pk=event.organization.pk)
        with schema_context(organization.schema_name):
            create_site(organization)
