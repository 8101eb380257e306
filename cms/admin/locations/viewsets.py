"""The map and list of mentors' positions, and the list of municipalities."""

from typing import Any, ClassVar

from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets.button import Button, HeaderButton

from cms.admin.certification.base import AboutPeopleViewSet, day
from cms.admin.certification.forms import ReasonForm
from cms.admin.scoped import ScopedActionView, ScopedPageView, ScopedViewSet
from cms.admin.scoped.access import full_permission
from cms.admin.scoped.views import ScopedIndexView, ScopedInspectView
from domain.associations import locations
from domain.associations.models import MentorLocation, MunicipalityPosition
from domain.associations.models.locations import CHANGE_LOCATIONS
from domain.audit.entities import create_entity, delete_entity, update_entity
from domain.audit.guard import recorded
from domain.core.errors import DomainError

from .forms import LocationFilterSet, MunicipalityForm, NoteForm
from .mapping import MapMixin, places_of, point_of

# More than these the map doesn't draw: the list's filters make it fewer.
MOST_POINTS = 2000


class LocationIndexView(MapMixin, ScopedIndexView):
    """The map, and below it the same mentors as a list; both follow filters and search."""

    template_name = "locations/index.html"
    results_template_name = "locations/results.html"
    page_title = gettext_lazy("Map of mentors")

    def get_base_queryset(self):
        rows = super().get_base_queryset()
        # A copy leaves the organisation: that an address is protected is none of what it says.
        return rows.on_map() if self.is_export else rows

    def get_context_data(self, *args, **kwargs):
        context = super().get_context_data(*args, **kwargs)
        if self.is_export:
            return context
        drawn = list(self.object_list.on_map()[:MOST_POINTS])
        listed = {row.pk for row in context["object_list"]}
        # Who stands on the page of the list is recorded with it.
        self.note_list([row for row in drawn if row.pk not in listed])
        name = self.viewset.get_url_name("inspect")
        return {
            **context,
            "map_points": {
                "mentors": [point_of(row, reverse(name, args=[row.pk])) for row in drawn],
                "places": places_of(MunicipalityPosition.objects.all()),
            },
        }


class LocationInspectView(ScopedInspectView):
    def get_page_title(self):
        return _("Position of a mentor")

    def get_fields_context(self):
        of_protection = ("is_protected", "protected_by")
        if self.object.is_protected:
            self.fields = ["user", *of_protection]
        else:
            self.fields = [name for name in self.fields if name not in of_protection]
        return super().get_fields_context()


class WithdrawView(ScopedActionView):
    permission_required = CHANGE_LOCATIONS
    page_title = gettext_lazy("Withdraw the position")
    button = gettext_lazy("Delete the position")
    is_serious = True
    form_class = ReasonForm
    explanation = gettext_lazy(
        "For a mentor who takes the consent back, or whose address is protected no more. Nothing of it is "
        "left but the record that there was one."
    )
    success_message = gettext_lazy("The position is deleted.")

    def apply(self, form):
        locations.withdraw_location(
            self.object, by=self.request.user, reason=form.cleaned_data["reason"], version=self.version
        )

    def get_success_url(self):
        return reverse(self.viewset.get_url_name("index"))


class ProtectView(ScopedActionView):
    permission_required = CHANGE_LOCATIONS
    page_title = gettext_lazy("Protected address")
    button = gettext_lazy("Delete the position and keep none")
    is_serious = True
    explanation = gettext_lazy(
        "The position is deleted, and none can be kept until this is withdrawn. The mentor is on no map, in "
        "no list and in no search. Only the mentor and you see that it is so, and whoever reads the audit "
        "record that you decided it."
    )
    success_message = gettext_lazy("No position is kept any more.")

    def apply(self, form):
        locations.protect_location(user=self.object.user, by=self.request.user)


class NoteView(ScopedPageView, FormView):
    """A coordinator notes where a mentor is, or that it must not be known."""

    permission = CHANGE_LOCATIONS
    template_name = "locations/note.html"
    header_icon = "thumbtack"
    form_class = NoteForm

    def get_page_title(self):
        return _("Note a position")

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "scope": self.scope}

    def form_valid(self, form):
        by, user = self.request.user, form.cleaned_data["user"]
        try:
            with transaction.atomic(), recorded(what="mentor locations note"):
                if form.cleaned_data["is_protected"]:
                    row = locations.protect_location(user=user, by=by)
                else:
                    row = locations.set_location(user=user, by=by, **form.position())
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
            return self.form_invalid(form)
        messages.success(self.request, _("Noted."))
        return redirect(reverse(self.viewset.get_url_name("inspect"), args=[row.pk]))

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        cancel = reverse(self.viewset.get_url_name("index"))
        return {**context, "media": context["form"].media, "cancel_url": cancel}


