"""Signing in to the admin."""

import secrets
import time

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from wagtail.admin.forms.auth import LoginForm
from wagtail.admin.views import account

from api.core.limits import address_of
from domain.identity.browsers import DEVICE_COOKIE, browser_device
from domain.identity.guessing import account_of, begin_attempt
from domain.identity.limits import TooManyAttempts
from domain.identity.models import User
from domain.identity.rules import announce_session, candidate
from domain.identity.second_step import WITHIN, is_asked_of

ACCESS_ADMIN = "wagtailadmin.access_admin"
# In a browser's session: it was opened by password alone, and opens the page that makes a passkey alone.
PASSKEY_NEEDED = "passkey_needed"
# In a browser's session before anybody is signed in: whose password was right, and what comes next.
PENDING = "second_step"
_BACKEND = settings.AUTHENTICATION_BACKENDS[0]


def enter(request: HttpRequest, user: User, *, method: str, remember: bool = False) -> None:
    """Sign a member in to the admin, who has just proved who they are by `method` (as `rules.admit`).

    The browser gets a new session key; a browser that is new to the person is announced to them by mail.
    """
    request.session.set_expiry(settings.ADMIN_REMEMBERED_DAYS * 24 * 60 * 60 if remember else 0)
    login(request, user, backend=_BACKEND)
    session = request.auth  # type: ignore[attr-defined]
    device = browser_device(request.META.get("HTTP_USER_AGENT", ""), device_secret(request))
    request.device_secret = announce_session(session, device=device, method=method)  # type: ignore[attr-defined]


def begin_second_step(request: HttpRequest, user: User, *, remember: bool, next_url: str) -> None:
    """Remember whose password was right until their passkey has said the same."""
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": str(user.pk),
        "until": time.time() + WITHIN,
        "secret": secrets.token_urlsafe(32),
        "remember": remember,
        "next": next_url,
    }


def device_secret(request: HttpRequest) -> str:
    """What the browser keeps to be known by, if it was given that."""
    return request.COOKIES.get(DEVICE_COOKIE, "")


class SignInForm(LoginForm):
    """E-mail and password; attempts are counted together with those over the API, before any is checked.

    The answer is the same whether the address is unknown, the password wrong or the person no member here.
    Only someone who knows their password learns that their role has no admin.
    """

    # Shown as an e-mail field, but not validated as one: a mistyped address is a failed sign-in like others.
    username = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "data-password": ""}),
    )
    error_messages = {
        **LoginForm.error_messages,
        "invalid_login": _(
            "E-mail address and password don't match an account with access here. Try again, "
            "or ask your organisation."
        ),
        "no_admin": _("Your account has no access to the admin. Peer mentors use the app instead."),
    }

    def __init__(self, request=None, *args, **kwargs):
        super().__init__(request, *args, **kwargs)
        # A placeholder that repeats the label vanishes while one types and adds nothing before.
        for field in (self.fields["username"], self.fields["password"]):
            field.widget.attrs.pop("placeholder", None)

    def clean(self):
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email is None or not password:
            return self.cleaned_data
        account = account_of(email)
        try:
            attempt = begin_attempt(
                account, address=address_of(self.request), device_secret=device_secret(self.request)
            )
        except TooManyAttempts as refusal:
            raise ValidationError(str(refusal.message), code=refusal.code) from refusal
        self.user_cache = self._member(account, password)
        attempt.succeeded()
        self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data

    def _member(self, account: str, password: str) -> User:
        user = candidate(account, self.request.tenant)
        if user is None:
            make_password(password)  # As slow as checking one.
            raise self.get_invalid_login_error()
        member = user.is_active and user.is_member  # type: ignore[attr-defined]
        if not check_password(password, user.password) or not member:
            raise self.get_invalid_login_error()
        return user

    def confirm_login_allowed(self, user):
        super().confirm_login_allowed(user)
        if not user.has_perm(ACCESS_ADMIN):
            raise ValidationError(self.error_messages["no_admin"], code="no_admin")


@method_decorator(sensitive_post_parameters(), name="dispatch")
class SignInView(account.LoginView):
    """The login page, in the organisation's branding."""

    def form_valid(self, form):
        user, remember = form.get_user(), bool(form.cleaned_data.get("remember"))
        if not is_asked_of(user):
            enter(self.request, user, method="password", remember=remember)
            return HttpResponseRedirect(self.get_success_url())
        if user.passkeys.exists():
            begin_second_step(self.request, user, remember=remember, next_url=self.get_success_url())
            return redirect("second_step")
        enter(self.request, user, method="password", remember=remember)
        self.request.session[PASSKEY_NEEDED] = True
        return redirect("passkeys")
