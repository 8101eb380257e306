"""Forms and filters of contacts."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from cms.admin.associations.choosers import AssociationWidget, PersonWidget
from cms.admin.associations.words import name_lazy
from cms.admin.scoped import ScopedFilterSet, ScopedForm, ScopedModelForm
from cms.admin.scoped.access import scope_of
from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.associations.models import LocalAssociation
from domain.identity.models import User
from domain.people.choices import GIVEN_REASONS, ContactStatus
from domain.people.models import Contact, ContactMentor, DiagnosisCategory
from domain.people.models.contacts import ADD, CHANGE, MEET, READ_HEALTH, reached
from domain.people.queries import without_mentor
from domain.people.standing import may_read_health

from .choosers import ContactWidget


def phone_field(instance: Any) -> forms.CharField:
    """As people type it; the rule writes it as E.164."""
    return forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=30,
        required=False,
        initial=instance.phone,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )


class ContactForm(ScopedModelForm):
    """Where they belong is chosen when they are registered; later they are moved."""

    class Meta:
        model = Contact
        fields = [
            "first_name",
            "last_name",
            "birth_year",
            "phone",
            "email",
            "address",
            "postcode",
            "city",
            "municipality",
            "language",
            "local_association",
            "diagnosis_category",
            "source",
            "consent_basis",
            "consent_on",
        ]
        widgets = {"local_association": AssociationWidget, "consent_on": AdminDateInput}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["phone"] = phone_field(self.instance)
        if self.writes_of_health():
            category: Any = self.fields["diagnosis_category"]
            kept = DiagnosisCategory.objects.filter(pk=self.instance.diagnosis_category_id)
            category.queryset = DiagnosisCategory.objects.active() | kept
        else:
            del self.fields["diagnosis_category"]
        if self.instance._state.adding:
            place: Any = self.fields["local_association"]
            place.queryset = place.queryset.filter(self.scope.within(ADD, "path"), is_active=True)
            place.widget.choices_of_form = place.queryset
        else:
            del self.fields["local_association"]

    def writes_of_health(self) -> bool:
        """Whether the caller may know what is chosen; of who is new, who registers them states it."""
        return self.instance._state.adding or may_read_health(self.scope, self.instance)

    def _get_validation_exclusions(self):
        # Checked, and written as they are stored, by the rule.
        return super()._get_validation_exclusions() | {"phone", "consent_on", "consent_basis"}


class NewContactForm(ContactForm):
    """With the answer to “is this somebody who is registered already?”, once it was asked."""

    duplicate_checked = forms.BooleanField(
        label=gettext_lazy("I have compared: it is another person"), required=False, widget=forms.HiddenInput
    )
    field_order = ["duplicate_checked"]

    def ask_whether_another(self) -> None:
        """Let the box be seen, first of all."""
        self.fields["duplicate_checked"].widget = forms.CheckboxInput()


class ContactFilterSet(ScopedFilterSet):
    status = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Status"), choices=ContactStatus.choices, widget=forms.CheckboxSelectMultiple
    )
    association = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Belongs at or below"),
        queryset=LocalAssociation.objects.all(),
        widget=AssociationWidget,
        method="filter_association",
    )
    mentor = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Mentor"),
        queryset=User.objects.all(),
        widget=PersonWidget,
        method="filter_mentor",
    )
    support = django_filters.ChoiceFilter(
        label=gettext_lazy("Mentors"),
        method="filter_support",
        choices=[
            ("none", gettext_lazy("Without a mentor")),
            ("some", gettext_lazy("With a mentor")),
        ],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )
    diagnosis_category = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Diagnosis category"),
        queryset=DiagnosisCategory.objects.all(),
        method="filter_category",
    )
    kept = django_filters.ChoiceFilter(
        label=gettext_lazy("Show"),
        method="filter_kept",
        choices=[
            ("merged", gettext_lazy("Merged into another person")),
            ("erased", gettext_lazy("Erased")),
            ("all", gettext_lazy("All")),
        ],
        empty_label=gettext_lazy("Those in use"),
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Contact
        fields = ["status", "support", "association", "mentor", "diagnosis_category", "kept"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        scope = scope_of(self.request)
        if not (scope.can(READ_HEALTH) or scope.can(MEET)):
            del self.filters["diagnosis_category"]

    def filter_queryset(self, queryset):
        queryset = super().filter_queryset(queryset)
        return queryset if self.form.cleaned_data.get("kept") else queryset.present()

    def filter_category(self, queryset, name, value):
        return queryset.filter(reached(scope_of(self.request), READ_HEALTH), diagnosis_category=value)

    def filter_association(self, queryset, name, value):
        return queryset.filter(local_association__path__startswith=value.path)

    def filter_mentor(self, queryset, name, value):
        held = ContactMentor.objects.holding().filter(user=value, contact=OuterRef("pk"))
        return queryset.filter(Exists(held))

    def filter_support(self, queryset, name, value):
        alone = without_mentor(queryset)
        return alone if value == "none" else queryset.exclude(pk__in=alone.order_by().values("pk"))

    def filter_kept(self, queryset, name, value):
        if value == "merged":
            return queryset.filter(merged_into__isnull=False)
        return queryset.filter(erased_at__isnull=False) if value == "erased" else queryset


class ReasonForm(ScopedForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Kept on the record: write no names."),
    )


class CloseForm(ReasonForm):
    closed_reason = forms.ChoiceField(
        label=gettext_lazy("Why closed"),
        choices=[(each.value, each.label) for each in GIVEN_REASONS],
        widget=forms.RadioSelect,
    )
    field_order = ["closed_reason", "reason"]


class MoveForm(ReasonForm):
    to = forms.ModelChoiceField(
        label=name_lazy(), queryset=LocalAssociation.objects.filter(is_active=True), widget=AssociationWidget
    )
    field_order = ["to", "reason"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        to: Any = self.fields["to"]
        to.queryset = to.queryset.filter(self.scope.within(CHANGE, "path"))
        to.widget.choices_of_form = to.queryset


class AssignForm(ScopedForm):
    user = forms.ModelChoiceField(
        label=gettext_lazy("Mentor"), queryset=User.objects.all(), widget=PersonWidget
    )
    valid_from = forms.DateField(
        label=gettext_lazy("From"), widget=AdminDateInput, initial=timezone.localdate
    )
    valid_to = forms.DateField(
        label=gettext_lazy("To"),
        widget=AdminDateInput,
        required=False,
        help_text=gettext_lazy("The last day. Empty: until further notice."),
    )
    is_primary = forms.BooleanField(
        label=gettext_lazy("Primary"),
        required=False,
        help_text=gettext_lazy("The first one becomes the primary one by itself."),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        mentors = RoleAssignment.objects.filter(role=Role.PEER_MENTOR).holding().order_by().values("user")
        user: Any = self.fields["user"]
        user.queryset = user.queryset.filter(pk__in=mentors)
        user.widget.choices_of_form = user.queryset
        user.error_messages["invalid_choice"] = _("This person doesn't have the role of a peer mentor.")


class MentorForm(ReasonForm):
    """One of those who are assigned."""

    user = forms.ModelChoiceField(label=gettext_lazy("Mentor"), queryset=User.objects.all())
    field_order = ["user", "last_day", "reason"]

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any):
        super().__init__(*args, **kwargs)
        held = ContactMentor.objects.filter(contact=contact).exclude(valid_to__lt=timezone.localdate())
        user: Any = self.fields["user"]
        user.queryset = User.objects.filter(pk__in=held.order_by().values("user"))


class EndMentorForm(MentorForm):
    last_day = forms.DateField(
        label=gettext_lazy("Last day"), widget=AdminDateInput, initial=timezone.localdate
    )


class MergeForm(ReasonForm):
    into = forms.ModelChoiceField(
        label=gettext_lazy("Merge into"), queryset=Contact.objects.all(), widget=ContactWidget
    )
    field_order = ["into", "reason"]

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any):
        super().__init__(*args, **kwargs)
        into: Any = self.fields["into"]
        into.queryset = Contact.objects.changeable_by(self.scope).present().exclude(pk=contact.pk)
        into.widget.choices_of_form = into.queryset
        into.error_messages["invalid_choice"] = _("It can't be merged into that one.")


class EraseForm(ScopedForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Kept on the record: write no names."),
    )
    with_relatives = forms.BooleanField(
        label=gettext_lazy("Erase relatives as well who belong to nobody else"), required=False
    )
