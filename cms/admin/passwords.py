"""Choosing a password: forgotten, by the link of a mail; and changed, by whoever is signed in."""

from uuid import UUID

from django import forms
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import password_validators_help_texts
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from api.core.limits import address_of
from domain.core.errors import DomainError
from domain.identity.limits import TooManyAttempts
from domain.identity.passwords import change_password, person_of_link, request_reset, reset_password

from .confirmation import RecentlyVerifiedMixin

# Stands in the address instead of the token, so that the token is in no history and no Referer.
_KEPT = "set"


class ForgottenForm(forms.Form):
    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )


@method_decorator(never_cache, name="dispatch")
class ForgottenView(FormView):
    """Asks for the address. What follows is the same whether or not somebody here has it."""

    template_name = "sign_in/forgotten.html"
    form_class = ForgottenForm
    success_url = reverse_lazy("password_forgotten_sent")

    def form_valid(self, form):
        try:
            request_reset(
                email=form.cleaned_data["email"],
                organization=self.request.tenant,
                address=address_of(self.request),
            )
        except TooManyAttempts as refusal:
            form.add_error(None, str(refusal.message))
            return self.form_invalid(form)
        return super().form_valid(form)


class NewPasswordForm(forms.Form):
    """A password, twice; `save` sets it and says where it isn't good enough."""

    new_password = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "data-password": ""}),
    )
    repeated = forms.CharField(
        label=gettext_lazy("New password again"),
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "data-password": ""}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["new_password"].help_text = " ".join(password_validators_help_texts())

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("repeated") and cleaned.get("new_password") != cleaned["repeated"]:
            self.add_error("repeated", _("The two passwords are not the same."))
        return cleaned

    def apply(self, rule) -> bool:
        """Set the password by `rule(password)`; False, with the form's errors, where that is refused."""
        try:
            rule(self.cleaned_data["new_password"])
        except DomainError as refusal:
            self.add_error(None, str(refusal.message))
        except ValidationError as refusal:
            self.add_error("new_password", refusal)
        return not self.errors


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class ChooseView(FormView):
    """Where the link of the mail leads."""

    template_name = "sign_in/choose.html"
    form_class = NewPasswordForm

    def dispatch(self, request, *args, uid: str, token: str, **kwargs):
        self.user_id = _uuid(uid)
        if token != _KEPT:
            # Only then is there something to keep: a session for every stranger's guess would fill the table.
            if self._person(token) is not None:
                request.session[INTERNAL_RESET_SESSION_TOKEN] = token
                return redirect("password_choose", uid=uid, token=_KEPT)
            self.token = ""
        else:
            self.token = request.session.get(INTERNAL_RESET_SESSION_TOKEN, "")
        self.person = self._person(self.token)
        if self.person is None:
            return self.render_to_response({"view": self, "form": None}, status=404)
        return super().dispatch(request, *args, **kwargs)

    def _person(self, token: str):
        if self.user_id is None or not token:
            return None
        return person_of_link(self.user_id, token, self.request.tenant)

    def form_valid(self, form):
        def rule(password):
            reset_password(
                user_id=self.user_id, token=self.token, password=password, organization=self.request.tenant
            )

        if not form.apply(rule):
            return self.form_invalid(form)
        self.request.session.flush()
        return redirect("password_chosen")


class SentView(TemplateView):
    template_name = "sign_in/sent.html"


class ChosenView(TemplateView):
    template_name = "sign_in/chosen.html"


@method_decorator(
    [sensitive_post_parameters(), never_cache, require_admin_access],
    name="dispatch",
)
class ChangeView(RecentlyVerifiedMixin, WagtailAdminTemplateMixin, FormView):
    """Another password for whoever is signed in; it ends their other sessions."""

    template_name = "sign_in/change.html"
    form_class = NewPasswordForm
    page_title = gettext_lazy("Change password")
    header_icon = "password"

    def get_breadcrumbs_items(self):
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("wagtailadmin_account"), "label": _("Account")},
            {"url": "", "label": self.page_title},
        ]

    def form_valid(self, form):
        session = self.request.auth
        if not form.apply(lambda password: change_password(session, password=password)):
            return self.form_invalid(form)
        update_session_auth_hash(self.request, session.user)
        messages.success(self.request, _("Your password is changed. Your other devices are signed out."))
        return redirect("account_sessions")


def _uuid(uid: str) -> UUID | None:
    try:
        return UUID(urlsafe_base64_decode(uid).decode())
    except ValueError:
        return None
