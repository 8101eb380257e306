"""The hosts an organisation answers on."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.hosts import add_host, clean_host, make_primary, remove_host
from tenants.models import Domain

from .actions import ConfirmForm, OrganizationFormView


def check_host(host: str) -> None:
    """Raise ValidationError unless an organisation may have this host; `add_host` holds it in the end."""
    if Domain.objects.filter(domain=host).exists():
        raise ValidationError(_("An organisation answers on this host already."))
    try:
        Domain(domain=host).full_clean(exclude=["tenant"])
    except ValidationError as refusal:
        raise ValidationError(refusal.messages) from refusal


class HostForm(forms.Form):
    host = forms.CharField(
        label=gettext_lazy("Host name"),
        max_length=253,
        help_text=gettext_lazy(
            "Without http:// and port. It must lead to this server before anyone can use it."
        ),
    )
    primary = forms.BooleanField(
        label=gettext_lazy("Main host"),
        required=False,
        help_text=gettext_lazy("The one that links in e-mails and the app's picker name."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["host"].widget.attrs["placeholder"] = f"example.{settings.PLATFORM_HOST}"

    def clean_host(self) -> str:
        host = clean_host(self.cleaned_data["host"])
        check_host(host)
        return host


class AddHostView(OrganizationFormView):
    form_class = HostForm
    question = gettext_lazy("Add a host to %(name)s")
    button = gettext_lazy("Add host")

    def apply(self, form):
        data = form.cleaned_data
        add_host(self.organization, data["host"], by=self.request.user, primary=data["primary"])

    def success_message(self):
        return _("%(name)s answers on the new host.") % {"name": self.organization.name}


class HostView(OrganizationFormView):
    """Something about one of the hosts."""

    form_class = ConfirmForm

    @cached_property
    def domain(self) -> Domain:
        return get_object_or_404(
            Domain.objects.select_related("tenant"), pk=self.kwargs["host"], tenant=self.organization
        )

    def get_page_title(self):
        return self.question % {"host": self.domain.domain}


class RemoveHostView(HostView):
    question = gettext_lazy("Remove %(host)s?")
    explanation = gettext_lazy("Links to this host stop working at once.")
    button = gettext_lazy("Remove host")
    serious = True

    def apply(self, form):
        remove_host(self.domain, by=self.request.user)

    def success_message(self):
        return _("The host was removed.")


class PrimaryHostView(HostView):
    question = gettext_lazy("Make %(host)s the main host?")
    explanation = gettext_lazy("New links name it; the others keep working.")
    button = gettext_lazy("Make it the main host")

    def apply(self, form):
        make_primary(self.domain, by=self.request.user)

    def success_message(self):
        return _("The main host was changed.")
