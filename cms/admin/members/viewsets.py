"""The lists, forms and pages of people."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import OuterRef, Subquery
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets.button import Button, HeaderButton

from cms.admin.associations.words import name_lazy
from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped import ScopedGroup, ScopedViewSet
from cms.admin.scoped.views import ScopedCreateView, ScopedIndexView
from domain.access import erasing, invitations, rules, sharing
from domain.access.choices import InvitationState
from domain.access.members import change_membership, register_person
from domain.access.models import AssociationShare, Invitation, RoleAssignment
from domain.associations.models import LocalAssociationMembership
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership

from . import actions, forms, import_views
from .detail import MayView, MemberInspectView
from .words import (
    INVITATION_ICONS,
    icon_of_role,
    place_of,
    role_name,
    roles_of,
    status_icon,
    status_tone,
    tone_of_role,
    when_name,
)


def _buttons(viewset: ScopedViewSet, row: Any, offered: list[tuple[str, str, str]]) -> list[Button]:
    return [
        Button(
            label, url=reverse(viewset.get_url_name(name), args=[row.pk]), icon_name=icon, priority=40 + at
        )
        for at, (name, label, icon) in enumerate(offered)
    ]


class DayColumn(Column):
    """A day as it stands in a calendar; roles and links may begin or end in the future."""

    def get_value(self, instance):
        value = super().get_value(instance)
        if isinstance(value, datetime):
            value = localtime(value).date()
        return date_format(value, "SHORT_DATE_FORMAT") if value else ""


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


class MemberViewSet(ScopedViewSet):
    model = Membership
    name = "members"
    url_prefix = "members"
    icon = "user"
    menu_label = gettext_lazy("Members")
    form_class = forms.MembershipForm
    filterset_class = forms.MemberFilterSet
    search_fields = ["user__first_name", "user__last_name", "user__email", "external_reference"]
    ordering = "user__last_name"
    export_filename = "members"
    index_view_class = MemberIndexView
    add_view_class = RegisterView
    inspect_view_class = MemberInspectView
    # What happened stands on the member's page, by person and not by this row.
    history_enabled = False
    list_views: ClassVar = {
        "import": import_views.StartView,
        "end_all_sessions": actions.EndAllSessionsView,
    }
    row_views: ClassVar = {
        "may": MayView,
        "add_role": actions.AddRoleView,
        "suspend": actions.SuspendView,
        "resume": actions.ResumeView,
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
                sort_key="user__last_name",
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

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path(
                "import/template.<str:format>",
                self.construct_view(import_views.TemplateFileView),
                name="import_template",
            ),
            path("import/<str:token>/", self.construct_view(import_views.CheckView), name="import_check"),
            path(
                "import/<str:token>/failed.<str:format>",
                self.construct_view(import_views.FailedFileView),
                name="import_failed",
            ),
            path(
                "import/<str:token>/cancel/",
                self.construct_view(import_views.CancelView),
                name="import_cancel",
            ),
            path(
                "import/<str:token>/progress/",
                self.construct_view(import_views.ProgressView),
                name="import_progress",
            ),
            path(
                "import/<str:token>/state/",
                self.construct_view(import_views.StateView),
                name="import_state",
            ),
        ]

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
                offered.append(("leave", _("End the membership"), "cross"))
        if view.scope.can(erasing.ERASE) and view.request.user.pk != row.user_id:
            offered.append(("erase", _("Erase the person"), "bin"))
        return _buttons(self, row, offered)


class RoleViewSet(ScopedViewSet):
    model = RoleAssignment
    name = "roles"
    url_prefix = "roles"
    icon = "key"
    menu_label = gettext_lazy("Roles")
    path_field = "local_association__path"
    form_class = forms.RoleForm
    filterset_class = forms.RoleFilterSet
    search_fields = ["user__first_name", "user__last_name", "user__email", "local_association__name"]
    ordering = "user__last_name"
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
                sort_key="user__last_name",
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
            _buttons(self, row, [("end", _("End the role"), "cross")])
            if self.may(view.scope, "change", row)
            else []
        )


class InvitationIndexView(ScopedIndexView):
    @property
    def add_item_label(self):
        return _("Invite")


class InviteView(ScopedCreateView):
    page_title = gettext_lazy("Invite")


class InvitationViewSet(ScopedViewSet):
    model = Invitation
    name = "invitations"
    url_prefix = "invitations"
    icon = "mail"
    menu_label = gettext_lazy("Invitations")
    path_field = "local_association__path"
    form_class = forms.InvitationForm
    index_view_class = InvitationIndexView
    add_view_class = InviteView
    filterset_class = forms.InvitationFilterSet
    search_fields = ["email", "first_name", "last_name"]
    ordering = "-created_at"
    export_filename = "invitations"
    row_views: ClassVar = {"resend": actions.ResendView, "revoke": actions.RevokeView}
    inspect_view_fields: ClassVar = [
        "email",
        "first_name",
        "last_name",
        "role",
        "local_association",
        "language",
        "message",
        "created_by",
        "sent_at",
        "expires_at",
        "accepted_at",
        "revoked_at",
    ]
    list_export: ClassVar = ["email", "role", "local_association", "sent_at", "expires_at", "accepted_at"]
    export_headings: ClassVar = {"local_association": name_lazy()}

    @property
    def list_display(self):
        return [
            TitleColumn(
                "email",
                label=_("E-mail"),
                sort_key="email",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("role", label=_("Role"), accessor=lambda row: role_name(row.role)),
            Column("place", label=_("Where"), accessor=place_of),
            StateColumn(
                "state",
                label=_("State"),
                accessor=lambda row: row.state.label,
                icon=lambda row: INVITATION_ICONS[row.state][0],
                tone=lambda row: INVITATION_ICONS[row.state][1],
            ),
            DayColumn("sent_at", label=_("Sent"), sort_key="sent_at", classname="wide-only"),
            DayColumn("expires_at", label=_("Expires"), sort_key="expires_at", classname="wide-only"),
        ]

    def rows(self, scope):
        return super().rows(scope).select_related("local_association", "created_by")

    def create(self, values, *, by):
        return invitations.invite(**values, by=by)

    def row_buttons(self, view, row):
        undecided = row.state in (InvitationState.OPEN, InvitationState.EXPIRED)
        if not undecided or not self.may(view.scope, "change", row):
            return []
        return _buttons(self, row, [("resend", _("Send again"), "mail"), ("revoke", _("Withdraw"), "cross")])


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
    search_fields = ["user__first_name", "user__last_name", "content_object__name", "reason"]
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
                sort_key="user__last_name",
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
            _buttons(self, row, [("end", _("End"), "cross")]) if self.may(view.scope, "change", row) else []
        )


class PeopleGroup(ScopedGroup):
    menu_label = gettext_lazy("People")
    menu_name = "people"
    menu_icon = "user"
    menu_order = 240
    items = (MemberViewSet, RoleViewSet, InvitationViewSet, ShareViewSet)
