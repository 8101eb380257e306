"""The settings an organisation's admins edit: which areas are in use, and the languages."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets import SwitchInput

from domain.config import memory
from domain.config.branding import change_branding
from domain.config.choices import PLATFORM_ONLY_AREAS, Area, Term
from domain.config.models import FeatureArea
from domain.config.queries import current_organization, current_settings, enabled_areas
from domain.config.rules import CHANGE_AREAS, CHANGE_SETTINGS, change_settings, set_area
from domain.config.terminology import term
from domain.core.errors import DomainError
from tenants.models import LANGUAGE_CODES


class SettingsFormView(WagtailAdminTemplateMixin, FormView):
    """A form of settings whose `apply` calls the rules; what they refuse stands at the field it is about."""

    template_name = "settings/form.html"
    permission_required = ""
    url_name = ""
    success_message: Any = gettext_lazy("Saved.")
    intro: Any = ""

    def dispatch(self, request, *args, **kwargs):
        if not request.user.has_perm(self.permission_required):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def apply(self, form) -> None:
        raise NotImplementedError

    def form_valid(self, form):
        try:
            with transaction.atomic():
                self.apply(form)
        except DomainError as refusal:
            memory.forget()
            form.add_error(self.field_of(refusal, form), str(refusal.message))
            return self.form_invalid(form)
        messages.success(self.request, self.success_message)
        return redirect(self.get_success_url())

    def field_of(self, refusal: DomainError, form) -> str | None:
        return refusal.field if refusal.field in form.fields else None

    def form_invalid(self, form):
        messages.validation_error(self.request, _("Nothing was saved: see below."), form)
        return super().form_invalid(form)

    def get_success_url(self):
        return reverse(self.url_name)

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "media": context["form"].media,
            "intro": self.intro,
            "action_url": self.request.path,
            "submit_button_label": _("Save"),
            "submit_button_active_label": _("Saving…"),
        }


class SettingsPage(ViewSet):
    """One page in the settings menu, shown to who may change it (or see it: `menu_permission`)."""

    add_to_settings_menu = True
    view_class: type[SettingsFormView]

    @cached_property
    def menu_permission(self) -> str:
        return self.view_class.permission_required

    @cached_property
    def menu_item_class(self):
        permission = self.menu_permission

        def is_shown(_item, request):
            return request.user.has_perm(permission)

        return type("SettingsPageMenuItem", (MenuItem,), {"is_shown": is_shown})

    @cached_property
    def menu_name(self):
        return self.name

    def get_urlpatterns(self):
        return [path("", self.view_class.as_view(), name="index")]


# --- Areas

# Areas that are about one thing are called by the organisation's word for it.
TERMS = {
    Area.FAQS: Term.FAQ,
    Area.RESOURCE_LINKS: Term.RESOURCE_LINK,
    Area.CONVERSATION_CARDS: Term.CONVERSATION_CARD,
    Area.CONTACTS: Term.CONTACT,
}


def name_of(area: Area) -> str:
    return capfirst(term(TERMS[area], "plural")) if area in TERMS else str(area.label)


class AreasForm(forms.Form):
    """A switch per area; the versions tell a change that someone else made meanwhile."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        is_platform = current_organization().is_platform
        enabled, versions = enabled_areas(), dict(FeatureArea.objects.values_list("area", "version"))
        self.areas = [area for area in Area if is_platform or area not in PLATFORM_ONLY_AREAS]
        for area in self.areas:
            self.fields[area.value] = forms.BooleanField(
                label=name_of(area), required=False, initial=area.value in enabled, widget=SwitchInput
            )
            self.fields[f"{area.value}-version"] = forms.IntegerField(
                required=False, initial=versions.get(area.value), widget=forms.HiddenInput
            )


class AreasView(SettingsFormView):
    form_class = AreasForm
    permission_required = CHANGE_AREAS
    url_name = "areas:index"
    page_title = gettext_lazy("Areas")
    intro = gettext_lazy(
        "An area that is switched off is gone from the menu, from the app and from the API. "
        "Nothing is deleted: switched on again, everything is where it was."
    )

    def apply(self, form):
        for area in form.areas:
            if area.value in form.changed_data:
                set_area(
                    area=area.value,
                    enabled=form.cleaned_data[area.value],
                    version=form.cleaned_data[f"{area.value}-version"],
                    by=self.request.user,
                )


class AreasPage(SettingsPage):
    name = "areas"
    icon = "list-ul"
    menu_label = gettext_lazy("Areas")
    menu_order = 300
    view_class = AreasView


# --- Settings


class SettingsForm(forms.Form):
    """What has an effect now. Settings of areas to come appear here together with their area."""

    locales = forms.MultipleChoiceField(
        label=gettext_lazy("Languages in use"),
        choices=LANGUAGE_CODES,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "New texts and translations are written in these. Texts in a language that is taken out of "
            "use are kept: they can still be edited, and readers still get them."
        ),
    )
    default_language = forms.ChoiceField(
        label=gettext_lazy("Main language"),
        choices=LANGUAGE_CODES,
        help_text=gettext_lazy("For readers who have chosen none, and where no other text is found."),
    )
    max_local_associations = forms.IntegerField(
        label=gettext_lazy("Local associations a person can belong to at once"),
        min_value=1,
        max_value=50,
        help_text=gettext_lazy("Where it is lowered, nobody loses anything: it is asked when one is added."),
    )
    retention_assignments_days = forms.IntegerField(
        label=gettext_lazy("Days the content of completed assignments is kept"),
        min_value=1,
        max_value=365,
        help_text=gettext_lazy(
            "So long the mentor can look something up; then it is destroyed for good. Where it is lowered, "
            "what is older goes within the hour."
        ),
    )
    second_step = forms.BooleanField(
        label=gettext_lazy("Ask people with wide access for a passkey"),
        required=False,
        widget=SwitchInput,
        help_text=gettext_lazy(
            "Administrators, finance officers, auditors, privacy officers and support confirm with a passkey "
            "after their password. Whoever has none yet is asked to make one first."
        ),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class OrganizationSettingsView(SettingsFormView):
    form_class = SettingsForm
    permission_required = CHANGE_SETTINGS
    url_name = "organization_settings:index"
    # Those that are what they are called in the form.
    plain = ("max_local_associations", "retention_assignments_days", "second_step")
    page_title = gettext_lazy("Settings")

    def get_initial(self):
        row = current_settings()
        return {
            "locales": row.locales,
            "default_language": current_organization().default_language,
            "max_local_associations": row.max_local_associations,
            "retention_assignments_days": row.retention_assignments_days,
            "second_step": row.second_step,
            "version": row.version,
        }

    def apply(self, form):
        chosen, main = form.cleaned_data["locales"], form.cleaned_data["default_language"]
        by, version = self.request.user, form.cleaned_data["version"]
        # The main language must be among those in use before, between and after the two changes.
        both = sorted({*chosen, *current_settings().locales})
        others = {name: form.cleaned_data[name] for name in self.plain}
        row = change_settings(changes={"locales": both, **others}, by=by, version=version)
        change_branding(changes={"default_language": main}, by=by)
        if set(both) != set(chosen):
            change_settings(changes={"locales": chosen}, by=by, version=row.version)


class OrganizationSettingsPage(SettingsPage):
    name = "organization_settings"
    url_prefix = "settings"
    icon = "cogs"
    menu_label = gettext_lazy("Settings")
    menu_order = 400
    view_class = OrganizationSettingsView
