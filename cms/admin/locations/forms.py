"""Forms and filters of positions, and of looking for a mentor near somebody."""

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.admin.associations.choosers import PersonWidget
from cms.admin.certification.forms import PlaceFilterSet
from cms.admin.scoped import ScopedForm, ScopedModelForm
from domain.assignments.matching import USUAL
from domain.associations.choices import LocationConsent, LocationSource, Precision
from domain.associations.models import MentorLocation, MunicipalityPosition
from domain.identity.models import User

# In kilometres.
CIRCLES = (10, 25, 50, 100, 200)
# Of those that a coordinator can note: who does it themselves does it in the app.
GIVEN = [choice for choice in LocationConsent.choices if choice[0] != LocationConsent.SELF]


class LocationFilterSet(PlaceFilterSet):
    precision = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Precision"), choices=Precision.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = MentorLocation
        fields = ["precision", "association"]


class NoteForm(ScopedForm):
    """A mentor's position as a coordinator notes it, by municipality or by degrees; or that there is none."""

    user = forms.ModelChoiceField(
        label=gettext_lazy("Mentor"), queryset=User.objects.all(), widget=PersonWidget
    )
    is_protected = forms.BooleanField(
        label=gettext_lazy("Protected address"),
        required=False,
        help_text=gettext_lazy(
            "Then nothing else is filled in. What was kept is deleted and nothing can be kept; only the "
            "mentor and you see that it is so, and whoever reads the audit record that you decided it."
        ),
    )
    consent = forms.ChoiceField(
        label=gettext_lazy("The mentor has agreed"),
        choices=GIVEN,
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Without the mentor's consent no position is kept."),
    )
    precision = forms.ChoiceField(
        label=gettext_lazy("To which precision"),
        choices=Precision.choices,
        initial=Precision.MUNICIPALITY,
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("The position is rounded to this before it is stored."),
    )
    municipality = forms.ModelChoiceField(
        label=gettext_lazy("Municipality"),
        queryset=MunicipalityPosition.objects.all(),
        required=False,
        help_text=gettext_lazy("Or the degrees below, where they are known."),
    )
    latitude = forms.DecimalField(label=gettext_lazy("Degrees north"), required=False, max_digits=9)
    longitude = forms.DecimalField(label=gettext_lazy("Degrees east"), required=False, max_digits=9)

    def clean(self):
        values = super().clean()
        if self.errors or values["is_protected"]:
            return values
        if not values["consent"]:
            self.add_error("consent", _("Say how the mentor has agreed."))
        if not values["precision"]:
            self.add_error("precision", _("Say how exactly the position may be kept."))
        degrees = (values["latitude"], values["longitude"])
        if values["municipality"] is None and None in degrees:
            self.add_error("municipality", _("Choose a municipality, or fill in both degrees."))
        return values

    def position(self) -> dict[str, Any]:
        """What is to be noted; only of a form that is valid and doesn't protect."""
        values = self.cleaned_data
        known = {name: values[name] for name in ("precision", "consent")}
        if values["latitude"] is not None and values["longitude"] is not None:
            point = {name: values[name] for name in ("latitude", "longitude")}
            return {**known, **point, "source": LocationSource.TYPED}
        place = values["municipality"]
        return {
            **known,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "source": LocationSource.MUNICIPALITY,
        }


class MunicipalityForm(ScopedModelForm):
    class Meta:
        model = MunicipalityPosition
        fields = ["number", "name", "latitude", "longitude", "source"]


class NearForm(ScopedForm):
    """How far, from where, whom, and in which order."""

    within = forms.TypedChoiceField(
        label=gettext_lazy("Within"),
        coerce=int,
        required=False,
        empty_value=USUAL,
        choices=[(km, gettext_lazy("%(km)d km")) for km in CIRCLES],
    )
    municipality = forms.ModelChoiceField(
        label=gettext_lazy("From"),
        queryset=MunicipalityPosition.objects.all(),
        required=False,
        empty_label=gettext_lazy("Where the person lives"),
    )
    order = forms.ChoiceField(
        label=gettext_lazy("Order"),
        required=False,
        choices=[
            ("near", gettext_lazy("Nearest first")),
            ("free", gettext_lazy("Least to do first")),
            ("name", gettext_lazy("By name")),
        ],
    )
    available = forms.BooleanField(label=gettext_lazy("Only who can be asked today"), required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field: Any = self.fields["within"]
        field.choices = [(km, _("%(km)d km") % {"km": km}) for km in CIRCLES]
        field.initial = USUAL
