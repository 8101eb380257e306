"""Correcting an activity: a draft or one that was sent back as it is; one that waits is taken back first."""

from datetime import datetime, timedelta
from datetime import timezone as fixed_zone
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from cms.admin.scoped.views import ScopedEditView
from domain.activities.choices import ActivityStatus
from domain.activities.deciding import submit_activity, withdraw_activity
from domain.activities.judging import explain
from domain.activities.models import Activity, ActivityType
from domain.activities.models.activities import shown_contacts
from domain.activities.rules import change_activity
from domain.associations.models import LocalAssociationMembership
from domain.certification.queries import zone_here
from domain.identity.models import User
from domain.people.models import Contact, ContactMentor

from .forms import AboutActivity, mentors


class EditForm(AboutActivity):
    """The facts of an activity. Times are by the clocks of the place; what is sealed is only written anew."""

    started_at = forms.DateTimeField(label=gettext_lazy("Began"), widget=forms.DateTimeInput)
    leaders = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Led by"),
        queryset=User.objects.all(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Say who led it.")},
    )

    class Meta(AboutActivity.Meta):
        fields = [*AboutActivity.Meta.fields, "country"]

    field_order = [
        *("type", "started_at", "duration_minutes", "mode", "leaders", "contacts", "further_participants"),
        *("theme", "place", "country", "summary"),
    ]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        row: Activity = self.instance
        kind: Any = self.fields["type"]
        kind.queryset = kind.queryset | ActivityType.objects.filter(pk=row.type_id)
        self.begun = row.local_start.replace(second=0, microsecond=0, tzinfo=None)
        self.fields["started_at"].initial = self.begun.strftime("%Y-%m-%d %H:%M")
        self.fields["summary"].label = _("New summary")
        self.fields["summary"].help_text = _("Kept encrypted. Empty: what is written stays.")
        self.offer_leaders(row)
        self.offer_contacts_of(row)

    def offer_leaders(self, row: Activity) -> None:
        """Who led it, and the mentors who belong where it belongs."""
        self.led = [each.user_id for each in row.leaders.order_by("id")]
        field: Any = self.fields["leaders"]
        if None in self.led:
            # Of somebody who was erased nothing is left to be chosen; that they led it stays.
            del self.fields["leaders"]
            return
        near = LocalAssociationMembership.objects.current().filter(association=row.local_association)
        offered = mentors().filter(pk__in=near.order_by().values("user")).values("pk")
        keys = {*self.led, *(each["pk"] for each in offered[:100])}
        field.queryset = User.objects.filter(pk__in=keys).order_by("name_key", "pk")
        field.initial = self.led

    def offer_contacts_of(self, row: Activity) -> None:
        """Who took part, as far as the caller sees them, and whom the mentor supports."""
        self.shown = [each.pk for each in shown_contacts(row, self.scope)]
        supported = ContactMentor.objects.holding().filter(user=row.mentor).order_by().values("contact")
        field: Any = self.fields["contacts"]
        offered = Contact.objects.visible_to(self.scope).filter(Q(pk__in=self.shown) | Q(pk__in=supported))
        field.queryset = offered.order_by("name_key", "pk")
        field.widget = forms.CheckboxSelectMultiple(choices=field.choices)
        field.initial = self.shown
        if not field.queryset.exists():
            del self.fields["contacts"]

    def clean_started_at(self) -> datetime:
        return timezone.make_naive(self.cleaned_data["started_at"])

    def values(self) -> dict[str, Any]:
        """What is another than it was; people whom the caller doesn't see stay."""
        row: Activity = self.instance
        given = super().values()
        begun = given.pop("started_at")
        if begun != self.begun:
            given.update(self.moment(row, begun))
        if not given["summary"].strip():
            del given["summary"]
        if "leaders" in given:
            chosen = {each.pk: each for each in given.pop("leaders")}
            if set(chosen) != set(self.led):
                # Who stood first stays first.
                first = [key for key in self.led if key in chosen]
                given["leaders"] = [chosen[key] for key in (*first, *(k for k in chosen if k not in first))]
        if "contacts" in given:
            named = list(given.pop("contacts"))
            if {each.pk for each in named} != set(self.shown):
                links = row.contact_links.exclude(contact__in=self.shown).select_related("contact")
                given["contacts"] = [*named, *(link.contact for link in links)]
        return given

    def moment(self, row: Activity, begun: datetime) -> dict[str, Any]:
        """When it began, by the clocks it was registered with: abroad they stay those of the place."""
        held = row.started_at.astimezone(zone_here()).utcoffset()
        if held == timedelta(minutes=row.utc_offset_minutes):
            return {"started_at": begun.replace(tzinfo=zone_here())}
        there = fixed_zone(timedelta(minutes=row.utc_offset_minutes))
        return {
            "started_at": begun.replace(tzinfo=there),
            "utc_offset_minutes": row.utc_offset_minutes,
        }


class EditView(ScopedEditView):
    template_name = "activities/edit.html"

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        row = self.get_object()
        if row.status == ActivityStatus.APPROVED and self.may("change", row):
            messages.warning(request, _("It is approved: take the approval back before you correct it."))
            return redirect(self.viewset.url_after(self, row))
        return super().dispatch(request, *args, **kwargs)

    def get_success_message(self):
        said = explain(self.object)
        return " ".join(word for word in (_("Saved."), said.words, *said.reasons, said.mend) if word)

    def get_context_data(self, **kwargs):
        row = Activity.objects.select_related("type").get(pk=self.object.pk)
        return super().get_context_data(
            verdict=explain(row),
            counts=row.counts,
            is_waiting=row.status == ActivityStatus.SUBMITTED,
            why_rejected=row.decision_reason,
            **kwargs,
        )


def correct(row: Activity, values: dict[str, Any], *, by: Any, version: int) -> Activity:
    """Change facts; one that waits for a decision is taken back for that and handed in again."""
    if row.status != ActivityStatus.SUBMITTED:
        return change_activity(row, changes=values, by=by, version=version)
    taken = withdraw_activity(row, by=by, version=version)
    return submit_activity(change_activity(taken, changes=values, by=by), by=by)
