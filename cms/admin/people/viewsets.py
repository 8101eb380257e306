"""The lists, forms and pages of contacts, and the menu of all that is about them."""

from typing import Any, ClassVar

from django.db.models import Case, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from cms.admin.associations.words import name_lazy
from cms.admin.exporting.columns import columns_of
from cms.admin.locations.near import MentorsNearView
from cms.admin.members.listing import DayColumn, buttons_for
from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped import ScopedBulkAction, ScopedGroup, ScopedViewSet
from cms.admin.scoped.views import ScopedCreateView, ScopedIndexView
from domain.audit.entities import create_entity, update_entity
from domain.people import rules
from domain.people.choices import ContactStatus
from domain.people.merging import undoable
from domain.people.models import Contact, ContactHandOut, DiagnosisCategory
from domain.people.models.contacts import CHANGE, COUNT, ERASE, EXPORT, VIEW
from domain.people.models.shares import has_shared
from domain.people.queries import with_mentors
from domain.people.rules import PossibleDuplicate

from . import actions
from .asked import NoteRequestViewSet
from .counts import CountsPage
from .detail import ContactInspectView
from .forms import CloseForm, ContactFilterSet, ContactForm, NewContactForm
from .shares import ContactShareViewSet, ShareContactView
from .words import mentors_of, state_icon, state_of, state_tone, word_lazy
from .writing import CaregiverViewSet, ContactNoteViewSet, LinkViewSet, NoteViewSet, RelativeViewSet


class ContactIndexView(ScopedIndexView):
    page_title = word_lazy("contact", "plural")

    @property
    def add_item_label(self):
        return _("Register")

    def to_row_dict(self, item):
        row = super().to_row_dict(item)
        if item.category_shown is None:
            row["diagnosis_category"] = None  # Of their health the caller may not read.
        return row

    def export_columns(self, rows):
        columns = columns_of(rows, self.list_export)
        if columns is not None:
            place = self.list_export.index("diagnosis_category")
            columns[place] = Case(When(category_shown__isnull=False, then=columns[place]))
        return columns


class ContactCreateView(ScopedCreateView):
    """With a step between: is this somebody who is registered already?"""

    template_name = "people/register.html"
    candidates: ClassVar[list[Contact]] = []

    def get_form_class(self):
        return NewContactForm

    def save_instance(self):
        try:
            return super().save_instance()
        except PossibleDuplicate as warning:
            self.candidates = warning.candidates  # type: ignore[misc]
            raise

    def refused(self, form):
        if self.candidates:
            form.ask_whether_another()
            self.note_list(self.candidates, verb="compared")
        return super().refused(form)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            candidates=[
                (row, reverse(self.viewset.get_url_name("inspect"), args=[row.pk])) for row in self.candidates
            ],
            **kwargs,
        )


class PauseMany(ScopedBulkAction):
    display_name = gettext_lazy("Pause")
    aria_label = gettext_lazy("Pause the support of the chosen people")
    action_type = "pause"
    permission = CHANGE
    question = gettext_lazy("Let the support of these people rest?")
    confirm_label = gettext_lazy("Pause")

    def act(self, row):
        rules.pause_contact(row, by=self.request.user)


class CloseMany(ScopedBulkAction):
    display_name = gettext_lazy("End the support")
    aria_label = gettext_lazy("End the support of the chosen people")
    action_type = "close"
    permission = CHANGE
    question = gettext_lazy("End the support of these people?")
    confirm_label = gettext_lazy("End the support")
    form_class = CloseForm

    def act(self, row):
        rules.close_contact(row, by=self.request.user, **self.cleaned_form.cleaned_data)


