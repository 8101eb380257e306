"""Lists, forms and pages of notes, caregivers and relatives."""

from typing import Any, ClassVar

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from wagtail.admin.ui.tables import Column, TitleColumn

from cms.admin.members.listing import DayColumn, buttons_for
from cms.admin.scoped import ScopedActionView, ScopedForm, ScopedViewSet
from cms.admin.scoped.views import ScopedCreateView, ScopedEditView, ScopedInspectView
from domain.encryption.errors import ContentErased
from domain.encryption.reading import read_sealed
from domain.people import handing_over, notes, relatives
from domain.people.choices import Relation
from domain.people.erasing import ask_to_erase_relative
from domain.people.models import Caregiver, Contact, ContactNote, ContactRelative, Note, RegisteredRelative
from domain.people.models.contacts import CHANGE, READ_HEALTH, VIEW
from domain.people.standing import may_keep_up

from .words import word_lazy
from .writing_forms import (
    CaregiverForm,
    ContactNoteFilterSet,
    ContactNoteForm,
    LinkForm,
    NoteForm,
    RelativeFilterSet,
    RelativeForm,
    UnlinkForm,
)


class AboutContact(ScopedViewSet):
    """Of rows that belong to a contact: seen and kept up with it, and one returns to its page."""

    path_field = "contact__local_association__path"
    history_enabled = False
    # What may be done follows from what may be done with the contact.
    needs: ClassVar[dict[str, str]] = {"view": VIEW, "add": CHANGE, "change": CHANGE, "delete": CHANGE}

    def rows(self, scope):
        return super().rows(scope).select_related("contact__local_association")

    def may(self, scope, verb, row=None):
        if row is not None and verb != "view" and verb in self.needs and may_keep_up(scope, row.contact):
            return True
        return super().may(scope, self.needs.get(verb, verb), row)

    def url_after(self, view, row):
        return reverse("contacts:inspect", args=[row.contact_id])


class OfContactCreateView(ScopedCreateView):
    def get_initial(self):
        contact = self.request.GET.get("contact", "")
        return {**super().get_initial(), **({"contact": contact} if contact else {})}


class OpensBody:
    """For a page that shows the words of a note: opening them is on the record."""

    object: Any
    request: Any
    scope: Any

    @sensitive_variables()
    def words(self) -> str | None:
        try:
            return read_sealed(self.object, "body", by=self.request.user, scope=self.scope)
        except ContentErased:
            return None


class EditWordsView(OpensBody, ScopedEditView):
    def get_initial(self):
        return {**super().get_initial(), "body": self.words() or ""}


class ContactNoteInspectView(OpensBody, ScopedInspectView):
    template_name = "people/note.html"

    def get_page_title(self):
        return _("Note about a contact")

    def get_context_data(self, **kwargs):
        row = self.object
        return super().get_context_data(
            body=self.words(),
            is_own=row.author_id == self.request.user.pk,
            contact_url=reverse("contacts:inspect", args=[row.contact_id]),
            is_late=row.is_open and row.follow_up_on < timezone.localdate(),
            follow_url=reverse("contact_notes:follow_up", args=[row.pk]) if row.is_open else "",
            **kwargs,
        )


class FollowUpView(ScopedActionView):
    page_title = gettext_lazy("Followed up")
    button = gettext_lazy("It is done")
    permission_required = "view"
    form_class = ScopedForm
    explanation = gettext_lazy("The note isn't on the list of what is to be followed up any more.")
    success_message = gettext_lazy("Noted as done.")

    def apply(self, form):
        notes.note_follow_up(self.object, by=self.request.user, version=self.version)


def follow_up_of(row: ContactNote) -> str:
    if row.follow_up_on is None:
        return ""
    if row.followed_up_at is not None:
        return _("Done")
    return _("Late") if row.follow_up_on < timezone.localdate() else _("Open")


