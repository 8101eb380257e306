"""Forms and filters of certifications, pauses and declarations."""

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from cms.admin.associations.choosers import AssociationWidget, PersonWidget
from cms.admin.scoped import ScopedFilterSet, ScopedForm, ScopedModelForm
from domain.associations.models import LocalAssociation, LocalAssociationMembership
from domain.certification.choices import (
    CertificationStatus,
    MentorState,
    ReminderOutcome,
    Requirement,
    RoleContext,
)
from domain.certification.models import (
    CertificationKind,
    CertificationReminder,
    ConfidentialityDeclaration,
    DeclarationText,
    MentorCertification,
    MentorStatus,
)
from domain.certification.queries import current_text, paused_on, to_renew, today_here
from tenants.models import LANGUAGE_CODES

DAYS = [
    ("30", gettext_lazy("30 days")),
    ("60", gettext_lazy("60 days")),
    ("90", gettext_lazy("90 days")),
    ("180", gettext_lazy("180 days")),
]


# Of what ends: the distances at which people are reminded (`REMINDER_DAYS`).
WITHIN = {
    7: gettext_lazy("Within 7 days"),
    30: gettext_lazy("Within 30 days"),
    90: gettext_lazy("Within 90 days"),
}


class PlaceFilterSet(ScopedFilterSet):
    """With "belongs at or below", of the person at `person`."""

    person = "user"
    association = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Belongs at or below"),
        queryset=LocalAssociation.objects.all(),
        widget=AssociationWidget,
        method="filter_association",
    )

    def filter_association(self, queryset, name, value):
        near = LocalAssociationMembership.objects.current().filter(association__path__startswith=value.path)
        return queryset.filter(**{f"{self.person}__in": near.values("user")})


class CertificationFilterSet(PlaceFilterSet):
    status = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Status"),
        choices=CertificationStatus.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    within = django_filters.ChoiceFilter(
        label=gettext_lazy("Expires within"),
        method="filter_within",
        choices=DAYS,
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )

    renew = django_filters.ChoiceFilter(
        label=gettext_lazy("To renew, of those who are mentors now"),
        method="filter_renew",
        choices=[
            ("expired", gettext_lazy("Expired")),
            *((str(days), label) for days, label in WITHIN.items()),
        ],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )

    class Meta:
        model = MentorCertification
        fields = ["status", "within", "renew", "kind", "association"]

    def filter_renew(self, queryset, name, value):
        today = today_here()
        if value == "expired":
            return to_renew(queryset, today, within=-1)
        return to_renew(queryset, today, within=int(value)).filter(valid_until__gte=today)

    def filter_within(self, queryset, name, value):
        return queryset.expiring_by(today_here() + timedelta(days=int(value)))


class ReminderFilterSet(PlaceFilterSet):
    person = "certification__user"
    outcome = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Outcome"), choices=ReminderOutcome.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = CertificationReminder
        fields = ["outcome", "association"]


class StatusFilterSet(PlaceFilterSet):
    status = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Status"), choices=MentorState.choices, widget=forms.CheckboxSelectMultiple
    )

    now = django_filters.ChoiceFilter(
        label=gettext_lazy("Today"),
        method="filter_now",
        choices=[("paused", gettext_lazy("Mentors on a break"))],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )

    class Meta:
        model = MentorStatus
        fields = ["status", "now", "association"]

    def filter_now(self, queryset, name, value):
        return paused_on(queryset, today_here())


class DeclarationFilterSet(PlaceFilterSet):
    role_context = django_filters.ChoiceFilter(
        label=gettext_lazy("Signed as"),
        choices=RoleContext.choices,
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )
    revoked = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        method="filter_revoked",
        choices=[("no", gettext_lazy("Not revoked")), ("yes", gettext_lazy("Revoked"))],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )

    class Meta:
        model = ConfidentialityDeclaration
        fields = ["role_context", "revoked", "association"]

    def filter_revoked(self, queryset, name, value):
        return queryset.filter(revoked_at__isnull=value == "no")


class StartForm(ScopedModelForm):
    class Meta:
        model = MentorCertification
        fields = ["user", "kind"]
        widgets = {"user": PersonWidget}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.queryset = kind.queryset.filter(is_active=True)


class KindForm(ScopedModelForm):
    requirements = forms.MultipleChoiceField(
        label=gettext_lazy("Asks for"),
        help_text=gettext_lazy("What must be done before a certificate is issued."),
        choices=Requirement.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = CertificationKind
        fields = [
            *("name_nb", "name_nn", "name_en", "key", "validity_months"),
            *("requirements", "is_required", "is_active"),
        ]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            del self.fields["key"]


class TextForm(ScopedModelForm):
    class Meta:
        model = DeclarationText
        fields = [
            *("role_context", "title_nb", "body_nb", "title_nn", "body_nn", "title_en", "body_en"),
            "validity_months",
        ]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in ("body_nb", "body_nn", "body_en"):
            self.fields[name].help_text = gettext_lazy(
                "Plain text; an empty line begins a paragraph. {organization} becomes the organisation's "
                "name."
            )
        if not self.instance._state.adding:
            del self.fields["role_context"]

    def _get_validation_exclusions(self):
        # That there is one draft is the rule's doing.
        return super()._get_validation_exclusions() | {"role_context"}


class PaperForm(ScopedModelForm):
    """What somebody has signed on paper: the present version of one of the declarations."""

    class Meta:
        model = ConfidentialityDeclaration
        fields = ["user", "text", "language"]
        widgets = {"user": PersonWidget}

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGE_CODES)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        present = [text.pk for context in RoleContext.values if (text := current_text(context))]
        text: Any = self.fields["text"]
        text.queryset = text.queryset.filter(pk__in=present)


class DoneForm(ScopedForm):
    done_on = forms.DateField(label=gettext_lazy("On the day"), widget=AdminDateInput, initial=today_here)


class IssuedForm(ScopedForm):
    day = forms.DateField(
        label=gettext_lazy("From the day"),
        widget=AdminDateInput,
        initial=today_here,
        help_text=gettext_lazy("Today or earlier."),
    )


class NeededReasonForm(ScopedForm):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)


class ReasonForm(ScopedForm):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, required=False)


class PauseForm(ScopedForm):
    returns_on = forms.DateField(
        label=gettext_lazy("Back on"),
        widget=AdminDateInput,
        required=False,
        help_text=gettext_lazy("The first day back. Empty: until further notice."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("The mentor and those who coordinate them see it. Nothing about health."),
    )
