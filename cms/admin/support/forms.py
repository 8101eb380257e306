"""Forms of support access."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateTimeInput

from domain.config.choices import SupportAccessPolicy
from domain.identity.choices import GrantStatus, SupportAccess, SupportArea

HOURS = [
    (1, _("1 hour")),
    (4, _("4 hours")),
    (8, _("8 hours")),
    (24, _("24 hours")),
    (48, _("48 hours")),
    (72, _("72 hours")),
]


class RequestForm(forms.Form):
    """What support asks an organisation for."""

    reason = forms.CharField(
        label=_("What for"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The organisation's administrators read it, in the mail and on its record."),
    )
    areas = forms.MultipleChoiceField(
        label=_("Areas"), choices=SupportArea, widget=forms.CheckboxSelectMultiple
    )
    access = forms.ChoiceField(
        label=_("Access"), choices=SupportAccess, widget=forms.RadioSelect, initial=SupportAccess.READ
    )
    hours = forms.TypedChoiceField(label=_("For how long"), choices=HOURS, coerce=int, initial=4)
    starts_at = forms.DateTimeField(
        label=_("Begins"),
        required=False,
        widget=AdminDateTimeInput,
        help_text=_("Empty: as soon as it is approved. The time runs from when you ask."),
    )

    def terms(self) -> dict:
        """The arguments of `request_grant`."""
        data = self.cleaned_data
        starts = data["starts_at"]
        return {
            "reason": data["reason"],
            "areas": data["areas"],
            "access": data["access"],
            "starts_at": starts,
            "ends_at": (starts or timezone.now()) + timedelta(hours=data["hours"]),
        }


class AnswerForm(forms.Form):
    """Why; optional, and read by whoever asked."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class FilterForm(forms.Form):
    status = forms.ChoiceField(
        label=_("Status"), choices=[("", _("All")), *GrantStatus.choices], required=False
    )


class PolicyForm(forms.Form):
    """Whether and how support is let in at all."""

    support_access_policy = forms.ChoiceField(
        label=_("Who lets support in"), choices=SupportAccessPolicy, widget=forms.RadioSelect
    )
    support_window_start = forms.DateTimeField(
        label=_("Approved beforehand from"),
        required=False,
        widget=AdminDateTimeInput,
        help_text=_("Only where reading is approved for a period: day and time."),
    )
    support_window_end = forms.DateTimeField(
        label=_("Approved beforehand to"), required=False, widget=AdminDateTimeInput
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
