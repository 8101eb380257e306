"""Who is near a contact: mentors by distance, with what has to be known before one is asked."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from cms.admin.scoped import ScopedRowView
from domain.assignments.matching import Match, mentors_near, origin_of
from domain.assignments.models import ADD
from domain.associations.models import MunicipalityPosition
from domain.associations.models.locations import VIEW_LOCATIONS
from domain.people.models.contacts import CHANGE

from .forms import USUAL, NearForm
from .mapping import MapMixin, places_of, point_of

PER_PAGE = 25
ORDERS: dict[str, Any] = {
    "near": lambda each: (each.km, str(each.user.pk)),
    "free": lambda each: (each.open_assignments + each.contacts, each.km),
    "name": lambda each: (each.user.name_key, each.km),
}


class MentorsNearView(MapMixin, ScopedRowView):
    template_name = "locations/near.html"
    header_icon = "thumbtack"

    def get_page_title(self):
        return _("Mentors near")

    def dispatch(self, request, *args, **kwargs):
        if not self.scope.can(VIEW_LOCATIONS):
            raise PermissionDenied
        row = self.get_object()
        if row.merged_into_id is not None or row.erased_at is not None:
            raise Http404  # For nobody who is supported.
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def form(self) -> NearForm:
        return NearForm(self.request.GET or None, scope=self.scope)

    @cached_property
    def asked(self) -> dict[str, Any]:
        """What was asked for; what wasn't, or wasn't right, is as it is without asking."""
        given = self.form.cleaned_data if self.form.is_bound and self.form.is_valid() else {}
        return {
            "within": given.get("within") or USUAL,
            "municipality": given.get("municipality"),
            "order": given.get("order") or "near",
            "available": given.get("available", False),
        }

    def found(self, origin: MunicipalityPosition) -> list[Match]:
        rows = mentors_near(self.scope, origin, km=self.asked["within"])
        if self.asked["available"]:
            rows = [each for each in rows if each.standing.is_allowed]
        return sorted(rows, key=ORDERS[self.asked["order"]])

    def get_context_data(self, **kwargs):
        contact = self.object
        origin = self.asked["municipality"] or origin_of(contact)
        found = self.found(origin) if origin else []
        self.note_list([each.location for each in found])
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("p"))
        sends = self.scope.can(ADD, contact.local_association.path)
        assigns = contact.status != "closed" and self.scope.can(CHANGE, contact.local_association.path)
        query = self.request.GET.copy()
        query.pop("p", None)
        return super().get_context_data(
            form=self.form,
            origin=origin,
            within=self.asked["within"],
            page=page,
            count=len(found),
            query=query.urlencode(),
            send_url=f"{reverse('assignments:dispatch')}?contact={contact.pk}&role_context=mentor"
            if sends
            else "",
            assign_url=reverse("contacts:assign_mentor", args=[contact.pk]) if assigns else "",
            municipality_url=reverse("municipality_positions:index"),
            map_points={
                "mentors": [
                    point_of(
                        each.location,
                        f"#mentor-{each.user.pk}" if each in page.object_list else "",
                        f"{each.distance} · {each.standing.words or _('Can be asked')}",
                        is_quiet=not each.standing.is_allowed,
                    )
                    for each in found
                ],
                "places": places_of(MunicipalityPosition.objects.all()),
                "origin": places_of([origin])[0] if origin else None,
                "km": self.asked["within"],
            },
            **kwargs,
        )
