"""The list, forms and pages of members; and the menu of all that is about people."""

from typing import ClassVar

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets.button import Button, HeaderButton

from cms.admin.associations.words import name_lazy
from cms.admin.importing.registers import RegisterImport
from cms.admin.locations.viewsets import LocationViewSet
from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped import ScopedGroup, ScopedViewSet
from cms.admin.scoped.views import ScopedCreateView, ScopedIndexView
from cms.admin.sync.devices import DeviceViewSet
from cms.admin.sync.inbox import InboxViewSet
from domain.access import erasing
from domain.access.members import change_membership, register_person
from domain.associations.models import LocalAssociationMembership
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership
from domain.people.models import Note

from . import actions, forms, import_views
from .detail import MayView, MemberInspectView
from .invitations import InvitationViewSet
from .listing import buttons_for
from .roles import RoleViewSet, ShareViewSet
from .words import roles_of, status_icon, status_tone


class MemberIndexView(ScopedIndexView):
    page_title = gettext_lazy("Members")

    @property
    def add_item_label(self):
        return _("Register without e-mail")

    @cached_property
    def header_more_buttons(self):
        return [*super().header_more_buttons, *self.viewset.more_buttons(self)]


class RegisterView(ScopedCreateView):
    page_title = gettext_lazy("Register without e-mail")

    def get_form_class(self):
        return forms.RegisterForm


class MemberViewSet(RegisterImport, ScopedViewSet):
    import_views = import_views
    model = Membership
    name = "members"
    url_prefix = "members"
    icon = "user"
    menu_label = gettext_lazy("Members")
    form_class = forms.MembershipForm
    filterset_class = forms.MemberFilterSet
    search_fields = ["user__name_search", "user__email", "external_reference"]
    ordering = "user__name_key"
    export_filename = "members"
    index_view_class = MemberIndexView
    add_view_class = RegisterView
    inspect_view_class = MemberInspectView
    # What happened stands on the member's page, by person and not by this row.
    history_enabled = False
    list_views: ClassVar = {
        "end_all_sessions": actions.EndAllSessionsView,
    }
    row_views: ClassVar = {
        "may": MayView,
        "add_role": actions.AddRoleView,
        "suspend": actions.SuspendView,
        "resume": actions.ResumeView,
        "ask_about_notes": actions.AskAboutNotesView,
        "leave": actions.LeaveView,
        "end_sessions": actions.EndSessionsView,
        "erase": actions.EraseView,
    }
    list_export: ClassVar = [
        "user.last_name",
        "user.first_name",
        "user.email",
        "external_reference",
        "display_title",
        "status",
        "roles_summary",
        "primary_association",
        "joined_at",
        "left_at",
    ]
    export_headings: ClassVar = {
        "user.last_name": gettext_lazy("Last name"),
        "user.first_name": gettext_lazy("First name"),
        "user.email": gettext_lazy("E-mail"),
        "roles_summary": gettext_lazy("Roles"),
        "primary_association": name_lazy(),
    }

    @property
    def list_display(self):
        return [
            TitleColumn(
                "user",
                label=_("Name"),
                sort_key="user__name_key",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("user.email", label=_("E-mail"), sort_key="user__email", classname="wide-only"),
            Column(
                "external_reference",
                label=_("Member number"),
                sort_key="external_reference",
                classname="wide-only",
            ),
            Column("roles", label=_("Roles today"), accessor=roles_of),
            Column("primary_association", label=str(name_lazy()), classname="wide-only"),
            StateColumn(
                "status",
                label=_("Status"),
                accessor=lambda row: row.get_status_display(),
                icon=status_icon,
                tone=status_tone,
                sort_key="status",
            ),
        ]

    def rows(self, scope):
        return super().rows(scope).select_related("user", "organization")

    def for_list(self, rows):
        primary = LocalAssociationMembership.objects.current().filter(user=OuterRef("user"))
        names = primary.order_by("-is_primary", "valid_from").values("association__name")[:1]
        return rows.annotate(primary_association=Subquery(names))

    def create(self, values, *, by):
        return register_person(**values, by=by)

    def change(self, row, values, *, by, version):
        return change_membership(row, changes=values, by=by, version=version)

    def list_buttons(self, view):
        buttons = []
        if view.scope.can("access.add_invitation"):
            buttons.append(HeaderButton(_("Invite"), url=reverse("invitations:add"), icon_name="mail"))
        if self.may(view.scope, "add"):
            url = reverse(self.get_url_name("import"))
            buttons.append(HeaderButton(_("Import"), url=url, icon_name="upload"))
        return buttons

    def more_buttons(self, view):
        """What is seldom needed stands behind the three dots."""
        if not view.scope.can("identity.change_usersession"):
            return []
        url = reverse(self.get_url_name("end_all_sessions"))
        return [Button(_("End all sessions"), url=url, icon_name="lock", priority=90)]

    def row_buttons(self, view, row):
        offered = [("may", _("What may this person do?"), "key")]
        if view.scope.can("access.add_roleassignment") and row.status != MembershipStatus.LEFT:
            offered.append(("add_role", _("Give a role"), "plus"))
        if self.may(view.scope, "change", row):
            if row.status == MembershipStatus.ACTIVE:
                offered.append(("suspend", _("Suspend"), "lock"))
            else:
                offered.append(("resume", _("Resume"), "lock-open"))
            if row.status != MembershipStatus.LEFT:
                if Note.objects.filter(author=row.user_id).undecided().exists():
                    offered.append(("ask_about_notes", _("Ask about notes"), "mail"))
                offered.append(("leave", _("End the membership"), "cross"))
        if view.scope.can(erasing.ERASE) and view.request.user.pk != row.user_id:
            offered.append(("erase", _("Erase the person"), "bin"))
        return buttons_for(self, row, offered)


class PeopleGroup(ScopedGroup):
    menu_label = gettext_lazy("People")
    menu_name = "people"
    menu_icon = "user"
    menu_order = 240
    items = (
        *(MemberViewSet, RoleViewSet, InvitationViewSet, ShareViewSet, LocationViewSet),
        *(DeviceViewSet, InboxViewSet),
    )
