"""Forms and filters of activities."""

from datetime import timedelta
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from cms.admin.associations.choosers import AssociationWidget, PersonWidget
from cms.admin.associations.words import name_lazy
from cms.admin.people.words import word_lazy
from cms.admin.scoped import ScopedFilterSet, ScopedForm, ScopedModelForm
from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.activities.choices import ActivityStatus, DocumentType, FlagKind, FlagStatus
from domain.activities.models import Activity, ActivityFlag, ActivityLeader, ActivityType
from domain.activities.rules import MOST_AT_ONCE
from domain.associations.models import LocalAssociation
from domain.certification.queries import zone_here
from domain.identity.models import User
from domain.people.models import Contact, ContactMentor

# So many days at once in the form for many.
MOST_DAYS = 31


def mentors() -> Any:
    """Those who have the mentors' role today."""
    held = RoleAssignment.objects.filter(role=Role.PEER_MENTOR).holding().order_by().values("user")
    return User.objects.filter(pk__in=held).order_by("name_key", "pk")


class ActivityFilterSet(ScopedFilterSet):
    status = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Status"), choices=ActivityStatus.choices, widget=forms.CheckboxSelectMultiple
    )
    counts = django_filters.ChoiceFilter(
        label=gettext_lazy("Grant"),
        method="filter_counts",
        choices=[
            ("yes", gettext_lazy("Counts")),
            ("no", gettext_lazy("Does not count")),
            ("override", gettext_lazy("Decided otherwise")),
        ],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )
    flags = django_filters.ChoiceFilter(
        label=gettext_lazy("Flags"),
        method="filter_flags",
        choices=[
            ("open", gettext_lazy("With open flags")),
            ("confirmed", gettext_lazy("With confirmed flags")),
        ],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )
    day_from = django_filters.DateFilter(
        label=gettext_lazy("From"), field_name="day", lookup_expr="gte", widget=AdminDateInput
    )
    day_to = django_filters.DateFilter(
        label=gettext_lazy("To"), field_name="day", lookup_expr="lte", widget=AdminDateInput
    )
    association = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Belongs at or below"),
        queryset=LocalAssociation.objects.all(),
        widget=AssociationWidget,
        method="filter_association",
    )
    leader = django_filters.ModelChoiceFilter(
        label=word_lazy("peer_mentor"),
        queryset=User.objects.all(),
        widget=PersonWidget,
        method="filter_leader",
    )

    class Meta:
        model = Activity
        fields = ["status", "counts", "flags", "type", "day_from", "day_to", "association", "leader"]

    def filter_counts(self, queryset, name, value):
        if value == "override":
            return queryset.filter(override__isnull=False)
        return queryset.filter(counts=value == "yes")

    def filter_flags(self, queryset, name, value):
        flags = ActivityFlag.objects.filter(activity=OuterRef("pk"), status=value)
        return queryset.filter(Exists(flags))

    def filter_association(self, queryset, name, value):
        return queryset.filter(local_association__path__startswith=value.path)

    def filter_leader(self, queryset, name, value):
        return queryset.filter(Exists(ActivityLeader.objects.filter(activity=OuterRef("pk"), user=value)))


class FlagFilterSet(ScopedFilterSet):
    status = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Status"), choices=FlagStatus.choices, widget=forms.CheckboxSelectMultiple
    )
    kind = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Kind"), choices=FlagKind.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ActivityFlag
        fields = ["status", "kind"]


