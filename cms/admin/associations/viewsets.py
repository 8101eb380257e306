"""The lists, forms and pages of associations and memberships."""

from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import (
    Column,
    NumberColumn,
    StatusTagColumn,
    TitleColumn,
)
from wagtail.admin.widgets.button import Button, HeaderButton

from cms.admin.importing.registers import RegisterImport
from cms.admin.locations.viewsets import MunicipalityViewSet
from cms.admin.scoped import ScopedGroup, ScopedViewSet
from cms.admin.scoped.views import ScopedCreateView, ScopedInspectView
from domain.associations import memberships, rules
from domain.associations.models import (
    ADD,
    ADD_MEMBERSHIP,
    LocalAssociation,
    LocalAssociationMembership,
)
from domain.associations.queries import ancestors_of, with_counts

from . import (
    import_views,
    people,  # noqa: F401 - says which people a form may offer
)
from .actions import CloseView, LeaveView, MergeView, MoveView, PrimaryView, ReopenView
from .forms import AssociationFilterSet, AssociationForm, MembershipFilterSet, MembershipForm
from .tree import TreeView
from .words import name_lazy

# So many of what is below and of the members stand on the page; the rest is in the lists.
SHOWN = 50


def state_of(association: LocalAssociation) -> str:
    if association.merged_into_id is not None:
        return _("Merged into another")
    return _("Active") if association.is_active else _("Closed")


def day(date) -> str:
    return date_format(date, "SHORT_DATE_FORMAT") if date else ""


class AssociationInspectView(ScopedInspectView):
    """Facts, place, what is below and who belongs to it."""

    template_name = "associations/association.html"

    def get_page_title(self):
        return str(name_lazy())

    def get_context_data(self, **kwargs):
        row = self.object
        members = (
            LocalAssociationMembership.objects.visible_to(self.scope)
            .current()
            .filter(association=row)
            .select_related("user")
            .order_by("user__name_key", "user_id")
        )
        children = with_counts(LocalAssociation.objects.filter(parent=row, merged_into__isnull=True))
        places = row.places.select_related("parent").order_by("-valid_from")
        lists = {
            "children": children.order_by("name_key")[:SHOWN],
            "members": list(members[:SHOWN]),
            "places": places if places.count() > 1 else [],
            "aliases": row.aliases.all(),
        }
        self.note_list(lists["members"])
        may_join = row.is_active and self.scope.can(ADD_MEMBERSHIP, row.path)
        return super().get_context_data(
            above=ancestors_of(row),
            facts=self.facts(),
            state=state_of(row),
            member_count=members.count(),
            child_count=children.count(),
            sees_members=self.viewset.sees_members(self.scope, row),
            join_url=f"{reverse('local_memberships:add')}?association={row.pk}" if may_join else "",
            members_url=f"{reverse('local_memberships:index')}?when=now&association={row.pk}",
            tree_url=f"{reverse(self.viewset.get_url_name('tree'))}#n-{row.pk}",
            add_url=(
                f"{reverse(self.viewset.get_url_name('add'))}?parent={row.pk}"
                if row.is_active and self.scope.can(ADD, row.path)
                else ""
            ),
            **lists,
            **kwargs,
        )

    def facts(self) -> list[tuple[str, Any]]:
        row = self.object
        facts: list[tuple[str, Any]] = [
            (_("Number"), row.number),
            (_("Kind"), row.get_kind_display()),
            (_("State"), state_of(row)),
            (_("Organisation number"), row.organization_number),
            (_("County"), row.county_name),
            (_("Municipality"), row.municipality),
            (_("E-mail"), row.email),
            (_("Phone"), row.phone),
            (_("Paid by"), row.paying_entity or _("itself")),
            (_("Account dimension"), row.account_dimension),
        ]
        return [(label, value) for label, value in facts if value not in ("", None)]


class AssociationCreateView(ScopedCreateView):
    def get_initial(self):
        parent = self.request.GET.get("parent", "")
        return {**super().get_initial(), **({"parent": parent} if parent else {})}


