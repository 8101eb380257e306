"""Contacts that are shown to one more person for a time: the form, the list, and ending it."""

from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets import AdminDateInput

from cms.admin.associations.choosers import PersonWidget
from cms.admin.members.listing import DayColumn, buttons_for
from cms.admin.scoped import ScopedActionView, ScopedForm, ScopedViewSet
from domain.identity.models import User
from domain.people import sharing
from domain.people.models import ContactShare
from domain.people.models.contacts import CHANGE
from domain.people.standing import may_read_health

from .words import word_lazy


class ShareForm(ScopedForm):
    user = forms.ModelChoiceField(
        label=gettext_lazy("Share with"), queryset=User.objects.all(), widget=PersonWidget
    )
    until = forms.DateField(
        label=gettext_lazy("Until"),
        widget=AdminDateInput,
        help_text=gettext_lazy("The last day, at most a year ahead."),
    )
    with_health = forms.BooleanField(
        label=gettext_lazy("With diagnosis and notes of the team"), required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Kept on the record: write no names."),
    )


class ShareContactView(ScopedActionView):
    page_title = gettext_lazy("Share with one more person")
    button = gettext_lazy("Share")
    permission_required = CHANGE
    form_class = ShareForm
    explanation = gettext_lazy(
        "The person sees this one contact until the day you choose, and changes nothing. You can end it at "
        "any time. It is on the record."
    )
    success_message = gettext_lazy("It is shared now.")

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        if not may_read_health(self.scope, self.object):
            del form.fields["with_health"]
        return form

    def apply(self, form):
        sharing.share_contact(self.object, by=self.request.user, version=self.version, **form.cleaned_data)


class EndShareView(ScopedActionView):
    page_title = gettext_lazy("End")
    button = gettext_lazy("End")
    is_serious = True
    explanation = gettext_lazy("It ends at once: from now on the person no longer sees this contact.")
    success_message = gettext_lazy("This is no longer shared.")

    def apply(self, form):
        sharing.end_contact_share(self.object, by=self.request.user, version=self.version)

    def get_success_url(self):
        return reverse("contacts:inspect", args=[self.object.content_object_id])


def how_much(row: ContactShare) -> str:
    return _("With diagnosis and notes of the team") if row.reads_health else _("Without diagnosis and notes")


class ContactShareViewSet(ScopedViewSet):
    model = ContactShare
    name = "contact_shares"
    url_prefix = "contact-shares"
    icon = "group"
    menu_label = gettext_lazy("Shared with others")
    path_field = "content_object__local_association__path"
    search_fields = ["user__name_search", "content_object__name_search", "reason"]
    ordering = "valid_to"
    history_enabled = False
    row_views: ClassVar = {"end": EndShareView}
    inspect_view_fields: ClassVar = [
        *("user", "content_object", "valid_from", "valid_to", "reason", "created_by"),
    ]
    list_export: ClassVar = []

    @property
    def list_display(self):
        return [
            TitleColumn(
                "user",
                label=_("Person"),
                sort_key="user__name_key",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("content_object", label=str(word_lazy("contact")), sort_key="content_object__name_key"),
            DayColumn("valid_from", label=_("From"), sort_key="valid_from", classname="wide-only"),
            DayColumn("valid_to", label=_("To"), sort_key="valid_to"),
            Column("how_much", label=_("How much"), accessor=how_much, classname="wide-only"),
        ]

    def rows(self, scope):
        rows = super().rows(scope).filter(scope.within(CHANGE, self.path_field))
        return rows.select_related("user", "content_object__local_association", "permission", "created_by")

    def may(self, scope, verb, row=None):
        return super().may(scope, CHANGE if verb in ("view", "change") else verb, row)

    def row_buttons(self, view: Any, row: Any):
        return buttons_for(self, row, [("end", _("End"), "cross")])
