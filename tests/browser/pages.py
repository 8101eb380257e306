"""The admin's addresses, as the URL configuration has them, filled in with objects that the demo has."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from django_tenants.utils import schema_context
from wagtail.models import Collection, Locale, Task, TaskState, Workflow

from cms.models import (
    CardDeck,
    ConversationCard,
    CustomDocument,
    CustomImage,
    FaqCategory,
    FaqEntry,
    ResourceCategory,
    ResourceLink,
)
from domain.access.models import AssociationShare, Invitation, RoleAssignment
from domain.identity.models import Membership, User
from domain.sales.models import DemoBooking, DemoSlot
from tenants.choices import HierarchyKind
from tenants.hierarchy import link_organizations
from tenants.models import JobRun, Organization
from tests.contracts.addresses import every_address

CONTENT = {
    "faqs": FaqEntry,
    "faq-categories": FaqCategory,
    "resource-links": ResourceLink,
    "link-categories": ResourceCategory,
    "conversation-cards": ConversationCard,
    "card-decks": CardDeck,
}
PEOPLE: dict[str, Any] = {
    "members": Membership,
    "roles": RoleAssignment,
    "invitations": Invitation,
    "shares": AssociationShare,
}
BULK_ACTIONS = ("publish", "unpublish", "move", "audience", "delete")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
# The values of parameters, by how an address begins; a longer beginning counts more.
Objects = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Address:
    """An address to open; `path` is None where the demo has no object for it."""

    route: str
    path: str | None


def fill(route: str, objects: Objects) -> Address:
    values: dict[str, Any] = {}
    for beginning in sorted(objects, key=len):
        if route.startswith(beginning):
            values |= objects[beginning]
    names = [a or b for a, b in _PARAMETER.findall(route)]
    if any(name not in values for name in names):
        return Address(route, None)
    path = _PARAMETER.sub(lambda match: str(values[match[1] or match[2]]), route)
    return Address(route, "/" + path.replace("\\.", ".").rstrip("$"))


def addresses(routes: set[str], objects: Objects) -> Iterator[Address]:
    for route in dict.fromkeys(address.route for address in every_address()):
        if route in routes:
            yield fill(route, objects)


def bulk_pages(schema: str) -> list[Address]:
    """The questions asked before something is done with several items at once."""
    with schema_context(schema):
        ids = "&".join(f"id={pk}" for pk in FaqEntry.objects.values_list("pk", flat=True)[:2])
    base = "/admin/bulk/cms/faqentry"
    return [Address(f"bulk {action}", f"{base}/{action}/?{ids}") for action in BULK_ACTIONS]


def objects_of_organization(schema: str) -> Objects:
    with schema_context(schema):
        image = CustomImage.objects.order_by("pk").first()
        document = CustomDocument.objects.create(
            title="Årsmelding", file=ContentFile(b"%PDF-1.4\n%%EOF\n", "a.pdf")
        )
        collection = Collection.get_first_root_node().add_child(name="Kampanjer")
        workflow, task = Workflow.objects.get(), Task.objects.get()
        # One that is not translated into every language yet.
        category = FaqCategory.objects.create(name="Bare på bokmål", locale=Locale.get_default())
        objects: Objects = {
            "admin/collections/": {"pk": collection.pk, "collection_id": collection.pk},
            "admin/workflows/": {"pk": workflow.pk},
            "admin/workflows/tasks/": {"pk": task.pk, "app_label": "wagtailcore"},
            "admin/workflows/tasks/add/": {"model_name": "groupapprovaltask"},
            "admin/documents/": {"document_id": document.pk},
            "admin/images/": {"image_id": image.pk},
            "admin/settings/terminology/": {"key": "peer_mentor"},
            "admin/translation/submit/snippet/": {
                "app_label": "cms",
                "model_name": "faqcategory",
                "pk": category.pk,
            },
        }
        for name, model in CONTENT.items():
            objects |= _content(f"admin/content/{name}/", model)
        for name, model in PEOPLE.items():
            rows = model.objects.here() if model is Membership else model.objects.all()
            objects[f"admin/{name}/"] = {"pk": rows.order_by("pk").first().pk}
    return objects


def _content(beginning: str, model: Any) -> Objects:
    if model in (FaqCategory, ResourceCategory, CardDeck):
        return {beginning: {"pk": model.objects.order_by("sort_order").first().pk}}
    item = model.objects.filter(live=True, latest_revision__isnull=False).order_by("pk").first()
    found: Objects = {
        beginning: {
            "pk": item.pk,
            "revision_id": item.latest_revision_id,
            "revision_id_a": "earliest",
            "revision_id_b": "latest",
        }
    }
    for state in TaskState.objects.select_related("workflow_state").order_by("pk"):
        if isinstance(state.workflow_state.content_object, model):
            found[f"{beginning}workflow_history/"] = {
                "pk": state.workflow_state.object_id,
                "workflow_state_id": state.workflow_state_id,
            }
    return found


def objects_of_platform() -> Objects:
    owner = User.objects.get(email="owner@meander.example")
    parent = Organization.objects.get(schema_name="blindeforbundet")
    child = Organization.objects.get(schema_name="nhf")
    edge = link_organizations(
        parent=parent,
        child=child,
        kind=HierarchyKind.values[0],
        valid_from=timezone.localdate(),
        by=owner,
    )
    with schema_context("platform"):
        booking, slot = DemoBooking.objects.order_by("pk").first(), DemoSlot.objects.order_by("pk").first()
    return {
        "admin/demo-bookings/": {"pk": booking.pk},
        "admin/demo-slots/": {"pk": slot.pk},
        "admin/organizations/": {"pk": child.pk, "host": child.domains.first().pk, "edge": edge.pk},
        "admin/organizations/<uuid:pk>/<slug:action>/": {"action": "suspend"},
        "admin/organizations/runs/": {"pk": JobRun.objects.order_by("pk").first().pk},
    }
