"""The lists and forms of activities, flags and types, and the menu of all that is about them."""

from typing import Any, ClassVar

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import Button, HeaderButton

from cms.admin.associations.words import name_lazy
from cms.admin.members.listing import DayColumn, buttons_for
from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped import ScopedGroup, ScopedViewSet
from cms.admin.scoped.views import ScopedCreateView, ScopedIndexView
from domain.activities import rules
from domain.activities.choices import TRANSITIONS, FlagStatus
from domain.activities.models import Activity, ActivityFlag, ActivityType
from domain.activities.models.activities import ADD, APPROVE, CHANGE, OVERRIDE
from domain.activities.models.flags import CHANGE_FLAG
from domain.associations.models import LocalAssociationMembership
from domain.core import searching
from domain.identity.models import User

from . import actions
from .detail import ActivityInspectView, HistoryView, SummaryView, VisitView
from .documents import DocumentViewSet
from .editing import EditForm, EditView, correct
from .forms import ActivityFilterSet, FlagFilterSet, ManyForm, QuickForm, TypeForm, mentors
from .review import ReviewView, key_of
from .visits import FollowUpViewSet, WriteVisitView
from .words import FLAG_LOOKS, counts_icon, counts_tone, state_icon, state_tone, word_lazy


class ActivityIndexView(ScopedIndexView):
    page_title = word_lazy("activity", "plural")

    @property
    def add_item_label(self):
        return _("Register")

    @cached_property
    def header_more_buttons(self):
        """What is seldom needed: the buttons beside the title leave it its room."""
        buttons = [*super().header_more_buttons]
        if self.may(ADD):
            buttons.append(Button(_("Register many"), url=reverse("activities:many"), icon_name="copy"))
        rules_url = reverse("counting_rules:index")
        return [*buttons, Button(_("Counting rules"), url=rules_url, icon_name="list-ul")]


class QuickView(ScopedCreateView):
    """One activity in half a minute: who, with whom; the rest is guessed. First the mentor is chosen."""

    template_name = "activities/quick.html"
    submit_button_label = gettext_lazy("Register")

    def get_form_class(self):
        return QuickForm

    def offered(self) -> Any:
        """The mentors near the caller, for whom they may register."""
        places = LocalAssociationMembership.objects.current().filter(
            self.scope.within(ADD, "association__path")
        )
        return mentors().filter(pk__in=places.order_by().values("user"))

    @cached_property
    def mentor(self) -> User | None:
        asked = key_of(self.request.POST.get("mentor") or self.request.GET.get("mentor"))
        return self.offered().filter(pk=asked).first() if asked else None

    def get(self, request, *args, **kwargs):
        if self.mentor is None:
            return self.choose()
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        if self.mentor is None:
            return redirect(reverse("activities:add"))
        return super().post(request, *args, **kwargs)

    def choose(self):
        """The first step: for whom."""
        word = self.request.GET.get("q", "").strip()
        found = self.offered()
        if word:
            found = searching.found(found, ["name_search"], word)
        return self.response_class(
            request=self.request,
            template=["activities/choose.html"],
            context={
                "view": self,
                "page_title": _("Register"),
                "header_title": _("Register"),
                "header_icon": self.header_icon,
                "breadcrumbs_items": self.get_breadcrumbs_items(),
                "people": list(found[:40]),
                "asked": word,
                "many_url": reverse("activities:many"),
            },
        )

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "mentor": self.mentor}

    def get_context_data(self, **kwargs):
        return super().get_context_data(mentor=self.mentor, **kwargs)


class ManyView(ScopedCreateView):
    """One form, many mentors or days."""

    template_name = "activities/many.html"
    page_title = gettext_lazy("Register many")
    submit_button_label = gettext_lazy("Register")

    def get_form_class(self):
        return ManyForm

    def save_instance(self):
        made = self.viewset.create_many(self.form.values(), by=self.request.user)
        self.made = len(made)
        return made[0]

    def get_success_message(self, instance):
        return _("%(number)d were registered.") % {"number": self.made}

    def get_success_url(self):
        return reverse("activities:index")


