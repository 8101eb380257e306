"""Signing in to the admin by a recovery code."""

from django import forms
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from api.core.limits import address_of
from domain.core.errors import DomainError
from domain.identity.recovery import person_of_code

from .sign_in import ACCESS_ADMIN, SignInForm, device_secret, enter


class CodeForm(forms.Form):
    """E-mail and code; counted and answered as with a password."""

    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    code = forms.CharField(
        label=_("Recovery code"),
        max_length=100,
        help_text=_("One of the codes you wrote down. It is used up by this."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request
        self.person = None

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            try:
                self.person = person_of_code(
                    email=cleaned["email"],
                    code=cleaned["code"],
                    organization=self.request.tenant,
                    address=address_of(self.request),
                    device_secret=device_secret(self.request),
                )
            except DomainError as refusal:
                text = _("E-mail address and code don't match an account here, or the code has been used.")
                text = refusal.message if refusal.code == "rate-limited" else text
                raise ValidationError(str(text), code=refusal.code) from refusal
            if not self.person.has_perm(ACCESS_ADMIN):
                raise ValidationError(SignInForm.error_messages["no_admin"], code="no_admin")
        return cleaned


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class RecoverView(FormView):
    template_name = "sign_in/recover.html"
    form_class = CodeForm
    redirect_field_name = REDIRECT_FIELD_NAME

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form):
        enter(self.request, form.person, method="recovery-code")
        return redirect("account_sessions")