class ContactNoteViewSet(AboutContact):
    model = ContactNote
    name = "contact_notes"
    url_prefix = "contact-notes"
    icon = "edit"
    menu_label = gettext_lazy("Notes and follow-ups")
    form_class = ContactNoteForm
    filterset_class = ContactNoteFilterSet
    search_fields = ["contact__name_search"]
    ordering = "-created_at"
    add_view_class = OfContactCreateView
    edit_view_class = EditWordsView
    inspect_view_class = ContactNoteInspectView
    row_views: ClassVar = {"follow_up": FollowUpView}
    needs: ClassVar = {"view": READ_HEALTH, "add": READ_HEALTH}
    list_export: ClassVar = []

    @property
    def list_display(self):
        return [
            TitleColumn(
                "contact",
                label=_("About"),
                sort_key="contact__name_key",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("get_kind_display", label=_("Kind"), classname="wide-only"),
            Column("author", label=_("Author"), classname="wide-only"),
            DayColumn("created_at", label=_("Written"), sort_key="created_at"),
            DayColumn("follow_up_on", label=_("Follow up on"), sort_key="follow_up_on"),
            Column("follow_up", label=_("Follow-up"), accessor=follow_up_of),
        ]

    def rows(self, scope):
        return super().rows(scope).select_related("author")

    def may(self, scope, verb, row=None):
        if row is not None and verb in ("change", "delete"):
            return row.author_id == scope.user_id
        if verb in ("change", "delete"):
            return scope.can(READ_HEALTH)
        if row is not None and verb == "view":
            return True  # Whoever sees a note among the rows may read it.
        return super().may(scope, verb, row)

    def create(self, values, *, by):
        return notes.add_note(author=by, by=by, **values)

    def change(self, row, values, *, by, version):
        return notes.change_note(row, changes=values, by=by, version=version)

    def delete(self, row, *, by, version):
        notes.delete_note(row, by=by, version=version)


class HandOverView(ScopedActionView):
    page_title = gettext_lazy("Hand over to the team")
    button = gettext_lazy("Hand over")
    permission_required = "view"
    form_class = ScopedForm
    explanation = gettext_lazy(
        "The note becomes one of the team about this person, in your name: whoever follows up reads it, the "
        "coordinator among them. It is gone from your own notes."
    )
    success_message = gettext_lazy("The note is the team's now.")

    def get_page_subtitle(self):
        return self.object.title

    def apply(self, form):
        handing_over.hand_over_note(self.object, by=self.request.user, version=self.version)

    def get_success_url(self):
        return reverse("notes:index")


class KeepView(ScopedActionView):
    page_title = gettext_lazy("Keep private")
    button = gettext_lazy("Keep private")
    permission_required = "view"
    form_class = ScopedForm
    explanation = gettext_lazy(
        "Nobody else reads the note, also when you leave. It goes unread when you are erased."
    )
    success_message = gettext_lazy("The note stays private.")

    def get_page_subtitle(self):
        return self.object.title

    def apply(self, form):
        handing_over.keep_note(self.object, by=self.request.user, version=self.version)


class NoteInspectView(OpensBody, ScopedInspectView):
    template_name = "people/own_note.html"

    def get_page_title(self):
        return word_lazy("note")

    def get_page_subtitle(self):
        return self.object.title

    def get_context_data(self, **kwargs):
        return super().get_context_data(body=self.words(), **kwargs)


def if_they_leave(row: Note) -> str:
    """What becomes of a note about a contact, if its author said so."""
    if row.contact_id is None:
        return ""
    return _("Stays private") if row.kept_at is not None else _("Not chosen yet")


class NoteViewSet(ScopedViewSet):
    """One's own notes."""

    model = Note
    name = "notes"
    url_prefix = "notes"
    icon = "clipboard-list"
    menu_label = gettext_lazy("My notes")
    form_class = NoteForm
    search_fields = ["title"]
    ordering = "-updated_at"
    history_enabled = False
    add_view_class = OfContactCreateView
    edit_view_class = EditWordsView
    inspect_view_class = NoteInspectView
    row_views: ClassVar = {"hand_over": HandOverView, "keep": KeepView}
    list_export: ClassVar = []

    @property
    def list_display(self):
        return [
            TitleColumn(
                "title",
                label=_("Title"),
                sort_key="title",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("about", label=_("About"), accessor=lambda row: row.contact if row.sees_contact else ""),
            Column("kept", label=_("If you leave"), accessor=if_they_leave, classname="wide-only"),
            Column("is_pinned", label=_("Pinned"), accessor=lambda row: _("Pinned") if row.is_pinned else ""),
            DayColumn("updated_at", label=_("Updated"), sort_key="updated_at"),
        ]

    def rows(self, scope):
        # A note outlives its author's support of a contact, who is named to nobody after it.
        seen = Contact.objects.visible_to(scope).filter(pk=OuterRef("contact"))
        return super().rows(scope).select_related("contact").annotate(sees_contact=Exists(seen))

    def may(self, scope, verb, row=None):
        return scope.is_member and (row is None or row.author_id == scope.user_id)

    def create(self, values, *, by):
        return notes.write_own_note(by=by, **values)

    def change(self, row, values, *, by, version):
        return notes.change_own_note(row, changes=values, by=by, version=version)

    def delete(self, row, *, by, version):
        notes.delete_own_note(row, by=by, version=version)

    def row_buttons(self, view, row):
        if row.contact_id is None:
            return []
        offered = [("hand_over", _("Hand over to the team"), "group")]
        if row.kept_at is None:
            offered.append(("keep", _("Keep private"), "lock"))
        return buttons_for(self, row, offered)


class CaregiverViewSet(AboutContact):
    model = Caregiver
    name = "caregivers"
    url_prefix = "caregivers"
    icon = "group"
    menu_label = word_lazy("caregiver", "plural")
    form_class = CaregiverForm
    search_fields = ["name_search", "contact__name_search"]
    ordering = "name_key"
    add_view_class = OfContactCreateView
    export_filename = "caregivers"
    inspect_view_fields: ClassVar = [
        *("contact", "first_name", "last_name", "relation", "phone", "email", "address", "postcode"),
        *("city", "is_primary", "is_emergency_contact", "informed_on", "consent_on"),
    ]
    list_export: ClassVar = ["last_name", "first_name", "relation", "phone", "email", "contact"]

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
            Column("get_relation_display", label=_("Relation"), sort_key="relation"),
            Column("contact", label=_("Belongs to"), sort_key="contact__name_key"),
            Column("phone", label=_("Phone"), classname="wide-only"),
        ]

    def create(self, values, *, by):
        return relatives.add_caregiver(by=by, **values)

    def change(self, row, values, *, by, version):
        return relatives.change_caregiver(row, changes=values, by=by, version=version)

    def delete(self, row, *, by, version):
        relatives.remove_caregiver(row, by=by, version=version)


class UnlinkView(ScopedActionView):
    page_title = gettext_lazy("End the link")
    button = gettext_lazy("End the link")
    form_class = UnlinkForm
    is_serious = True
    success_message = gettext_lazy("The link has ended.")

    def apply(self, form):
        given = form.cleaned_data
        relative = relatives.unlink_relative(self.object, by=self.request.user, version=self.version, **given)
        if relative is not None:
            ask_to_erase_relative(relative, by=self.request.user, reason=given["reason"])


class LinkViewSet(AboutContact):
    model = ContactRelative
    name = "contact_relatives"
    url_prefix = "contact-relatives"
    icon = "link"
    menu_label = gettext_lazy("Who belongs to whom")
    form_class = LinkForm
    search_fields = ["contact__name_search", "relative__name_search"]
    ordering = "relative__name_key"
    add_view_class = OfContactCreateView
    row_views: ClassVar = {"unlink": UnlinkView}
    inspect_view_fields: ClassVar = [
        *("contact", "relative", "relation", "has_custody", "may_be_contacted", "is_primary"),
    ]
    list_export: ClassVar = []

    @property
    def list_display(self):
        return [
            TitleColumn(
                "relative",
                label=_("Relative"),
                sort_key="relative__name_key",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("get_relation_display", label=_("Relation"), sort_key="relation"),
            Column("contact", label=_("Belongs to"), sort_key="contact__name_key"),
        ]

    def rows(self, scope):
        return super().rows(scope).select_related("relative")

    def create(self, values, *, by):
        new = {name: values.pop(name) for name in ("first_name", "last_name", "phone")}
        if values.get("relative") is None:
            values["relative"] = relatives.register_relative(by=by, **new)
        return relatives.link_relative(by=by, **values)

    def change(self, row, values, *, by, version):
        return relatives.change_link(row, changes=values, by=by, version=version)

    def row_buttons(self, view, row):
        if not self.may(view.scope, "change", row):
            return []
        return buttons_for(self, row, [("unlink", _("End the link"), "cross")])


class RelativeInspectView(ScopedInspectView):
    template_name = "people/relative.html"

    def get_page_title(self):
        return _("Relative")

    def get_context_data(self, **kwargs):
        links = ContactRelative.objects.visible_to(self.scope).filter(relative=self.object)
        shown = list(links.select_related("contact"))
        self.note_list([each.contact for each in shown])
        return super().get_context_data(links=shown, **kwargs)


def relations_of(row: RegisteredRelative) -> str:
    return ", ".join(str(Relation(each).label) for each in row.relation_types)


class RelativeViewSet(ScopedViewSet):
    model = RegisteredRelative
    name = "relatives"
    url_prefix = "relatives"
    icon = "group"
    menu_label = gettext_lazy("Relatives")
    form_class = RelativeForm
    filterset_class = RelativeFilterSet
    search_fields = ["name_search"]
    ordering = "name_key"
    history_enabled = False
    inspect_view_class = RelativeInspectView
    inspect_view_fields: ClassVar = [
        *("first_name", "last_name", "birth_year", "phone", "email", "language", "needs"),
    ]
    export_filename = "relatives"
    list_export: ClassVar = ["last_name", "first_name", "birth_year", "phone", "email", "needs"]

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
            Column("relations", label=_("Relation"), accessor=relations_of),
            Column("birth_year", label=_("Year of birth"), sort_key="birth_year", classname="wide-only"),
            Column("phone", label=_("Phone"), classname="wide-only"),
        ]

    def rows(self, scope):
        return super().rows(scope).filter(erased_at__isnull=True)

    def may(self, scope, verb, row=None):
        return scope.can({"view": VIEW, "change": CHANGE}.get(verb, verb))

    def change(self, row, values, *, by, version):
        return relatives.change_relative(row, changes=values, by=by, version=version)