class ActivityViewSet(ScopedViewSet):
    model = Activity
    name = "activities"
    url_prefix = "activities"
    icon = "calendar"
    menu_label = word_lazy("activity", "plural")
    path_field = "local_association__path"
    filterset_class = ActivityFilterSet
    form_class = QuickForm
    search_fields = ["text_search", "mentor__name_search"]
    ordering = "-started_at"
    export_filename = "activities"
    index_view_class = ActivityIndexView
    add_view_class = QuickView
    edit_view_class = EditView
    inspect_view_class = ActivityInspectView
    history_view_class = HistoryView
    row_views: ClassVar = {
        "submit": actions.SubmitView,
        "withdraw": actions.WithdrawView,
        "approve": actions.ApproveView,
        "reject": actions.RejectView,
        "reopen": actions.ReopenView,
        "flag": actions.FlagView,
        "override": actions.OverrideView,
        "summary": SummaryView,
        "visit": VisitView,
        "report": WriteVisitView,
    }
    list_views: ClassVar = {"review": ReviewView}
    list_export: ClassVar = [
        *("day", "type", "mentor", "local_association.number", "local_association", "status", "counts"),
        *("participants", "duration_minutes", "mode", "country", "theme", "is_proxy", "rule_set"),
        *("override", "override_reason", "override_evidence", "decided_at"),
    ]
    export_headings: ClassVar = {
        "type": gettext_lazy("Type"),
        "mentor": word_lazy("peer_mentor"),
        "local_association.number": gettext_lazy("Number"),
        "local_association": name_lazy(),
        "status": gettext_lazy("Status"),
    }

    @property
    def list_display(self):
        return [
            TitleColumn(
                "type",
                label=_("Type"),
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            DayColumn("day", label=_("Day"), sort_key="started_at"),
            Column(
                "mentor",
                label=str(word_lazy("peer_mentor")),
                sort_key="mentor__name_key",
                classname="wide-only",
            ),
            StateColumn(
                "status",
                label=_("Status"),
                sort_key="status",
                accessor=lambda row: row.get_status_display(),
                icon=state_icon,
                tone=state_tone,
            ),
            StateColumn(
                "counts",
                label=_("Grant"),
                sort_key="counts",
                accessor=lambda row: _("Counts") if row.counts else _("Does not count"),
                icon=counts_icon,
                tone=counts_tone,
                classname="wide-only",
            ),
            Column("open_flags", label=_("Open flags"), classname="wide-only"),
            Column("local_association", label=str(name_lazy()), classname="wide-only"),
        ]

    def rows(self, scope):
        return super().rows(scope).select_related("type", "mentor", "local_association", "decided_by")

    def for_list(self, rows):
        # Counted for the page that is shown alone: joined, all there are would be grouped first.
        flags = ActivityFlag.objects.filter(activity=OuterRef("pk"), status=FlagStatus.OPEN).order_by()
        number = flags.values("activity").annotate(number=Count("pk")).values("number")
        return rows.annotate(open_flags=Coalesce(Subquery(number), 0))

    def get_form_class(self, for_update=False):
        return EditForm if for_update else super().get_form_class()

    def create(self, values, *, by):
        return rules.create_activity(**values, by=by, submit=True)

    def change(self, row, values, *, by, version):
        return correct(row, values, by=by, version=version)

    def create_many(self, values: dict[str, Any], *, by: Any) -> list[Activity]:
        return rules.register_many(**values, by=by)

    def get_urlpatterns(self):
        options = {**self.get_add_view_kwargs(), "template_name": ManyView.template_name}
        many = self.construct_view(ManyView, **options)
        return [path("many/", many, name="many"), *super().get_urlpatterns()]

    def list_buttons(self, view):
        if not view.may(APPROVE):
            return []
        return [HeaderButton(_("Review"), url=reverse("activities:review"), icon_name="tasks")]

    def row_buttons(self, view, row):
        offered: list[tuple[str, str, str]] = []
        for right, verbs in (
            (APPROVE, [("approve", _("Approve"), "circle-check"), ("reject", _("Reject"), "cross")]),
            (CHANGE, [("submit", _("Submit"), "upload"), ("withdraw", _("Withdraw"), "undo")]),
            (APPROVE, [("reopen", _("Take the approval back"), "lock-open")]),
        ):
            if self.may(view.scope, right, row):
                offered += [each for each in verbs if row.status in TRANSITIONS[each[0]][0]]
        if self.may(view.scope, CHANGE_FLAG, row):
            offered.append(("flag", _("Flag"), "warning"))
        if self.may(view.scope, OVERRIDE, row):
            offered.append(("override", _("Decide otherwise"), "edit"))
        return buttons_for(self, row, offered)


class FlagViewSet(ScopedViewSet):
    model = ActivityFlag
    name = "activity_flags"
    url_prefix = "activity-flags"
    icon = "warning"
    menu_label = gettext_lazy("Flags")
    path_field = "activity__local_association__path"
    filterset_class = FlagFilterSet
    search_fields = ["reason", "activity__mentor__name_search"]
    ordering = "-created_at"
    export_filename = "activity-flags"
    row_views: ClassVar = {
        "dismiss": actions.DismissView,
        "confirm": actions.ConfirmView,
        "join": actions.JoinView,
    }
    list_export: ClassVar = [
        *("created_at", "kind", "status", "activity", "activity.mentor", "reason", "note", "decided_by"),
    ]
    export_headings: ClassVar = {
        "activity": word_lazy("activity"),
        "activity.mentor": word_lazy("peer_mentor"),
        "decided_by": gettext_lazy("Decided by"),
    }
    inspect_view_fields: ClassVar = [
        *("kind", "activity", "other", "source", "reason", "status", "decided_by", "decided_at", "note"),
    ]

    @property
    def list_display(self):
        return [
            TitleColumn(
                "kind",
                label=_("Kind"),
                accessor=lambda row: row.get_kind_display(),
                get_url=lambda row: reverse("activities:inspect", args=[row.activity_id]),
            ),
            Column("activity", label=str(word_lazy("activity"))),
            StateColumn(
                "status",
                label=_("Status"),
                sort_key="status",
                accessor=lambda row: row.get_status_display(),
                icon=lambda row: FLAG_LOOKS[row.status][0],
                tone=lambda row: FLAG_LOOKS[row.status][1],
            ),
            Column(
                "mentor",
                label=str(word_lazy("peer_mentor")),
                accessor=lambda row: row.activity.mentor or "",
                classname="wide-only",
            ),
            DayColumn("created_at", label=_("Flagged"), sort_key="created_at", classname="wide-only"),
        ]

    def rows(self, scope):
        return (
            super()
            .rows(scope)
            .select_related("activity__type", "activity__mentor", "activity__local_association", "decided_by")
        )

    def url_after(self, view, row):
        return reverse("activities:inspect", args=[row.activity_id])

    def row_buttons(self, view, row):
        if row.status != FlagStatus.OPEN or not self.may(view.scope, CHANGE_FLAG, row):
            return []
        offered = [("dismiss", _("Dismiss"), "circle-check"), ("confirm", _("Confirm"), "cross")]
        if row.other_id is not None:
            offered.append(("join", _("They led it together"), "group"))
        return buttons_for(self, row, offered)


class TypeViewSet(ScopedViewSet):
    model = ActivityType
    name = "activity_types"
    url_prefix = "activity-types"
    icon = "tag"
    menu_label = gettext_lazy("Types")
    form_class = TypeForm
    search_fields = ["name_nb", "name_nn", "name_en", "key"]
    ordering = "position"
    export_filename = "activity-types"
    list_export: ClassVar = [
        *("key", "name_nb", "name_nn", "name_en", "category", "needs_contact", "needs_duration"),
        *("allows_expenses", "default_duration", "position", "is_active"),
    ]
    inspect_view_fields: ClassVar = [
        *("name_nb", "name_nn", "name_en", "key", "category", "needs_contact", "needs_duration"),
        *("allows_expenses", "default_duration", "icon", "position", "is_active"),
    ]

    @property
    def list_display(self):
        return [
            TitleColumn(
                "name",
                label=_("Name"),
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("category", label=_("Grant"), accessor=lambda row: row.get_category_display()),
            Column("position", label=_("Position"), sort_key="position", classname="wide-only"),
            StatusTagColumn(
                "is_active",
                label=_("State"),
                accessor=lambda row: _("Active") if row.is_active else _("Not used any more"),
                primary=lambda row: row.is_active,
            ),
        ]

    def create(self, values: dict[str, Any], *, by: Any) -> Any:
        return rules.create_type(by=by, **values)

    def change(self, row: Any, values: dict[str, Any], *, by: Any, version: int) -> Any:
        return rules.change_type(row, changes=values, by=by, version=version)


class ActivitiesGroup(ScopedGroup):
    menu_label = word_lazy("activity", "plural")
    menu_name = "activities"
    menu_icon = "calendar"
    menu_order = 160
    items = (ActivityViewSet, FollowUpViewSet, DocumentViewSet, FlagViewSet, TypeViewSet)