class LocalAssociationViewSet(RegisterImport, ScopedViewSet):
    import_views = import_views
    model = LocalAssociation
    name = "local_associations"
    url_prefix = "local-associations"
    icon = "group"
    menu_label = name_lazy("plural")
    path_field = "path"
    form_class = AssociationForm
    filterset_class = AssociationFilterSet
    search_fields = ["name_search", "number", "organization_number"]
    ordering = "name_key"
    export_filename = "local-associations"
    add_view_class = AssociationCreateView
    inspect_view_class = AssociationInspectView
    row_views: ClassVar = {"move": MoveView, "merge": MergeView, "close": CloseView, "reopen": ReopenView}
    list_views: ClassVar = {"tree": TreeView}
    list_export: ClassVar = [
        "number",
        "name",
        "kind",
        "parent_number",
        "parent",
        "organization_number",
        "municipality",
        "county",
        "email",
        "phone",
        "paying_entity_number",
        "account_dimension",
        "is_active",
        "members_now",
    ]
    export_headings: ClassVar = {
        "parent_number": gettext_lazy("Parent number"),
        "parent": gettext_lazy("Belongs to"),
        "paying_entity_number": gettext_lazy("Paying entity number"),
        "members_now": gettext_lazy("Members"),
        "is_active": gettext_lazy("Active"),
    }

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
            Column("get_kind_display", label=_("Kind"), sort_key="kind", classname="wide-only"),
            Column("parent", label=_("Belongs to"), sort_key="parent__name_key", classname="wide-only"),
            Column("county_name", label=_("County"), sort_key="county", classname="wide-only"),
            NumberColumn("members_now", label=_("Members")),
            StatusTagColumn("state", label=_("State"), accessor=state_of, primary=lambda row: row.is_active),
        ]

    def for_list(self, rows):
        return with_counts(rows.select_related("parent", "paying_entity"))

    def create(self, values, *, by):
        return rules.create_association(**values, by=by)

    def change(self, row, values, *, by, version):
        return rules.change_association(row, changes=values, by=by, version=version)

    def sees_members(self, scope, row) -> bool:
        return scope.can("associations.view_localassociationmembership", row.path)

    def list_buttons(self, view):
        buttons = [HeaderButton(_("Tree"), url=reverse(self.get_url_name("tree")), icon_name="list-ul")]
        if view.may("add") or view.may("change"):
            url = reverse(self.get_url_name("import"))
            buttons.append(HeaderButton(_("Import"), url=url, icon_name="upload", priority=1100))
        return buttons

    def row_buttons(self, view, row):
        if not self.may(view.scope, "change", row) or row.merged_into_id is not None:
            return []
        buttons = [("move", _("Move"), "arrow-right"), ("merge", _("Merge into another"), "resubmit")]
        buttons.append(
            ("close", _("Close"), "lock") if row.is_active else ("reopen", _("Open again"), "lock-open")
        )
        offered = [
            Button(
                label, url=reverse(self.get_url_name(url), args=[row.pk]), icon_name=icon, priority=40 + at
            )
            for at, (url, label, icon) in enumerate(buttons)
        ]
        if row.is_active and view.scope.can("access.change_roleassignment", row.path):
            share = f"{reverse('shares:add')}?local_association={row.pk}"
            offered.append(Button(_("Share with …"), url=share, icon_name="user", priority=60))
        return offered


class MembershipCreateView(ScopedCreateView):
    def get_initial(self):
        association = self.request.GET.get("association", "")
        return {**super().get_initial(), **({"association": association} if association else {})}


class LocalMembershipViewSet(ScopedViewSet):
    model = LocalAssociationMembership
    name = "local_memberships"
    url_prefix = "local-memberships"
    icon = "user"
    menu_label = gettext_lazy("Memberships")
    path_field = "association__path"
    form_class = MembershipForm
    filterset_class = MembershipFilterSet
    search_fields = ["user__name_search", "user__email", "association__name_search"]
    ordering = "user__name_key"
    export_filename = "local-association-memberships"
    add_view_class = MembershipCreateView
    row_views: ClassVar = {"leave": LeaveView, "primary": PrimaryView}
    inspect_view_fields: ClassVar = ["user", "association", "is_primary", "valid_from", "valid_to"]
    list_export: ClassVar = [
        "user",
        "user.email",
        "association.number",
        "association",
        "is_primary",
        "valid_from",
        "valid_to",
    ]
    export_headings: ClassVar = {
        "user": gettext_lazy("Person"),
        "user.email": gettext_lazy("E-mail"),
        "association.number": gettext_lazy("Number"),
        "association": name_lazy(),
        "is_primary": gettext_lazy("Primary"),
        "valid_from": gettext_lazy("From"),
        "valid_to": gettext_lazy("To"),
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
            Column("association", label=str(name_lazy()), sort_key="association__name_key"),
            Column(
                "is_primary", label=_("Primary"), accessor=lambda row: _("Primary") if row.is_primary else ""
            ),
            Column(
                "valid_from", label=_("From"), sort_key="valid_from", accessor=lambda row: day(row.valid_from)
            ),
            Column("valid_to", label=_("To"), sort_key="valid_to", accessor=lambda row: day(row.valid_to)),
        ]

    def for_list(self, rows):
        return rows.select_related("user", "association")

    def create(self, values, *, by):
        return memberships.join_association(**values, by=by)

    def row_buttons(self, view, row):
        if not self.may(view.scope, "change", row):
            return []
        buttons = []
        if row.valid_to is None and not row.is_primary:
            buttons.append(("primary", _("Make it the primary one"), "pick"))
        if row.valid_to is None or row.valid_to >= timezone.localdate():
            buttons.append(("leave", _("End the membership"), "cross"))
        return [
            Button(
                label, url=reverse(self.get_url_name(url), args=[row.pk]), icon_name=icon, priority=40 + at
            )
            for at, (url, label, icon) in enumerate(buttons)
        ]


class AssociationsGroup(ScopedGroup):
    menu_label = name_lazy("plural")
    menu_name = "local-associations"
    menu_icon = "group"
    menu_order = 250
    items = (LocalAssociationViewSet, LocalMembershipViewSet, MunicipalityViewSet)
