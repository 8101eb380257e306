"""Accepting an invitation on the organisation's host, in its colours: with a new account or one's own."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from api.core.limits import address_of
from cms.admin.passkeys import ceremony, json_body
from cms.admin.sign_in import ACCESS_ADMIN, enter
from domain.access.accepting import accept_with_passkey, passkey_options
from domain.access.choices import Role
from domain.access.invitations import Acceptance, InvitationOver, accept, find
from domain.access.roles import PERMISSIONS
from domain.config.choices import Term
from domain.config.terminology import term
from domain.core.errors import DomainError
from domain.identity.limits import TooManyAttempts

PASSWORD = {"max_length": 1024, "strip": False}


class NewAccountForm(forms.Form):
    prefix = "new"
    first_name = forms.CharField(
        label=_("First name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    password = forms.CharField(
        label=_("Choose a password"),
        help_text=_("At least 12 characters. A sentence is easy to remember and hard to guess."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        **PASSWORD,
    )

    def acceptance(self) -> Acceptance:
        return Acceptance(**self.cleaned_data)


class OwnAccountForm(forms.Form):
    prefix = "own"
    password = forms.CharField(
        label=_("Your password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        **PASSWORD,
    )

    def acceptance(self) -> Acceptance:
        return Acceptance(password=self.cleaned_data["password"], has_account=True)


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class InvitationView(View):
    """Both ways stand on the page for everyone, so that it says nothing about accounts."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            invitation = find(token, address=address_of(request))
        except (InvitationOver, TooManyAttempts) as refusal:
            return self.refused(refusal)
        initial = {"first_name": invitation.first_name, "last_name": invitation.last_name}
        return self.page(invitation, token, NewAccountForm(initial=initial), OwnAccountForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            invitation = find(token, address=address_of(request))
            is_new = request.POST.get("way") == "new"
            form: Any = NewAccountForm(request.POST) if is_new else OwnAccountForm(request.POST)
            if form.is_valid():
                try:
                    user = accept(token, form.acceptance(), address=address_of(request))
                except (InvitationOver, TooManyAttempts):
                    raise
                except DomainError as refusal:
                    form.add_error(
                        refusal.field if refusal.field in form.fields else None, str(refusal.message)
                    )
                else:
                    admin = "wagtailadmin.access_admin" in PERMISSIONS[invitation.role]
                    return self.answer(
                        "invitation/accepted.html", {"person": user, "has_admin": admin}, status=200
                    )
        except (InvitationOver, TooManyAttempts) as refusal:
            return self.refused(refusal)
        new, own = (form, OwnAccountForm()) if is_new else (NewAccountForm(), form)
        return self.page(invitation, token, new, own, status=422)

    def page(self, invitation, token: str, new, own, *, status: int = 200) -> HttpResponse:
        role = invitation.role
        return self.answer(
            "invitation/accept.html",
            {
                "invitation": invitation,
                "token": token,
                "role": term(Term(role)) if role in Term.values else Role(role).label.lower(),
                "new": new,
                "own": own,
            },
            status=status,
        )

    def refused(self, refusal: DomainError) -> HttpResponse:
        is_over = isinstance(refusal, InvitationOver)
        return self.answer(
            "invitation/over.html", {"reason": refusal.message}, status=410 if is_over else 429
        )

    def answer(self, template: str, context: dict[str, Any], *, status: int) -> HttpResponse:
        response = render(self.request, template, context, status=status)
        # The address is a secret: no site that is linked to learns it, and no search engine lists it.
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response


@ceremony
def passkey_question(request: HttpRequest, token: str) -> JsonResponse:
    options = passkey_options(
        token,
        organization=request.tenant,
        address=address_of(request),  # type: ignore[attr-defined]
    )
    return JsonResponse({"options": options})


@ceremony
def passkey_answer(request: HttpRequest, token: str) -> JsonResponse:
    """Join by passkey. Whoever may use the admin is signed in to it: they have just proved who they are."""
    user = accept_with_passkey(
        token,
        credential=json_body(request)["credential"],
        organization=request.tenant,  # type: ignore[attr-defined]
        address=address_of(request),
    )
    if user.has_perm(ACCESS_ADMIN):
        enter(request, user, method="passkey")
        return JsonResponse({"next": reverse("wagtailadmin_home")})
    return JsonResponse({"next": reverse("invitation_accepted")})


def welcome(request: HttpRequest) -> HttpResponse:
    """Where whoever joined by passkey and has no admin is told to open the app."""
    return render(request, "invitation/accepted.html")
