"""Passkeys in the admin: signing in, the account page that keeps them, and confirming that it is still you.

Ceremonies are two calls of a script each (cms/static/cms/sign_in/passkeys.js), in JSON. Everything else works
without scripts; so does signing in, by password.
"""

import json
from functools import wraps
from secrets import token_urlsafe
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic.edit import FormMixin
from wagtail.admin import messages
from wagtail.admin.auth import require_admin_access

from api.core.limits import address_of
from domain.core.errors import DomainError
from domain.identity import passkeys, webauthn
from domain.identity.errors import AuthenticationRefused, StepUpRequired
from domain.identity.limits import TooManyAttempts
from domain.identity.passkey_questions import Asker

from .confirmation import redirect_to_confirmation
from .sessions import AccountPage
from .sign_in import ACCESS_ADMIN, PASSKEY_NEEDED, SignInForm, enter

# Ties the question of a sign-in to the browser that asked. For that page alone, and until it is closed.
BROWSER_COOKIE = "passkey"
LARGEST_ANSWER = 64 * 1024  # bytes; an authenticator's is a few thousand at most


# --- What the script calls ----------------------------------------------------------------------------------


def ceremony(view):
    """A view that a script posts to, and that answers in JSON, refusals included."""

    @never_cache
    @require_POST
    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except TooManyAttempts as refusal:
            return _refusal(refusal, 429)
        except AuthenticationRefused as refusal:
            return _refusal(refusal, 401)
        except StepUpRequired as refusal:
            return _refusal(refusal, 403, confirm=reverse("confirm_identity"))
        except DomainError as refusal:
            return _refusal(refusal, 400)

    return answered


def _refusal(refusal: DomainError, status: int, **more: str) -> JsonResponse:
    return JsonResponse({"detail": str(refusal.message), "code": refusal.code, **more}, status=status)


def json_body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that was posted, its credential an object too; whatever else becomes an empty one."""
    try:
        body = json.loads(request.body) if len(request.body) <= LARGEST_ANSWER else None
    except (ValueError, RecursionError):
        body = None
    body = body if isinstance(body, dict) else {}
    credential = body.get("credential")
    return {**body, "credential": credential if isinstance(credential, dict) else {}}


@ceremony
def sign_in_options(request: HttpRequest):
    secret = request.COOKIES.get(BROWSER_COOKIE) or token_urlsafe(32)
    asker = Asker(request.tenant, f"browser {secret}", address=address_of(request))
    response = JsonResponse({"options": passkeys.sign_in_options(asker=asker)})
    response.set_cookie(
        BROWSER_COOKIE,
        secret,
        path=reverse("passkey_sign_in"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


@ceremony
def sign_in(request: HttpRequest):
    body = json_body(request)
    secret = request.COOKIES.get(BROWSER_COOKIE) or token_urlsafe(32)
    asker = Asker(request.tenant, f"browser {secret}", address=address_of(request))
    user = passkeys.recognise(credential=body["credential"], asker=asker)
    if not user.has_perm(ACCESS_ADMIN):
        detail = str(SignInForm.error_messages["no_admin"])
        return JsonResponse({"detail": detail, "code": "no-admin"}, status=403)
    enter(request, user, method="passkey", remember=body.get("remember") is True)
    return JsonResponse({"next": _next(request, str(body.get("next") or ""), reverse("wagtailadmin_home"))})


def _asker(request: HttpRequest) -> Asker:
    """Of whoever is signed in to the admin: the session counts, not what a page may have read."""
    session = request.auth
    return Asker(request.tenant, f"session {session.pk}", session, address_of(request))


@require_admin_access
@ceremony
def registration_options(request: HttpRequest):
    return JsonResponse({"options": passkeys.registration_options(request.user, asker=_asker(request))})


@require_admin_access
@ceremony
def register(request: HttpRequest):
    body = json_body(request)
    passkey = passkeys.register(
        credential=body["credential"],
        name=str(body.get("name") or ""),
        asker=_asker(request),
        by=request.user,
    )
    request.session.pop(PASSKEY_NEEDED, None)
    messages.success(request, _t("The passkey “%(name)s” is ready.") % {"name": passkey.name})
    return JsonResponse({"next": reverse("passkeys")})


@require_admin_access
@ceremony
def confirm_options(request: HttpRequest):
    return JsonResponse({"options": passkeys.step_up_options(request.user, asker=_asker(request))})


@require_admin_access
@ceremony
def confirm_passkey(request: HttpRequest):
    body = json_body(request)
    passkeys.confirm(credential=body["credential"], asker=_asker(request), by=request.user)
    return JsonResponse({"next": _next(request, str(body.get("next") or ""), reverse("passkeys"))})


def _next(request: HttpRequest, wanted: str, otherwise: str) -> str:
    """An address of this host to go on to; whatever else was asked for is left alone."""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else otherwise


# --- Pages --------------------------------------------------------------------------------------------------


_signed_in = method_decorator([never_cache, require_admin_access], name="dispatch")


@_signed_in
class PasskeysPage(AccountPage):
    """One's passkeys, and a button that adds one."""

    page_title = _("Passkeys")
    template_name = "passkeys/index.html"
    header_icon = "key"

    def get_context_data(self, **kwargs):
        own = list(passkeys.passkeys_of(self.request.user))
        return {
            **super().get_context_data(**kwargs),
            "passkeys": own,
            "is_needed": self.request.session.get(PASSKEY_NEEDED),
            "has_password": passkeys.is_password_set(self.request.user),
            "is_full": len(own) >= passkeys.MOST_PASSKEYS,
            "longest_name": passkeys.LONGEST_NAME,
            # For the device's own list of passkeys: which of them still open something here.
            "known": {
                "rpId": webauthn.relying_party(self.request.tenant),
                "userId": webauthn.encoded(self.request.user.pk.bytes),
                "allAcceptedCredentialIds": [webauthn.encoded(bytes(one.credential_id)) for one in own],
            },
        }


