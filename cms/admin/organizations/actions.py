"""What can be done to an organisation, each after a page that says what follows and asks why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic.edit import FormMixin
from wagtail.admin import messages

from cms.admin.confirmation import redirect_to_confirmation
from domain.access.breaches import end_sessions_of
from domain.core.errors import DomainError
from domain.identity.verification import is_recent
from tenants.choices import OrganizationStatus
from tenants.jobs import enqueue
from tenants.lifecycle import reopen_organization, resume_organization, suspend_organization
from tenants.models import JobRun, Organization
from tenants.organization_jobs import CLOSE

from .access import CHANGE
from .detail import OrganizationPage


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Kept in the platform's record and shown on the organisation's page."),
    )


class ConfirmForm(forms.Form):
    """Nothing to fill in: the button is the answer."""


@dataclass(frozen=True)
class Action:
    """One thing that can be done; `perform` returns the job run to watch, if it takes a while.

    `needs_proof`: whoever does it proves anew who they are.
    """

    label: Any
    question: Any
    consequences: Any
    done: Any
    states: frozenset[str]
    perform: Callable[[Organization, Any, str], JobRun | None]
    needs_reason: bool = False
    needs_proof: bool = False
    serious: bool = False


def _suspend(organization: Organization, by: Any, reason: str) -> None:
    suspend_organization(organization, by=by, reason=reason)


def _resume(organization: Organization, by: Any, reason: str) -> None:
    resume_organization(organization, by=by)


def _reopen(organization: Organization, by: Any, reason: str) -> None:
    reopen_organization(organization, by=by)


def _close(organization: Organization, by: Any, reason: str) -> JobRun:
    return enqueue(CLOSE, organization, key="close", by=str(by.pk), reason=reason)


def _end_sessions(organization: Organization, by: Any, reason: str) -> None:
    end_sessions_of(organization, by=by, reason=reason)


ACTIONS: dict[str, Action] = {
    "suspend": Action(
        label=gettext_lazy("Suspend"),
        question=gettext_lazy("Suspend %(name)s?"),
        consequences=gettext_lazy(
            "Nobody can use its admin or app until it is resumed: its hosts say that it is suspended. "
            "Its data is kept, and jobs of its own wait."
        ),
        done=gettext_lazy("%(name)s is suspended."),
        states=frozenset({OrganizationStatus.ACTIVE}),
        perform=_suspend,
        needs_reason=True,
        serious=True,
    ),
    "resume": Action(
        label=gettext_lazy("Resume"),
        question=gettext_lazy("Resume %(name)s?"),
        consequences=gettext_lazy("Its admin and app work again at once, with everything as it was."),
        done=gettext_lazy("%(name)s is in use again."),
        states=frozenset({OrganizationStatus.SUSPENDED}),
        perform=_resume,
    ),
    "end-sessions": Action(
        label=gettext_lazy("End all sessions"),
        question=gettext_lazy("End all sessions of %(name)s?"),
        consequences=gettext_lazy(
            "For a suspected break-in. Everybody is signed out of its admin and its app at once, and signs "
            "in again with the password or passkey they have. It is on the organisation's record too."
        ),
        done=gettext_lazy("All sessions of %(name)s have ended."),
        states=frozenset({OrganizationStatus.ACTIVE, OrganizationStatus.SUSPENDED}),
        perform=_end_sessions,
        needs_reason=True,
        needs_proof=True,
        serious=True,
    ),
    "close": Action(
        label=pgettext_lazy("organisation", "Close"),
        question=gettext_lazy("Close %(name)s?"),
        consequences=gettext_lazy(
            "First everything it has is written to a dump. Then its hosts say that it is closed, and when "
            "the grace period is over its data is deleted. Until then it can be reopened."
        ),
        done=gettext_lazy("%(name)s is closed."),
        states=frozenset({OrganizationStatus.ACTIVE, OrganizationStatus.SUSPENDED}),
        perform=_close,
        needs_reason=True,
        serious=True,
    ),
    "reopen": Action(
        label=gettext_lazy("Reopen"),
        question=gettext_lazy("Reopen %(name)s?"),
        consequences=gettext_lazy(
            "Its admin and app work again at once, and its data is no longer due for deletion."
        ),
        done=gettext_lazy("%(name)s is open again."),
        states=frozenset({OrganizationStatus.CLOSED}),
        perform=_reopen,
    ),
}


class OrganizationFormView(FormMixin, OrganizationPage):
    """A form about an organisation whose `apply` calls the rules; their refusals stand above the form."""

    template_name = "organizations/form.html"
    permission = CHANGE
    question: Any = ""
    explanation: Any = ""
    button: Any = gettext_lazy("Save")
    serious = False

    def apply(self, form) -> JobRun | None:
        raise NotImplementedError

    def success_message(self) -> str:
        raise NotImplementedError

    def get_page_title(self):
        return self.question % {"name": self.organization.name}

    def post(self, request, *args, **kwargs):
        form = self.get_form()
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            run = self.apply(form)
        except ValidationError as refusal:
            self.add_refusal(form, refusal)
            return self.render_to_response(self.get_context_data(form=form))
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
            return self.render_to_response(self.get_context_data(form=form))
        if run is not None:
            return redirect(f"{reverse('organizations:run', args=[run.pk])}?follow=1")
        messages.success(request, self.success_message())
        return redirect(self.get_success_url())

    @staticmethod
    def add_refusal(form, refusal: ValidationError) -> None:
        """Each message at its field, where the form has it."""
        if not hasattr(refusal, "error_dict"):
            form.add_error(None, refusal)
            return
        for field, errors in refusal.error_dict.items():
            form.add_error(field if field in form.fields else None, errors)

    def get_success_url(self):
        return reverse("organizations:detail", args=[self.organization.pk])

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "organization": self.organization,
            "explanation": self.explanation,
            "button": self.button,
            # Questions stand above the form too: on a phone the header has no room for them.
            "asks": bool(self.explanation),
            "serious": self.serious,
            "cancel_url": self.get_success_url(),
            "media": context["form"].media,
        }


class ActionView(OrganizationFormView):
    """Asks for confirmation and a reason, then does it."""

    @property
    def action(self) -> Action:
        try:
            return ACTIONS[self.kwargs["action"]]
        except KeyError:
            raise Http404 from None

    def dispatch(self, request, *args, **kwargs):
        if self.action.needs_proof and not is_recent(getattr(request, "auth", None)):
            return redirect_to_confirmation(request)
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self):
        return ReasonForm if self.action.needs_reason else ConfirmForm

    def get_page_title(self):
        return self.action.question % {"name": self.organization.name}

    @property
    def explanation(self):
        return self.action.consequences

    @property
    def button(self):
        return self.action.label

    @property
    def serious(self):
        return self.action.serious

    def apply(self, form):
        if self.organization.status not in self.action.states:
            raise ValidationError(
                _("%(name)s can't be changed this way while its status is “%(status)s”."),
                params={
                    "name": self.organization.name,
                    "status": self.organization.get_status_display(),
                },
            )
        return self.action.perform(self.organization, self.request.user, form.cleaned_data.get("reason", ""))

    def success_message(self):
        return self.action.done % {"name": self.organization.name}
