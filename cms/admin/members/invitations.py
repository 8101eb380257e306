"""The list, forms and pages of invitations."""

from typing import ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn

from cms.admin.associations.words import name_lazy
from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped import ScopedViewSet
from cms.admin.scoped.views import ScopedCreateView, ScopedIndexView
from domain.access import invitations
from domain.access.choices import InvitationState
from domain.access.models import Invitation

from . import actions, forms
from .listing import DayColumn, buttons_for
from .words import INVITATION_ICONS, place_of, role_name


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
        return buttons_for(
            self, row, [("resend", _("Send again"), "mail"), ("revoke", _("Withdraw"), "cross")]
        )