class LocationViewSet(AboutPeopleViewSet):
    model = MentorLocation
    name = "mentor_locations"
    url_prefix = "mentor-locations"
    icon = "thumbtack"
    menu_label = gettext_lazy("Map of mentors")
    filterset_class = LocationFilterSet
    search_fields = ["user__name_search"]
    ordering = "user__name_key"
    export_filename = "mentor-locations"
    index_view_class = LocationIndexView
    inspect_view_class = LocationInspectView
    row_views: ClassVar = {"withdraw": WithdrawView, "protect": ProtectView}
    list_views: ClassVar = {"note": NoteView}
    list_export: ClassVar = ["user", "latitude", "longitude", "precision", "consent", "consented_at"]
    export_headings: ClassVar = {"user": gettext_lazy("Mentor")}
    inspect_view_fields: ClassVar = [
        *("user", "is_protected", "protected_by", "latitude", "longitude", "precision", "source"),
        *("consent", "consented_at"),
    ]

    @property
    def list_display(self):
        return [
            TitleColumn(
                "user",
                label=_("Mentor"),
                sort_key="user__name_key",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("precision", label=_("Precision"), sort_key="precision", accessor=_precision),
            Column(
                "consent",
                label=_("Consent"),
                accessor=lambda row: row.get_consent_display(),
                classname="wide-only",
            ),
            Column(
                "consented_at",
                label=_("Agreed"),
                sort_key="consented_at",
                accessor=lambda row: day(row.consented_at),
            ),
        ]

    def rows(self, scope):
        return super().rows(scope).select_related("user", "protected_by")

    def may(self, scope, verb, row=None):
        # One's own is kept in the app; here are those of others.
        if (
            row is not None
            and row.user_id == scope.user_id
            and full_permission(self.model, verb).endswith(".view_mentorlocation")
        ):
            return True
        return super().may(scope, verb, row)

    def list_buttons(self, view):
        buttons = []
        if self.may(view.scope, CHANGE_LOCATIONS):
            url = reverse(self.get_url_name("note"))
            buttons.append(HeaderButton(_("Note a position"), url=url, icon_name="plus", priority=5))
        return buttons

    def row_buttons(self, view, row):
        if not self.may(view.scope, CHANGE_LOCATIONS, row):
            return []
        buttons = [("withdraw", _("Withdraw"), "bin")]
        if not row.is_protected:
            buttons.append(("protect", _("Protected address"), "lock"))
        return [
            Button(
                label, url=reverse(self.get_url_name(name), args=[row.pk]), icon_name=icon, priority=40 + at
            )
            for at, (name, label, icon) in enumerate(buttons)
        ]


def _precision(row: Any) -> str:
    return _("Protected address: nothing is kept") if row.is_protected else row.get_precision_display()


class MunicipalityViewSet(ScopedViewSet):
    """From where one looks for somebody near; entered once for each municipality."""

    model = MunicipalityPosition
    name = "municipality_positions"
    url_prefix = "municipality-positions"
    icon = "globe"
    menu_label = gettext_lazy("Municipalities")
    form_class = MunicipalityForm
    search_fields = ["name", "number"]
    ordering = "name_key"
    export_filename = "municipality-positions"
    list_export: ClassVar = ["number", "name", "latitude", "longitude", "source"]
    inspect_view_fields: ClassVar = ["number", "name", "latitude", "longitude", "source"]

    @property
    def list_display(self):
        return [
            TitleColumn(
                "name",
                label=_("Name"),
                sort_key="name_key",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("number", label=_("Number"), sort_key="number"),
            Column("latitude", label=_("Degrees north"), classname="wide-only"),
            Column("longitude", label=_("Degrees east"), classname="wide-only"),
            Column("source", label=_("Known from"), classname="wide-only"),
        ]

    def create(self, values, *, by):
        return create_entity(
            MunicipalityPosition(**values), by=by, permission=full_permission(self.model, "add")
        )

    def change(self, row, values, *, by, version):
        permission = full_permission(self.model, "change")
        return update_entity(row, values=values, by=by, version=version, permission=permission)

    def delete(self, row, *, by, version):
        delete_entity(row, by=by, version=version, permission=full_permission(self.model, "delete"))
