"""A passkey, or a recovery code, after the password: the second page of signing in to the admin."""

import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from api.core.limits import address_of
from domain.core.errors import DomainError
from domain.identity.models import User
from domain.identity.second_step import SecondStepOver, answer, asker, check_code, question

from .passkeys import ceremony, json_body
from .sign_in import PASSKEY_NEEDED, PENDING, device_secret, enter

# What a session that lacks a passkey opens: making one, confirming, and leaving.
OPEN_WITHOUT = (
    "/admin/account/passkeys/",
    "/admin/confirm/",
    "/admin/jsi18n/",
    "/admin/login/",
    "/admin/logout/",
    "/admin/password/",
    "/admin/sprite/",
)


def pending_of(request: HttpRequest) -> tuple[User, dict[str, Any]]:
    """Whose password was right a moment ago in this browser, and what was noted. Raises SecondStepOver."""
    found = request.session.get(PENDING)
    if not found or found["until"] < time.time():
        request.session.pop(PENDING, None)
        raise SecondStepOver
    user = User.objects.filter(pk=found["user"], is_active=True).first()
    if user is None:
        raise SecondStepOver
    return user, found


def _asker(request: HttpRequest, found: dict[str, Any]):
    tenant = request.tenant  # type: ignore[attr-defined]
    return asker(tenant, found["secret"], address=address_of(request))


def _finish(request: HttpRequest, user: User, found: dict[str, Any], *, method: str) -> str:
    request.session.pop(PENDING, None)
    enter(request, user, method=method, remember=found["remember"])
    return found["next"]


@ceremony
def options(request: HttpRequest):
    user, found = pending_of(request)
    return JsonResponse({"options": question(user, asker=_asker(request, found))})


@ceremony
def verify(request: HttpRequest):
    user, found = pending_of(request)
    answer(user, credential=json_body(request)["credential"], asker=_asker(request, found))
    return JsonResponse({"next": _finish(request, user, found, method="password+passkey")})


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Recovery code"),
        max_length=100,
        help_text=_("One of the codes you wrote down. It is used up by this."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def __init__(self, *args, request, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.person = request, person

    def clean_code(self):
        try:
            check_code(
                self.person,
                code=self.cleaned_data["code"],
                organization=self.request.tenant,
                address=address_of(self.request),
                secret=device_secret(self.request),
            )
        except DomainError as refusal:
            text = _("This is none of your recovery codes, or it has been used.")
            text = refusal.message if refusal.code == "rate-limited" else text
            raise ValidationError(str(text), code=refusal.code) from refusal
        return self.cleaned_data["code"]


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class SecondStepView(FormView):
    """Whoever comes here too late, or without a password, begins anew."""

    template_name = "sign_in/second_step.html"
    form_class = CodeForm

    def dispatch(self, request, *args, **kwargs):
        try:
            self.person, self.found = pending_of(request)
        except SecondStepOver:
            return redirect("wagtailadmin_login")
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "request": self.request, "person": self.person}

    def form_valid(self, form):
        return redirect(_finish(self.request, self.person, self.found, method="recovery-code"))


class PasskeyNeededMiddleware:
    """A session that was opened by password alone, where a passkey is asked for, is for making one."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        return self.get_response(request)

    def process_view(self, request, _view, _args, _kwargs):
        if not request.path_info.startswith("/admin/") or request.path_info.startswith(OPEN_WITHOUT):
            return None
        if request.user.is_authenticated and request.session.get(PASSKEY_NEEDED):
            return redirect("passkeys")
        return None


urlpatterns = [
    path("login/second-step/", SecondStepView.as_view(), name="second_step"),
    path("login/second-step/passkey/", verify, name="second_step_passkey"),
    path("login/second-step/passkey/options/", options, name="second_step_options"),
]
