"""Private notes that authors are asked for: the list, what may be read of one, and what becomes of it."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from wagtail.admin.ui.tables import Column, TitleColumn

from cms.admin.confirmation import RecentlyVerifiedMixin
from cms.admin.members.listing import DayColumn
from cms.admin.scoped import ScopedActionView, ScopedFilterSet, ScopedForm, ScopedViewSet
from cms.admin.scoped.views import ScopedInspectView
from domain.people import requesting
from domain.people.choices import NoteAnswer
from domain.people.models import Contact, NoteRequest
from domain.people.models.contacts import EXPORT, READ_HEALTH
from domain.people.models.requests import CONFIRM
from domain.people.sealing import SHORTEST_PHRASE

from .words import word


def state_of(row: NoteRequest) -> str:
    """How far it is, in a few words."""
    if row.answer == NoteAnswer.RELEASED:
        return _("Released by the author")
    if row.confirmed_at is not None:
        return _("Released, sealed")
    if not row.holds:
        return _("Over")
    if row.sealed_at is not None:
        return _("Waits for a second person")
    if row.answer == NoteAnswer.WITHHELD:
        return _("Kept back by the author")
    return _("Overdue") if row.is_overdue() else _("Waits for the author")


def named(row: Any) -> str:
    """Whom it is about, to those who see them; to others the end of an id, by which one can talk about it."""
    return str(row.contact) if row.sees_contact else "… " + str(row.contact_id)[-6:]


class NoteRequestFilterSet(ScopedFilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("Show"),
        method="filter_state",
        choices=[
            ("mine", gettext_lazy("Waits for my answer")),
            ("open", gettext_lazy("Waits for an author")),
            ("second", gettext_lazy("Waits for a second person")),
        ],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )

    class Meta:
        model = NoteRequest
        fields = ["state"]

    def filter_state(self, queryset, name, value):
        if value == "second":
            waiting = NoteRequest.objects.holding().filter(sealed_at__isnull=False, confirmed_at__isnull=True)
            return queryset.filter(pk__in=waiting.order_by().values("pk")).exclude(answer=NoteAnswer.RELEASED)
        rows = queryset.filter(pk__in=NoteRequest.objects.open().order_by().values("pk"))
        return rows.filter(author=self.request.user.pk) if value == "mine" else rows


class NoteRequestInspectView(ScopedInspectView):
    template_name = "people/note_request.html"

    def get_page_title(self):
        return _("Request for a private note")

    def get_page_subtitle(self):
        return named(self.object)

    @sensitive_variables()
    def get_context_data(self, **kwargs):
        row, user = self.object, self.request.user
        words = requesting.read_words(row, by=user)
        offered = [
            ("release", _("Release it"), requesting.may_answer(row, user)),
            ("withhold", _("Keep it back"), requesting.may_answer(row, user)),
            ("seal", _("Ask for a sealed release"), requesting.may_ask_to_seal(row, user)),
            ("confirm", _("Confirm as the second person"), requesting.may_confirm(row, user)),
        ]
        return super().get_context_data(
            contact_name=named(row),
            contact_word=word("contact"),
            contact_url=reverse("contacts:inspect", args=[row.contact_id]) if row.sees_contact else "",
            state=state_of(row),
            is_mine=row.author_id == user.pk,
            words=words,
            actions=[
                (label, reverse(self.viewset.get_url_name(name), args=[row.pk]))
                for name, label, is_offered in offered
                if is_offered
            ],
            **kwargs,
        )


class RequestAction(ScopedActionView):
    permission_required = "view"
    rule: Any = None

    def get_page_subtitle(self):
        return named(self.object)

    def apply(self, form):
        type(self).rule(self.object, by=self.request.user, version=self.version, **form.cleaned_data)


class ReleaseView(RequestAction):
    page_title = gettext_lazy("Release the note")
    button = gettext_lazy("Release it")
    form_class = ScopedForm
    explanation = gettext_lazy(
        "The note goes into the copy for the person as it is. Whoever hands out the copy can read it. "
        "It can't be taken back."
    )
    rule = staticmethod(requesting.release_note)
    success_message = gettext_lazy("The note is released.")


class WithholdForm(ScopedForm):
    justification = forms.CharField(
        label=gettext_lazy("Why it is kept back"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "For example because it tells of somebody else. Kept encrypted, for the privacy officer to judge."
        ),
    )


class WithholdView(RequestAction):
    page_title = gettext_lazy("Keep the note back")
    button = gettext_lazy("Keep it back")
    form_class = WithholdForm
    explanation = gettext_lazy(
        "The privacy officer reads why, not the note. Together with a second person they may hand it out "
        "sealed all the same; neither of them can read it then."
    )
    rule = staticmethod(requesting.withhold_note)
    success_message = gettext_lazy("The note is kept back.")


class SealForm(ScopedForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Kept on the record: write no names."),
    )


class SealView(RecentlyVerifiedMixin, RequestAction):
    page_title = gettext_lazy("Ask for a sealed release")
    button = gettext_lazy("Ask a second person")
    is_serious = True
    form_class = SealForm
    explanation = gettext_lazy(
        "The person has a right to the note. A second person confirms it with a phrase that you don't know; "
        "then it goes into the next copy sealed. Neither of you reads it."
    )
    rule = staticmethod(requesting.ask_to_seal)
    success_message = gettext_lazy("A second person is asked to confirm it.")


class ConfirmForm(ScopedForm):
    phrase = forms.CharField(
        label=gettext_lazy("Phrase"),
        min_length=SHORTEST_PHRASE,
        max_length=requesting.LONGEST_PHRASE,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "At least 16 characters, four words for example. Write it down: it is kept nowhere. Give it to "
            "the person yourself, and to nobody else."
        ),
    )


class ConfirmView(RecentlyVerifiedMixin, RequestAction):
    page_title = gettext_lazy("Confirm as the second person")
    button = gettext_lazy("Release it sealed")
    is_serious = True
    form_class = ConfirmForm
    explanation = gettext_lazy(
        "The note goes into the next copy for the person, sealed with a phrase that you choose. Whoever "
        "hands out the copy must not know the phrase. You don't read the note either."
    )
    rule = staticmethod(requesting.confirm_sealed)
    success_message = gettext_lazy("The note is released, sealed. Ask for a new copy to hand it out.")


class NoteRequestViewSet(ScopedViewSet):
    model = NoteRequest
    name = "note_requests"
    url_prefix = "note-requests"
    icon = "lock"
    menu_label = gettext_lazy("Requests for private notes")
    filterset_class = NoteRequestFilterSet
    ordering = "due_on"
    history_enabled = False
    inspect_view_class = NoteRequestInspectView
    row_views: ClassVar = {
        "release": ReleaseView,
        "withhold": WithholdView,
        "seal": SealView,
        "confirm": ConfirmView,
    }
    list_export: ClassVar = []

    @property
    def list_display(self):
        return [
            TitleColumn(
                "contact",
                label=_("About"),
                accessor=named,
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("author", label=_("Author"), classname="wide-only"),
            DayColumn("created_at", label=_("Asked"), sort_key="created_at", classname="wide-only"),
            DayColumn("due_on", label=_("Answer by"), sort_key="due_on"),
            Column("state", label=_("State"), accessor=state_of),
        ]

    def rows(self, scope):
        seen = Contact.objects.visible_to(scope).filter(pk=OuterRef("contact"))
        rows = super().rows(scope).select_related("contact", "author", "contact_note", "own_note")
        return rows.annotate(sees_contact=Exists(seen))

    def may(self, scope, verb, row=None):
        if verb != "view":
            return False
        return scope.is_member and (row is not None or any(map(scope.can, (EXPORT, CONFIRM, READ_HEALTH))))
