"""Sending an assignment: choose whom it is about, then write it and choose who gets it."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.widgets import AdminDateTimeInput

from cms.admin.associations.choosers import AssociationWidget
from cms.admin.people.choosers import ContactWidget
from cms.admin.scoped import ScopedForm, ScopedPageView
from domain.assignments import rules
from domain.assignments.choices import PARTS
from domain.assignments.content import from_contact
from domain.assignments.queries import Candidate, candidates
from domain.associations.models import LocalAssociation
from domain.associations.models.locations import VIEW_LOCATIONS
from domain.audit.guard import recorded
from domain.certification.choices import RoleContext
from domain.core.errors import DomainError
from domain.people.models import Contact


class AboutForm(ScopedForm):
    """The first step: whom it is about, and as what somebody is asked."""

    contact = forms.ModelChoiceField(
        label=gettext_lazy("Who it is about"),
        queryset=Contact.objects.present(),
        widget=ContactWidget,
        required=False,
        help_text=gettext_lazy("What is known of the person is filled in; that you read it is recorded."),
    )
    local_association = forms.ModelChoiceField(
        label=gettext_lazy("Local association"),
        queryset=LocalAssociation.objects.all(),
        widget=AssociationWidget,
        required=False,
        help_text=gettext_lazy("Only where it is about nobody who is registered."),
    )
    role_context = forms.ChoiceField(
        label=gettext_lazy("Asked as"),
        choices=RoleContext.choices,
        initial=RoleContext.MENTOR,
        widget=forms.RadioSelect,
    )

    def clean(self):
        values = super().clean()
        if not self.errors and not (values.get("contact") or values.get("local_association")):
            self.add_error("contact", _("Choose somebody, or a local association."))
        return values


class MentorSelect(forms.RadioSelect):
    """Mentors who can't be chosen stand there with the reason."""

    refused: frozenset[str] = frozenset()

    def create_option(self, name, value, label, selected, index, subindex=None, attrs=None):
        option = super().create_option(name, value, label, selected, index, subindex, attrs)
        if str(value) in self.refused:
            option["attrs"]["disabled"] = True
        return option


class LetterForm(forms.Form):
    """The second step: who gets it, and what it says."""

    recipient = forms.TypedChoiceField(
        label=gettext_lazy("Who gets it"), coerce=UUID, choices=(), widget=MentorSelect
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=PARTS["name"], required=False)
    address = forms.CharField(label=gettext_lazy("Address"), max_length=PARTS["address"], required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=PARTS["phone"], required=False)
    medical_summary = forms.CharField(
        label=gettext_lazy("Medical summary"),
        max_length=PARTS["medical_summary"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("What the mentor needs to know, and no more."),
    )
    message = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=PARTS["message"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    expires_at = forms.DateTimeField(
        label=gettext_lazy("Expires"),
        required=False,
        widget=AdminDateTimeInput,
        help_text=gettext_lazy("Then the content is destroyed. Empty: in 30 days."),
    )

    def __init__(self, *args: Any, mentors: list[Candidate], **kwargs: Any):
        super().__init__(*args, **kwargs)
        field: Any = self.fields["recipient"]
        # Those who can't be chosen stand last.
        mentors = sorted(mentors, key=lambda each: bool(each.reason))
        field.choices = [
            (str(each.user.pk), f"{each.user} – {each.reason}" if each.reason else str(each.user))
            for each in mentors
        ]
        field.widget.refused = frozenset(str(each.user.pk) for each in mentors if each.reason)

    def content(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in PARTS}


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class DispatchView(ScopedPageView, FormView):
    """Both steps; the second begins with what stands on the contact's page, whose reading is recorded."""

    permission = "add"
    template_name = "assignments/dispatch.html"
    header_icon = "mail"

    def get_page_title(self):
        return _("Send an assignment")

    @cached_property
    def about(self) -> AboutForm:
        given = self.request.GET if "role_context" in self.request.GET else None
        return AboutForm(given, scope=self.scope)

    @cached_property
    def is_second_step(self) -> bool:
        return self.about.is_bound and self.about.is_valid()

    def get_form(self, form_class=None):
        if not self.is_second_step:
            return self.about
        mentors = candidates(self.scope, self.about.cleaned_data["role_context"])
        if self.request.method == "POST":
            return LetterForm(self.request.POST, mentors=mentors)
        contact = self.about.cleaned_data["contact"]
        known = from_contact(contact, by=self.request.user, scope=self.scope) if contact else {}
        # Whoever was chosen on the page of who is near.
        chosen = {"recipient": self.request.GET.get("recipient", "")}
        return LetterForm(initial={**known, **chosen}, mentors=mentors)

    def post(self, request, *args, **kwargs):
        if not self.is_second_step:
            return self.get(request, *args, **kwargs)
        form = self.get_form()
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def form_valid(self, form):
        about, values, by = self.about.cleaned_data, form.cleaned_data, self.request.user
        chosen = {each.user.pk: each.user for each in candidates(self.scope, about["role_context"])}
        try:
            with transaction.atomic(), recorded(what="assignments dispatch"):
                row = rules.write_assignment(
                    recipient=chosen.get(values["recipient"]),
                    content=form.content(),
                    contact=about["contact"],
                    local_association=None if about["contact"] else about["local_association"],
                    role_context=about["role_context"],
                    expires_at=values["expires_at"],
                    by=by,
                )
                row = rules.send_assignment(row, by=by)
        except PermissionDenied:
            raise
        except DomainError as refusal:
            field = refusal.field.removeprefix("content/")
            form.add_error(field if field in form.fields else None, str(refusal.message))
            return self.form_invalid(form)
        messages.success(self.request, _("The assignment is sent."))
        return redirect(reverse(self.viewset.get_url_name("inspect"), args=[row.pk]))

    def near_url(self) -> str:
        """Where to see who is near whom it is about."""
        contact = self.about.cleaned_data["contact"] if self.is_second_step else None
        sees = contact is not None and self.scope.can(VIEW_LOCATIONS)
        return reverse("contacts:mentors_near", args=[contact.pk]) if sees else ""

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        form = context["form"]
        return {
            **context,
            "media": form.media,
            "is_second_step": self.is_second_step,
            "near_url": self.near_url(),
            "about": self.about,
            "about_contact": self.about.cleaned_data["contact"] if self.is_second_step else None,
            "has_mentors": not self.is_second_step or bool(form.fields["recipient"].choices),
            "action_url": self.request.get_full_path(),
            "start_url": self.request.path,
            "cancel_url": reverse(self.viewset.get_url_name("index")),
        }