class _OnePasskey(AccountPage):
    """A page about one of one's own passkeys; anybody else's doesn't exist."""

    header_icon = "key"

    def dispatch(self, request, *args, **kwargs):
        self.passkey = passkeys.passkeys_of(request.user).filter(pk=kwargs["id"]).first()
        if self.passkey is None:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        *above, here = super().get_breadcrumbs_items()
        return [*above, {"url": reverse("passkeys"), "label": _t("Passkeys")}, here]

    def get_page_subtitle(self):
        return self.passkey.name

    def get_context_data(self, **kwargs):
        return super().get_context_data(passkey=self.passkey, **kwargs)


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=passkeys.LONGEST_NAME,
        help_text=_("So that you recognise it: the device, or the app that keeps it."),
    )


@_signed_in
class RenamePage(FormMixin, _OnePasskey):
    page_title = _("Rename passkey")
    template_name = "passkeys/rename.html"
    form_class = NameForm

    def get_initial(self):
        return {"name": self.passkey.name}

    def post(self, request, *args, **kwargs):
        form = self.get_form()
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def form_valid(self, form):
        try:
            passkeys.rename(self.passkey, name=form.cleaned_data["name"], by=self.request.user)
        except DomainError as refusal:
            form.add_error("name", str(refusal.message))
            return self.form_invalid(form)
        messages.success(
            self.request, _t("The passkey is now called “%(name)s”.") % {"name": self.passkey.name}
        )
        return redirect("passkeys")


@_signed_in
class RemovePage(_OnePasskey):
    page_title = _("Remove passkey")
    template_name = "passkeys/remove.html"

    def post(self, request, *args, **kwargs):
        try:
            passkeys.remove(self.passkey, asker=_asker(request), by=request.user)
        except StepUpRequired:
            return redirect_to_confirmation(request)
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _t("The passkey “%(name)s” is removed.") % {"name": self.passkey.name})
        return redirect("passkeys")


# Below /admin/, before Wagtail's own.
urlpatterns = [
    path("login/passkey/", sign_in, name="passkey_sign_in"),
    path("login/passkey/options/", sign_in_options, name="passkey_sign_in_options"),
    path("account/passkeys/", PasskeysPage.as_view(), name="passkeys"),
    path("account/passkeys/register/", register, name="passkey_register"),
    path("account/passkeys/register/options/", registration_options, name="passkey_register_options"),
    path("account/passkeys/<uuid:id>/", RenamePage.as_view(), name="passkey_rename"),
    path("account/passkeys/<uuid:id>/remove/", RemovePage.as_view(), name="passkey_remove"),
    path("confirm/passkey/", confirm_passkey, name="passkey_confirm"),
    path("confirm/passkey/options/", confirm_options, name="passkey_confirm_options"),
]
