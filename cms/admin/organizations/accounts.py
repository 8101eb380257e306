"""An account in wrong hands: found by its address, shut out of the whole platform or let in again.

The console sees no people of organisations; only whoever knows the exact address finds the account, and that
they looked is on the platform's record.
"""

from typing import Any

from django import forms
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.edit import FormMixin
from wagtail.admin import messages

from cms.admin.confirmation import RecentlyVerifiedMixin
from domain.audit.rules import record
from domain.identity.account_jobs import SET_ACTIVE
from domain.identity.elsewhere import person_by_email
from domain.identity.models import User
from tenants.jobs import enqueue

from .access import CHANGE
from .detail import ConsolePage

# Carries the address from the search to the action: the console can't find a person by id.
FOUND = "console_account"


class FindForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        help_text=gettext_lazy("The whole address. That you looked is kept in the platform's record."),
    )


class WhyForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Kept in the platform's record, and in that of each organisation."),
    )


class AccountPage(ConsolePage):
    permission = CHANGE
    header_icon = "user"

    def remembered(self) -> User | None:
        """The account that was found last, as it is now."""
        email = self.request.session.get(FOUND)
        return person_by_email(email) if email else None


class AccountsView(FormMixin, AccountPage):
    """Find an account by its address."""

    page_title = gettext_lazy("Accounts")
    template_name = "organizations/accounts.html"
    form_class = FindForm

    def post(self, request, *args, **kwargs):
        form = self.get_form()
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        email = form.cleaned_data["email"]
        person = person_by_email(email)
        if person is None:
            request.session.pop(FOUND, None)
            form.add_error("email", _("No account has this address."))
            return self.render_to_response(self.get_context_data(form=form))
        request.session[FOUND] = email
        record("person.read", person, by=request.user, subject_ids=[person.pk])
        return redirect("accounts:index")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        person = None if self.request.method == "POST" else self.remembered()
        action = person and ("deactivate" if person.is_active else "activate")
        return {
            **context,
            "media": context["form"].media,
            "person": person,
            "is_self": person is not None and person.pk == self.request.user.pk,
            "serious": action == "deactivate",
            "action_url": person and reverse("accounts:action", args=[person.pk, action]),
        }


class AccountActionView(RecentlyVerifiedMixin, FormMixin, AccountPage):
    """Asks why and for a fresh proof; the worker does it, with rights that no web process has."""

    template_name = "organizations/form.html"
    form_class = WhyForm
    words: Any = {
        "deactivate": (
            gettext_lazy("Shut %(name)s out of the platform?"),
            gettext_lazy(
                "All their sessions end at once, in every organisation, and nobody signs in with this "
                "account until it is let in again. Memberships and roles stay. Organisations see that the "
                "sessions ended, and the reason."
            ),
            gettext_lazy("Shut out"),
        ),
        "activate": (
            gettext_lazy("Let %(name)s in again?"),
            gettext_lazy("The account works again, with the memberships and roles that still hold."),
            gettext_lazy("Let in again"),
        ),
    }

    @cached_property
    def person(self) -> User:
        person = self.remembered()
        if person is None or person.pk != self.kwargs["person"] or self.kwargs["action"] not in self.words:
            raise Http404
        return person

    def get_page_title(self):
        person = self.person  # Nothing is known of an action until there is someone to do it to.
        return self.words[self.kwargs["action"]][0] % {"name": person}

    def get_parents(self):
        return [{"url": reverse("accounts:index"), "label": _("Accounts")}]

    def post(self, request, *args, **kwargs):
        form = self.get_form()
        if self.person.pk == request.user.pk:
            form.add_error(None, _("You can't do this to your own account."))
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        run = enqueue(
            SET_ACTIVE,
            request.tenant,
            key=str(self.person.pk),
            person=str(self.person.pk),
            active=self.kwargs["action"] == "activate",
            by=str(request.user.pk),
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, _("The worker does it now: see its progress here."))
        return redirect(f"{reverse('organizations:run', args=[run.pk])}?follow=1")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        _question, explanation, button = self.words[self.kwargs["action"]]
        return {
            **context,
            "explanation": explanation,
            "button": button,
            "asks": True,
            "serious": self.kwargs["action"] == "deactivate",
            "cancel_url": reverse("accounts:index"),
            "media": context["form"].media,
        }
