"""Signing in to the admin."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.auth import LoginForm

from api.core.limits import address_of
from domain.identity.guessing import ACCOUNT_ATTEMPTS, ADDRESS_ATTEMPTS
from domain.identity.limits import TooManyAttempts, count, forgive


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
        account = email.strip().casefold()
        try:
            count(ADDRESS_ATTEMPTS, address_of(self.request))
            count(ACCOUNT_ATTEMPTS, account)
        except TooManyAttempts as refusal:
            raise ValidationError(str(refusal.message), code=refusal.code) from refusal
        cleaned = super().clean()
        forgive(ACCOUNT_ATTEMPTS, account)
        return cleaned

    def confirm_login_allowed(self, user):
        super().confirm_login_allowed(user)
        if not user.has_perm("wagtailadmin.access_admin"):
            raise ValidationError(self.error_messages["no_admin"], code="no_admin")
