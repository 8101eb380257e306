"""The form for a new organisation. The work is a job: web processes may not make schemas."""

import re
import unicodedata
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.edit import FormMixin

from tenants.hosts import clean_host
from tenants.jobs import enqueue
from tenants.models import LANGUAGE_CODES, JobRun, Organization, validate_organization_number
from tenants.names import validate_new_schema_name
from tenants.organization_jobs import PROVISION

from .access import ADD
from .detail import ConsolePage
from .hosts import check_host

# Norwegian and Sami letters as they are usually written without them.
LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "đ": "d", "ŋ": "n", "ŧ": "t"})


def suggested_schema(name: str) -> str:
    """A schema name made from an organisation's: “Norges Døveforbund” → `norges_doveforbund`."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(LETTERS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_0123456789")[:40].rstrip("_")


def suggested_host(schema: str) -> str:
    """`<schema>.<platform's host>`, with hyphens, which host names may have."""
    return f"{schema.replace('_', '-')}.{settings.PLATFORM_HOST}"


class NewOrganizationForm(forms.Form):
    """What provisioning needs to know. It begins without people: accounts are given afterwards."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    short_name = forms.CharField(
        label=gettext_lazy("Short name"),
        max_length=40,
        help_text=gettext_lazy("Shown where there is little room, such as “NHF”."),
    )
    schema_name = forms.CharField(
        label=gettext_lazy("Schema name"),
        max_length=40,
        required=False,
        help_text=gettext_lazy(
            "The name of its part of the database: small letters a–z, digits and underscores. "
            "It can't be changed later. Left empty, it is made from the short name."
        ),
    )
    host = forms.CharField(
        label=gettext_lazy("Host name"),
        max_length=253,
        required=False,
        help_text=gettext_lazy(
            "Where its admin and app find it. Left empty, it is made from the schema name."
        ),
    )
    organization_number = forms.CharField(
        label=gettext_lazy("Organisation number"),
        max_length=11,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=gettext_lazy("Nine digits, from Brønnøysundregistrene. May be added later."),
    )
    contact_email = forms.EmailField(label=gettext_lazy("Contact e-mail"), max_length=254)
    default_language = forms.ChoiceField(
        label=gettext_lazy("Main language"), choices=LANGUAGE_CODES, initial="nb"
    )
    brand_color = forms.RegexField(
        r"^#[0-9a-fA-F]{6}\Z",
        label=gettext_lazy("Brand colour"),
        initial="#1f4e5f",
        widget=forms.TextInput(attrs={"type": "color"}),
        error_messages={"invalid": gettext_lazy("Write the colour as # and six hex digits.")},
    )

    def clean_schema_name(self) -> str:
        schema = self.cleaned_data["schema_name"].strip()
        if not schema:
            schema = suggested_schema(self.cleaned_data.get("short_name", ""))
        validate_new_schema_name(schema)
        if Organization.objects.filter(schema_name=schema).exists():
            raise ValidationError(_("Another organisation has this schema name."))
        return schema

    def clean_host(self) -> str:
        host = clean_host(self.cleaned_data["host"])
        if not host and self.cleaned_data.get("schema_name"):
            host = suggested_host(self.cleaned_data["schema_name"])
        if host:
            check_host(host)
        return host

    def clean_organization_number(self) -> str:
        number = self.cleaned_data["organization_number"].replace(" ", "")
        if number:
            validate_organization_number(number)
            if Organization.objects.filter(organization_number=number).exists():
                raise ValidationError(_("Another organisation has this organisation number."))
        return number


class NewOrganizationView(FormMixin, ConsolePage):
    """Asks for what is needed, starts the job and leads to its progress; keeps what was written on errors."""

    permission = ADD
    page_title = gettext_lazy("New organisation")
    template_name = "organizations/new.html"
    form_class = NewOrganizationForm

    def get_initial(self):
        """What was written before, when a run of it failed (`?from=<run>`)."""
        initial = super().get_initial()
        try:
            run_id = UUID(self.request.GET.get("from", ""))
        except ValueError:
            return initial
        run = JobRun.objects.filter(pk=run_id, name=PROVISION, organization=self.request.tenant).first()
        fields: dict[str, Any] = run.arguments if run else {}
        return {
            **initial,
            **{name: fields[name] for name in NewOrganizationForm.base_fields if name in fields},
        }

    def post(self, request, *args, **kwargs):
        form = self.get_form()
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        fields = form.cleaned_data
        run = enqueue(PROVISION, request.tenant, key=fields["schema_name"], by=str(request.user.pk), **fields)
        return redirect(f"{reverse('organizations:run', args=[run.pk])}?follow=1")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "button": _("Set up the organisation"),
            "cancel_url": reverse("organizations:index"),
            "platform_host": settings.PLATFORM_HOST,
            "media": context["form"].media,
        }