class ContactViewSet(ScopedViewSet):
    model = Contact
    name = "contacts"
    url_prefix = "contacts"
    icon = "user"
    menu_label = word_lazy("contact", "plural")
    path_field = "local_association__path"
    form_class = ContactForm
    filterset_class = ContactFilterSet
    search_fields = ["name_search"]
    ordering = "name_key"
    export_filename = "contacts"
    index_view_class = ContactIndexView
    add_view_class = ContactCreateView
    inspect_view_class = ContactInspectView
    bulk_actions: ClassVar = [PauseMany, CloseMany]
    row_views: ClassVar = {
        "assign_mentor": actions.AssignView,
        "mentors_near": MentorsNearView,
        "end_mentor": actions.EndMentorView,
        "primary_mentor": actions.PrimaryView,
        "diagnosis": actions.DiagnosisView,
        "pause": actions.PauseView,
        "activate": actions.ActivateView,
        "close": actions.CloseView,
        "reopen": actions.ReopenView,
        "move": actions.MoveView,
        "merge": actions.MergeView,
        "share": ShareContactView,
        "undo_merge": actions.UndoMergeView,
        "hand_out": actions.ExportView,
        "copy": actions.CopyView,
        "erase": actions.EraseView,
    }
    list_export: ClassVar = [
        *("last_name", "first_name", "birth_year", "phone", "email", "address", "postcode", "city"),
        *("municipality", "local_association.number", "local_association", "status", "closed_reason"),
        *("diagnosis_category", "source", "consent_basis", "consent_on", "created_at"),
    ]
    export_headings: ClassVar = {
        "local_association.number": gettext_lazy("Number"),
        "local_association": name_lazy(),
        "status": gettext_lazy("Status"),
        "diagnosis_category": gettext_lazy("Diagnosis category"),
    }

    @property
    def list_display(self):
        return [
            TitleColumn(
                "name",
                label=_("Name"),
                sort_key="name_key",
                accessor=str,
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            StateColumn(
                "state",
                label=_("Status"),
                sort_key="status",
                accessor=state_of,
                icon=state_icon,
                tone=state_tone,
            ),
            Column("mentors", label=_("Mentors"), accessor=mentors_of),
            Column(
                "local_association",
                label=str(name_lazy()),
                sort_key="local_association__name_key",
                classname="wide-only",
            ),
            Column("birth_year", label=_("Year of birth"), sort_key="birth_year", classname="wide-only"),
            Column("phone", label=_("Phone"), classname="wide-only"),
            DayColumn("created_at", label=_("Registered"), sort_key="created_at", classname="wide-only"),
        ]

    def rows(self, scope):
        rows = super().rows(scope).select_related("local_association", "diagnosis_category")
        return rows.with_category_for(scope)

    def for_list(self, rows):
        return with_mentors(rows)

    def may(self, scope, verb, row=None):
        if verb == "view" and not scope.can(VIEW):
            # One contact may be shared with somebody whose roles show none.
            return row is not None or has_shared(scope)
        return super().may(scope, verb, row)

    def create(self, values, *, by):
        return rules.create_contact(**values, by=by)

    def change(self, row, values, *, by, version):
        return rules.change_contact(row, changes=values, by=by, version=version)

    def list_buttons(self, view):
        if not view.may(COUNT):
            return []
        return [HeaderButton(_("Figures"), url=reverse("contact_counts:index"), icon_name="history")]

    def row_buttons(self, view, row):
        offered: list[tuple[str, str, str]] = []
        present = row.merged_into_id is None and row.erased_at is None
        if self.may(view.scope, CHANGE, row):
            if present:
                offered = _status_buttons(row)
                offered += [
                    ("share", _("Share with one more person"), "group"),
                    ("move", _("Move"), "arrow-right"),
                    ("merge", _("Merge into another"), "resubmit"),
                ]
            elif row.is_alias and undoable(row):
                offered = [("undo_merge", _("Undo the merge"), "undo")]
        if row.erased_at is None:
            if self.may(view.scope, EXPORT, row):
                offered.append(("hand_out", _("Hand out what is kept"), "download"))
                own = ContactHandOut.objects.visible_to(view.scope).filter(contact=row, destroyed_at=None)
                if own.exists():
                    offered.append(("copy", _("The copy you asked for"), "lock"))
            if self.may(view.scope, ERASE, row):
                offered.append(("erase", _("Erase"), "bin"))
        return buttons_for(self, row, offered)


def _status_buttons(row: Contact) -> list[tuple[str, str, str]]:
    offered = []
    if row.status in rules.ACTIVATE_FROM:
        offered.append(("activate", _("Make active"), "circle-check"))
    if row.status in rules.PAUSE_FROM:
        offered.append(("pause", _("Pause"), "time"))
    if row.status == ContactStatus.CLOSED:
        offered.append(("reopen", _("Open again"), "lock-open"))
    else:
        offered.append(("assign_mentor", _("Assign a mentor"), "user"))
        offered.append(("close", _("End the support"), "lock"))
    return offered


class DiagnosisCategoryViewSet(ScopedViewSet):
    model = DiagnosisCategory
    name = "diagnosis_categories"
    url_prefix = "diagnosis-categories"
    icon = "tag"
    menu_label = gettext_lazy("Diagnosis categories")
    form_fields = ("name_nb", "name_nn", "name_en", "position", "is_active")
    search_fields = ["name_nb", "name_nn", "name_en"]
    ordering = "position"
    export_filename = "diagnosis-categories"
    list_export: ClassVar = ["name_nb", "name_nn", "name_en", "position", "is_active"]
    inspect_view_fields: ClassVar = ["name_nb", "name_nn", "name_en", "position", "is_active"]

    @property
    def list_display(self):
        return [
            TitleColumn(
                "name",
                label=_("Name"),
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("position", label=_("Position"), sort_key="position"),
            StatusTagColumn(
                "is_active",
                label=_("State"),
                accessor=lambda row: _("Active") if row.is_active else _("Not used any more"),
                primary=lambda row: row.is_active,
            ),
        ]

    def create(self, values: dict[str, Any], *, by: Any) -> Any:
        return create_entity(DiagnosisCategory(**values), by=by, permission="people.add_diagnosiscategory")

    def change(self, row: Any, values: dict[str, Any], *, by: Any, version: int) -> Any:
        return update_entity(
            row, values=values, by=by, version=version, permission="people.change_diagnosiscategory"
        )


class ContactsGroup(ScopedGroup):
    menu_label = word_lazy("contact", "plural")
    menu_name = "contacts"
    menu_icon = "user"
    menu_order = 150
    items = (
        ContactViewSet,
        ContactNoteViewSet,
        RelativeViewSet,
        NoteViewSet,
        NoteRequestViewSet,
        ContactShareViewSet,
        CountsPage,
        DiagnosisCategoryViewSet,
        CaregiverViewSet,
        LinkViewSet,
    )
