"""Forms of what is written about contacts, and of those close to them."""

from typing import Any

import django_filters
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from cms.admin.scoped import ScopedFilterSet, ScopedForm, ScopedModelForm
from domain.people.choices import NoteKind, Relation
from domain.people.models import Caregiver, Contact, ContactNote, ContactRelative, Note, RegisteredRelative

from .choosers import ContactWidget, RelativeWidget
from .forms import phone_field


class DiagnosisForm(ScopedForm):
    diagnosis = forms.CharField(
        label=gettext_lazy("Diagnosis"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Empty: nothing is kept."),
    )


class OfContactForm(ScopedModelForm):
    """Of a row that belongs to a contact: chosen when it is made, and then no more."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            del self.fields["contact"]
            return
        contact: Any = self.fields["contact"]
        contact.queryset = contact.queryset.filter(
            pk__in=Contact.objects.visible_to(self.scope).present().order_by().values("pk")
        )
        contact.widget.choices_of_form = contact.queryset


class ContactNoteForm(OfContactForm):
    class Meta:
        model = ContactNote
        fields = ["contact", "kind", "body", "visibility", "follow_up_on"]
        widgets = {
            "contact": ContactWidget,
            "kind": forms.RadioSelect,
            "visibility": forms.RadioSelect,
            "body": forms.Textarea(attrs={"rows": 8}),
            "follow_up_on": AdminDateInput,
        }


class NoteForm(ScopedModelForm):
    class Meta:
        model = Note
        fields = ["title", "body", "contact", "is_pinned"]
        widgets = {"contact": ContactWidget, "body": forms.Textarea(attrs={"rows": 10})}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        about = self.instance.contact_id
        if about and not Contact.objects.visible_to(self.scope).filter(pk=about).exists():
            # Whom one doesn't see any more isn't named; the note stays linked.
            del self.fields["contact"]


class CaregiverForm(OfContactForm):
    class Meta:
        model = Caregiver
        fields = [
            *("contact", "first_name", "last_name", "relation", "phone", "email", "address", "postcode"),
            *("city", "is_primary", "is_emergency_contact", "informed_on", "consent_on"),
        ]
        widgets = {
            "contact": ContactWidget,
            "informed_on": AdminDateInput,
            "consent_on": AdminDateInput,
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["phone"] = phone_field(self.instance)

    def _get_validation_exclusions(self):
        # A new primary one takes the place of the former: the rule's doing.
        return super()._get_validation_exclusions() | {"phone", "is_primary", "contact"}


class RelativeForm(ScopedModelForm):
    class Meta:
        model = RegisteredRelative
        fields = ["first_name", "last_name", "birth_year", "phone", "email", "language", "needs"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["phone"] = phone_field(self.instance)

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() | {"phone"}


class LinkForm(OfContactForm):
    """Somebody who is registered, or somebody new: then the name is enough to begin with."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=100, required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=30, required=False)
    field_order = [
        *("contact", "relative", "first_name", "last_name", "phone", "relation", "has_custody"),
        *("may_be_contacted", "is_primary"),
    ]

    class Meta:
        model = ContactRelative
        fields = ["contact", "relative", "relation", "has_custody", "may_be_contacted", "is_primary"]
        widgets = {"contact": ContactWidget, "relative": RelativeWidget}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            for name in ("relative", "first_name", "last_name", "phone"):
                del self.fields[name]
            return
        relative: Any = self.fields["relative"]
        relative.required = False
        relative.help_text = gettext_lazy("Somebody registered already, for example with a sibling.")
        self.fields["first_name"].help_text = gettext_lazy("Or somebody new: write their name.")

    def clean(self):
        data = super().clean()
        if "relative" in self.fields and not (
            data.get("relative") or data.get("first_name") or data.get("last_name")
        ):
            self.add_error("relative", gettext_lazy("Choose somebody, or write a name."))
        return data

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() | {"is_primary", "relative", "contact"}


class UnlinkForm(ScopedForm):
    erase_relative = forms.TypedChoiceField(
        label=gettext_lazy("If this is their last link"),
        choices=[
            ("no", gettext_lazy("Keep what is known about them")),
            ("yes", gettext_lazy("Erase what is kept about them")),
        ],
        coerce=lambda value: value == "yes",
        initial="yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Kept on the record: write no names."),
    )


class ContactNoteFilterSet(ScopedFilterSet):
    open = django_filters.ChoiceFilter(
        label=gettext_lazy("Follow-up"),
        method="filter_open",
        choices=[("open", gettext_lazy("Open")), ("due", gettext_lazy("Due today or before"))],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )
    kind = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Kind"), choices=NoteKind.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ContactNote
        fields = ["open", "kind"]

    def filter_open(self, queryset, name, value):
        rows = queryset.filter(follow_up_on__isnull=False, followed_up_at__isnull=True)
        return rows.filter(follow_up_on__lte=timezone.localdate()) if value == "due" else rows


class RelativeFilterSet(ScopedFilterSet):
    relation = django_filters.ChoiceFilter(
        label=gettext_lazy("Relation"), choices=Relation.choices, method="filter_relation"
    )

    class Meta:
        model = RegisteredRelative
        fields = ["relation"]

    def filter_relation(self, queryset, name, value):
        return queryset.filter(relation_types__contains=[value])