class TypeForm(ScopedModelForm):
    required_documents = forms.MultipleChoiceField(
        label=gettext_lazy("Documents asked for"),
        help_text=gettext_lazy("Without them an activity can't be approved."),
        choices=DocumentType.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = ActivityType
        fields = [
            *("name_nb", "name_nn", "name_en", "key", "category", "needs_contact", "needs_duration"),
            *("allows_expenses", "default_duration", "required_documents", "icon", "position", "is_active"),
        ]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            del self.fields["key"]


class AboutActivity(ScopedModelForm):
    """What both forms of an activity ask; times are of the organisation's clocks."""

    contacts = forms.ModelMultipleChoiceField(
        label=word_lazy("contact", "plural"), queryset=Contact.objects.all(), required=False
    )
    summary = forms.CharField(
        label=gettext_lazy("Summary"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Kept encrypted. Write only what the next one needs to know."),
    )

    class Meta:
        model = Activity
        fields = ["type", "duration_minutes", "mode", "further_participants", "theme", "place"]
        widgets = {"mode": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["type"]
        kind.queryset = kind.queryset.filter(is_active=True)
        kind.empty_label = None
        self.fields["duration_minutes"].widget.attrs.update(inputmode="numeric", min=1)

    def offer_contacts(self, mentor: Any) -> None:
        """The people whom the mentor supports today, as boxes to tick."""
        field: Any = self.fields["contacts"]
        supported = ContactMentor.objects.holding().filter(user=mentor).order_by().values("contact")
        field.queryset = field.queryset.filter(pk__in=supported)
        field.widget = forms.CheckboxSelectMultiple(choices=field.choices)
        if not field.queryset.exists():
            del self.fields["contacts"]


class TypeChips(forms.RadioSelect):
    """Types as chips to tap; each says how long it usually lasts, for the script that fills that in."""

    def create_option(self, name, value, *args: Any, **kwargs: Any):
        option = super().create_option(name, value, *args, **kwargs)
        kind = getattr(value, "instance", None)
        if kind is not None:
            option["attrs"]["data-minutes"] = kind.default_duration
        return option


class QuickForm(AboutActivity):
    """One activity of one mentor; the rest is guessed: just now, the type used last, as long as usual."""

    # What few fill in stands folded away.
    FOLDED = ("summary", "theme", "place")

    mentor = forms.ModelChoiceField(
        label=word_lazy("peer_mentor"), queryset=User.objects.all(), widget=forms.HiddenInput
    )
    # The phone's own way to choose a time: large, and known to its owner.
    started_at = forms.DateTimeField(
        label=gettext_lazy("Began"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    class Meta(AboutActivity.Meta):
        widgets: ClassVar[dict[str, Any]] = {**AboutActivity.Meta.widgets, "type": TypeChips}

    field_order = [
        *("mentor", "contacts", "type", "started_at", "duration_minutes", "mode"),
        *("further_participants", "summary", "theme", "place"),
    ]

    def __init__(self, *args: Any, mentor: Any, **kwargs: Any):
        self.who = mentor
        super().__init__(*args, **kwargs)
        guessed = _last_type(mentor) or ActivityType.objects.active().first()
        minutes = guessed.default_duration if guessed is not None else 60
        begun = timezone.now() - timedelta(minutes=minutes)
        self.fields["mentor"].initial = mentor.pk
        self.fields["type"].initial = guessed
        self.fields["duration_minutes"].initial = minutes
        begun = begun.replace(minute=begun.minute // 5 * 5)
        self.fields["started_at"].initial = begun.astimezone(zone_here()).strftime("%Y-%m-%dT%H:%M")
        self.offer_contacts(mentor)

    def chips(self) -> list[Any]:
        """The fields of which one, or some, of a few are chosen."""
        return [self[name] for name in ("contacts", "type", "mode") if name in self.fields]

    def folded(self) -> list[Any]:
        return [self[name] for name in self.FOLDED]

    def is_unfolded(self) -> bool:
        """Whether something stands there already, or has to be looked at again."""
        return any(self[name].value() or self[name].errors for name in self.FOLDED)

    def values(self) -> dict[str, Any]:
        found = super().values()
        mentor = found.pop("mentor")
        return {**found, "leaders": [mentor]}


class ManyForm(AboutActivity):
    """One form for many mentors or days."""

    leaders = forms.ModelMultipleChoiceField(
        label=word_lazy("peer_mentor", "plural"),
        queryset=User.objects.all(),
        widget=forms.CheckboxSelectMultiple,
    )
    local_association = forms.ModelChoiceField(
        label=name_lazy(),
        queryset=LocalAssociation.objects.filter(is_active=True),
        widget=AssociationWidget,
        required=False,
        help_text=gettext_lazy("Empty: where each of them belongs."),
    )
    days = forms.CharField(
        label=gettext_lazy("Days"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One a line, for example 2026-11-03."),
    )
    time = forms.TimeField(
        label=gettext_lazy("Began at"), widget=forms.TimeInput(attrs={"type": "time"}), initial="12:00"
    )

    field_order = [
        *("leaders", "days", "time", "type", "duration_minutes", "mode", "further_participants"),
        *("local_association", "theme", "place", "summary"),
    ]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        del self.fields["contacts"]
        chosen: Any = self.fields["leaders"]
        chosen.queryset = chosen.queryset.filter(pk__in=mentors()).order_by("name_key", "pk")

    def clean_days(self) -> list[Any]:
        lines = [line.strip() for line in self.cleaned_data["days"].splitlines() if line.strip()]
        if len(lines) > MOST_DAYS:
            raise forms.ValidationError(_("At most %(most)d at once.") % {"most": MOST_DAYS})
        return [forms.DateField().clean(line) for line in lines]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if len(found.get("days", [])) * len(found.get("leaders", [])) > MOST_AT_ONCE:
            raise forms.ValidationError(_("At most %(most)d at once.") % {"most": MOST_AT_ONCE})
        return found

    def values(self) -> dict[str, Any]:
        found = super().values()
        time, zone = found.pop("time"), zone_here()
        starts = [timezone.datetime.combine(day, time, tzinfo=zone) for day in found.pop("days")]
        return {**found, "starts": starts}


class ReasonForm(ScopedForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Whoever registered it reads it. Nothing about health."),
    )


class NoteForm(ScopedForm):
    note = forms.CharField(label=gettext_lazy("Note"), max_length=500, required=False)


class OverrideForm(ScopedForm):
    counts = forms.ChoiceField(
        label=gettext_lazy("Grant"),
        choices=[
            ("yes", gettext_lazy("Counts")),
            ("no", gettext_lazy("Does not count")),
            ("rules", gettext_lazy("As the rules say")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, required=False)
    evidence = forms.CharField(
        label=gettext_lazy("Evidence"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Where it is proved: a document, a decision."),
    )


def _last_type(mentor: Any) -> ActivityType | None:
    last = Activity.objects.filter(mentor=mentor, type__is_active=True).order_by("-created_at")
    found = last.select_related("type").first()
    return found.type if found is not None else None
