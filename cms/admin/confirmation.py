"""Confirming that it is still oneself, before what a forgotten open browser must not do."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from wagtail.admin.auth import require_admin_access

from domain.core.errors import DomainError
from domain.identity.verification import confirm_with_password, is_recent


class RecentlyVerifiedMixin:
    """A page of the admin that asks for a fresh proof of who one is, and comes back.

    What was typed into a form on it is lost when the proof ran out meanwhile: the page is shown anew.
    """

    def dispatch(self, request, *args, **kwargs):
        if not is_recent(getattr(request, "auth", None)):
            return redirect_to_confirmation(request)
        return super().dispatch(request, *args, **kwargs)


def redirect_to_confirmation(request) -> HttpResponseRedirect:
    """To the page that asks for the proof, and from there back to the address of this request."""
    return redirect(f"{reverse('confirm_identity')}?{urlencode({'next': request.get_full_path()})}")


class ConfirmationForm(forms.Form):
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "data-password": "", "autofocus": True}
        ),
    )

    def __init__(self, *args, session, **kwargs):
        super().__init__(*args, **kwargs)
        self.session = session

    def clean_password(self):
        password = self.cleaned_data["password"]
        try:
            confirm_with_password(self.session, password=password)
        except DomainError as refusal:
            raise ValidationError(str(refusal.message), code=refusal.code) from refusal
        return password


@method_decorator(
    [sensitive_post_parameters(), never_cache, require_admin_access],
    name="dispatch",
)
class ConfirmationView(FormView):
    template_name = "sign_in/confirm.html"
    form_class = ConfirmationForm

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "session": self.request.auth}

    def get_context_data(self, **kwargs):
        return super().get_context_data(next=self._next(), **kwargs)

    def get_success_url(self):
        return self._next()

    def _next(self) -> str:
        wanted = self.request.POST.get("next") or self.request.GET.get("next", "")
        safe = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )
        return wanted if safe else resolve_url("wagtailadmin_account")
