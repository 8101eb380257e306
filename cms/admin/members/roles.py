"""The lists, forms and pages of what people may do: roles, and what was shared with them."""

from typing import ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn

from cms.admin.associations.words import name_lazy
from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped import ScopedViewSet
from cms.admin.scoped.views import ScopedCreateView, ScopedIndexView
from domain.access import rules, sharing
from domain.access.models import AssociationShare, RoleAssignment

from . import actions, forms
from .listing import DayColumn, buttons_for
from .words import icon_of_role, place_of, role_name, tone_of_role, when_name


class RoleViewSet(ScopedViewSet):
    model = RoleAssignment
    name = "roles"
    url_prefix = "roles"
    icon = "key"
    menu_label = gettext_lazy("Roles")
    path_field = "local_association__path"
    form_class = forms.RoleForm
    filterset_class = forms.RoleFilterSet
    search_fields = ["user__name_search", "user__email", "local_association__name_search"]
    ordering = "user__name_key"
    export_filename = "roles"
    history_enabled = False
    row_views: ClassVar = {"end": actions.EndRoleView}
    inspect_view_fields: ClassVar = [
        "user",
        "role",
        "local_association",
        "valid_from",
        "valid_to",
        "is_deputy",
    ]
    list_export: ClassVar = [
        "user",
        "user.email",
        "role",
        "local_association",
        "valid_from",
        "valid_to",
        "is_deputy",
    ]
    export_headings: ClassVar = {
        "user": gettext_lazy("Person"),
        "user.email": gettext_lazy("E-mail"),
        "role": gettext_lazy("Role"),
        "local_association": name_lazy(),
    }

    @property
    def list_display(self):
        return [
            TitleColumn(
                "user",
                label=_("Person"),
                sort_key="user__name_key",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("role", label=_("Role"), accessor=lambda row: role_name(row.role), sort_key="role"),
            Column("place", label=_("Where"), accessor=place_of),
            DayColumn("valid_from", label=_("From"), sort_key="valid_from", classname="wide-only"),
            DayColumn("valid_to", label=_("To"), sort_key="valid_to"),
            StateColumn("when", label=_("State"), accessor=when_name, icon=icon_of_role, tone=tone_of_role),
        ]

    def rows(self, scope):
        return super().rows(scope).select_related("user", "local_association")

    def change(self, row, values, *, by, version):
        return rules.change_role(row, changes=values, by=by, version=version)

    def row_buttons(self, view, row):
        return (
            buttons_for(self, row, [("end", _("End the role"), "cross")])
            if self.may(view.scope, "change", row)
            else []
        )


class ShareIndexView(ScopedIndexView):
    @property
    def add_item_label(self):
        return _("Share")


class ShareCreateView(ScopedCreateView):
    page_title = gettext_lazy("Share")

    def get_initial(self):
        place = self.request.GET.get("local_association", "")
        return {**super().get_initial(), **({"content_object": place} if place else {})}


class ShareViewSet(ScopedViewSet):
    model = AssociationShare
    name = "shares"
    url_prefix = "shares"
    icon = "group"
    menu_label = gettext_lazy("Shared access")
    path_field = "content_object__path"
    form_class = forms.ShareForm
    search_fields = ["user__name_search", "content_object__name_search", "reason"]
    ordering = "valid_to"
    index_view_class = ShareIndexView
    add_view_class = ShareCreateView
    row_views: ClassVar = {"end": actions.EndShareView}
    inspect_view_fields: ClassVar = [
        "user",
        "content_object",
        "valid_from",
        "valid_to",
        "reason",
        "created_by",
    ]

    export_filename = "shared-access"
    list_export: ClassVar = ["user", "user.email", "content_object", "valid_from", "valid_to", "reason"]
    export_headings: ClassVar = {
        "user": gettext_lazy("Person"),
        "user.email": gettext_lazy("E-mail"),
        "content_object": name_lazy(),
    }

    @property
    def list_display(self):
        return [
            TitleColumn(
                "user",
                label=_("Person"),
                sort_key="user__name_key",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("content_object", label=str(name_lazy()), sort_key="content_object__name_key"),
            DayColumn("valid_from", label=_("From"), sort_key="valid_from", classname="wide-only"),
            DayColumn("valid_to", label=_("To"), sort_key="valid_to"),
            Column("reason", label=_("Reason"), classname="wide-only"),
        ]

    def rows(self, scope):
        return super().rows(scope).select_related("user", "content_object", "created_by")

    def may(self, scope, verb, row=None):
        """A share is given and ended by whoever gives roles there."""
        asked = verb if "." in verb else {"view": "view"}.get(verb, "change")
        return super().may(scope, asked if "." in asked else f"access.{asked}_roleassignment", row)

    def create(self, values, *, by):
        return sharing.share_association(
            values["content_object"],
            user=values["user"],
            until=values["valid_to"],
            reason=values["reason"],
            by=by,
        )

    def row_buttons(self, view, row):
        return (
            buttons_for(self, row, [("end", _("End"), "cross")])
            if self.may(view.scope, "change", row)
            else []
        )
