"""Which admin pages and menu entries belong to an area that can be switched off."""

from functools import cache

from django.db.models import Model
from django.urls import ResolverMatch
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.viewsets import viewsets
from wagtail.admin.viewsets.chooser import ChooserViewSet

from domain.config.choices import Area
from domain.config.queries import enabled_areas

AREA_OF_MODEL = {
    "cms.faqentry": Area.FAQS,
    "cms.faqcategory": Area.FAQS,
    "cms.resourcelink": Area.RESOURCE_LINKS,
    "cms.resourcecategory": Area.RESOURCE_LINKS,
    "cms.conversationcard": Area.CONVERSATION_CARDS,
    "cms.carddeck": Area.CONVERSATION_CARDS,
    "assignments.assignment": Area.ASSIGNMENTS,
    "assignments.honorariumthreshold": Area.ASSIGNMENTS,
    "certification.mentorcertification": Area.CERTIFICATION,
    "certification.certificationkind": Area.CERTIFICATION,
    "certification.certificationreminder": Area.CERTIFICATION,
    "certification.mentorstatus": Area.CERTIFICATION,
    "certification.declarationtext": Area.CERTIFICATION,
    "certification.confidentialitydeclaration": Area.CERTIFICATION,
    "activities.activity": Area.ACTIVITIES,
    "activities.activityflag": Area.ACTIVITIES,
    "activities.activitytype": Area.ACTIVITIES,
    "activities.activitydocument": Area.ACTIVITIES,
    "activities.homevisitfollowup": Area.ACTIVITIES,
    "people.contact": Area.CONTACTS,
    "people.contactnote": Area.CONTACTS,
    "people.caregiver": Area.CONTACTS,
    "people.contactrelative": Area.CONTACTS,
    "people.registeredrelative": Area.CONTACTS,
    "people.diagnosiscategory": Area.CONTACTS,
    "people.note": Area.NOTES,
    "sales.demobooking": Area.DEMO_BOOKINGS,
    "sales.demoslot": Area.DEMO_BOOKINGS,
}


def is_closed(match: ResolverMatch) -> bool:
    """Whether an admin address belongs to an area that is switched off, so that it answers 404."""
    area = area_of(match)
    return area is not None and area not in enabled_areas()


def area_of(match: ResolverMatch) -> Area | None:
    """The area an admin address belongs to, by its viewset or the model named in it."""
    for namespace in match.namespaces:
        if namespace in _areas_by_namespace():
            return _areas_by_namespace()[namespace]
    app, model = match.kwargs.get("app_label"), match.kwargs.get("model_name")
    return AREA_OF_MODEL.get(f"{app}.{model}".lower()) if app and model else None


def without_disabled_areas(items: list[MenuItem], request) -> None:
    """Take the entries of disabled areas out of the main menu, and groups that are empty then.

    Wagtail keeps one list of entries for all organisations, so a group that loses one is replaced by a copy.
    """
    enabled = enabled_areas()

    def in_use(item: MenuItem) -> bool:
        area = _areas_by_url().get(item.url)
        return area is None or area in enabled

    kept: list[MenuItem] = []
    for item in items:
        if isinstance(item, SubmenuMenuItem):
            children = item.menu.registered_menu_items
            used = [child for child in children if in_use(child)]
            if len(used) < len(children):
                group = SubmenuMenuItem(
                    item.label,
                    Menu(items=used),
                    name=item.name,
                    icon_name=item.icon_name,
                    classname=item.classname,
                    order=item.order,
                )
                if used and group.is_shown(request):
                    kept.append(group)
                continue
        if in_use(item):
            kept.append(item)
    items[:] = kept


@cache
def _areas_by_namespace() -> dict[str, Area]:
    return {viewset.url_namespace: area for viewset, area in _viewsets()}


@cache
def _areas_by_url() -> dict[str, Area]:
    # Choosers are viewsets too, but have no list of their own that a menu could lead to.
    return {
        str(viewset.menu_url): area
        for viewset, area in _viewsets()
        if not isinstance(viewset, ChooserViewSet)
    }


def _viewsets():
    for viewset in viewsets.viewsets:
        model = getattr(viewset, "model", None)
        if isinstance(model, type) and issubclass(model, Model):
            area = AREA_OF_MODEL.get(model._meta.label_lower)
            if area is not None:
                yield viewset, area
