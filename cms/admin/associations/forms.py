"""Forms and filters of associations and memberships."""

from typing import Any

import django_filters
from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from cms.admin.scoped import ScopedFilterSet, ScopedForm, ScopedModelForm
from domain.associations.choices import COUNTIES, AssociationKind
from domain.associations.models import ADD, ADD_MEMBERSHIP, LocalAssociation, LocalAssociationMembership
from domain.core.scope import EVERYWHERE

from .choosers import AssociationWidget, PersonWidget


class AssociationForm(ScopedModelForm):
    """Where it stands in the tree is chosen when it is made; later it is moved."""

    class Meta:
        model = LocalAssociation
        fields = [
            "name",
            "number",
            "kind",
            "parent",
            "organization_number",
            "municipality",
            "county",
            "email",
            "phone",
            "paying_entity",
            "account_dimension",
        ]
        widgets = {"parent": AssociationWidget, "paying_entity": AssociationWidget}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # As people type it; the rule writes it as E.164.
        self.fields["phone"].max_length = 30
        self.fields["organization_number"].max_length = 11
        for name, length in (("phone", 30), ("organization_number", 11)):
            self.fields[name] = forms.CharField(
                label=self.fields[name].label,
                help_text=self.fields[name].help_text,
                max_length=length,
                required=False,
                initial=getattr(self.instance, name),
            )
        if not self.instance._state.adding:
            del self.fields["parent"]
            return
        parent: Any = self.fields["parent"]
        parent.queryset = parent.queryset.filter(self.scope.within(ADD, "path"), is_active=True)
        parent.widget.choices_of_form = parent.queryset
        if EVERYWHERE in self.scope.reach(ADD):
            parent.help_text = _("Empty: at the top of the tree.")
        else:
            parent.required = True

    def clean_organization_number(self):
        return self.cleaned_data["organization_number"].replace(" ", "")

    def _get_validation_exclusions(self):
        # Checked, and written as it is stored, by the rule.
        return super()._get_validation_exclusions() | {"phone"}


class AssociationFilterSet(ScopedFilterSet):
    county = django_filters.ChoiceFilter(label=gettext_lazy("County"), choices=list(COUNTIES.items()))
    kind = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Kind"), choices=AssociationKind.choices, widget=forms.CheckboxSelectMultiple
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        method="filter_state",
        choices=[
            ("active", gettext_lazy("Active")),
            ("closed", gettext_lazy("Closed")),
            ("merged", gettext_lazy("Merged into another")),
        ],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )
    under = django_filters.CharFilter(
        label=gettext_lazy("At or below (number)"), method="filter_under", max_length=20
    )

    class Meta:
        model = LocalAssociation
        fields = ["state", "kind", "county", "under"]

    def filter_state(self, queryset, name, value):
        if value == "active":
            return queryset.filter(is_active=True)
        if value == "merged":
            return queryset.filter(merged_into__isnull=False)
        return queryset.filter(is_active=False, merged_into__isnull=True)

    def filter_under(self, queryset, name, value):
        found = LocalAssociation.objects.filter(number__iexact=value.replace("\x00", "")).first()
        return queryset.below(found.path) if found else queryset.none()


class PlaceForm(ScopedForm):
    """Where to move: below another one, or to the top."""

    to = forms.ModelChoiceField(
        label=gettext_lazy("Move below"),
        queryset=LocalAssociation.objects.filter(is_active=True),
        widget=AssociationWidget,
        required=False,
    )
    from_day = forms.DateField(
        label=gettext_lazy("From the day"),
        widget=AdminDateInput,
        initial=timezone.localdate,
        help_text=gettext_lazy("Reports of days before show it at its old place."),
    )

    def __init__(self, *args: Any, moved: LocalAssociation, permission: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        to: Any = self.fields["to"]
        to.queryset = (
            LocalAssociation.objects.changeable_by(self.scope, permission)
            .active()
            .exclude(path__startswith=moved.path)
        )
        to.widget.choices_of_form = to.queryset
        to.error_messages["invalid_choice"] = _("It can't be moved there.")
        if EVERYWHERE in self.scope.reach(permission):
            to.help_text = _("Empty: to the top of the tree.")
        else:
            to.required = True


class MergeForm(ScopedForm):
    """Which one remains."""

    into = forms.ModelChoiceField(
        label=gettext_lazy("Merge into"),
        queryset=LocalAssociation.objects.filter(is_active=True),
        widget=AssociationWidget,
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, required=False)

    def __init__(self, *args: Any, merged: LocalAssociation, permission: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        into: Any = self.fields["into"]
        into.queryset = (
            LocalAssociation.objects.changeable_by(self.scope, permission)
            .active()
            .exclude(path__startswith=merged.path)
        )
        into.widget.choices_of_form = into.queryset
        into.error_messages["invalid_choice"] = _("It can't be merged into that one.")


class ReasonForm(ScopedForm):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, required=False)


class MembershipForm(ScopedModelForm):
    class Meta:
        model = LocalAssociationMembership
        fields = ["user", "association", "valid_from", "valid_to", "is_primary"]
        widgets = {
            "user": PersonWidget,
            "association": AssociationWidget,
            "valid_from": AdminDateInput,
            "valid_to": AdminDateInput,
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        association: Any = self.fields["association"]
        association.queryset = association.queryset.filter(
            self.scope.within(ADD_MEMBERSHIP, "path"), is_active=True
        )
        association.widget.choices_of_form = association.queryset
        self.fields["is_primary"].help_text = _("The first one becomes the primary one by itself.")

    def _get_validation_exclusions(self):
        # That there is one primary one is the rule's doing.
        return super()._get_validation_exclusions() | {"is_primary"}


class LastDayForm(ScopedForm):
    last_day = forms.DateField(
        label=gettext_lazy("Last day"), widget=AdminDateInput, initial=timezone.localdate
    )


class MembershipFilterSet(ScopedFilterSet):
    association = django_filters.ModelChoiceFilter(
        queryset=LocalAssociation.objects.all(), widget=AssociationWidget
    )
    when = django_filters.ChoiceFilter(
        label=gettext_lazy("When"),
        method="filter_when",
        choices=[("now", gettext_lazy("Now")), ("over", gettext_lazy("Ended"))],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )

    class Meta:
        model = LocalAssociationMembership
        fields = ["when", "association", "is_primary"]

    def filter_when(self, queryset, name, value):
        if value == "now":
            return queryset.current()
        return queryset.filter(valid_to__lt=timezone.localdate())
