"""How the organisation presents itself: the page where its admins change name, logo and colour."""

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.branding import brand_of
from cms.colors import TEXT_CONTRAST, WHITE, contrast
from cms.theme import action_color, sidebar_color
from domain.config.branding import change_branding
from domain.config.queries import current_organization
from domain.config.rules import CHANGE_SETTINGS
from tenants.models import Organization

from .settings import SettingsFormView, SettingsPage


class BrandingForm(forms.ModelForm):
    logo = forms.FileField(
        label=gettext_lazy("New logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=gettext_lazy(
            "PNG, JPEG or WebP, at most 2 MB. A wide logo on a transparent or white background looks best; "
            "it is kept at up to 800 by 400 pixels, without what else the file says."
        ),
    )
    remove_logo = forms.BooleanField(label=gettext_lazy("Remove the logo"), required=False)
    # `updated_at` of the row as it was read, to the microsecond.
    read_at = forms.CharField(widget=forms.HiddenInput)

    class Meta:
        model = Organization
        fields = ["name", "short_name", "contact_email", "brand_color", "is_listed"]
        widgets = {"brand_color": forms.TextInput(attrs={"type": "color"})}
        help_texts = {
            "name": gettext_lazy("In full, as it is registered."),
            "short_name": gettext_lazy("In the menu, in titles and in mails; at most 40 characters."),
            "contact_email": gettext_lazy("Shown on the front page to whoever has questions."),
            "brand_color": gettext_lazy(
                "Colours the menu, buttons and links here, and the app. Where text stands on it, it is made "
                "darker until the text can be read."
            ),
        }

    field_order = ["name", "short_name", "contact_email", "brand_color", "logo", "remove_logo", "is_listed"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.logo:
            del self.fields["remove_logo"]
        if self.instance.is_platform:
            # The platform is no choice in the app's list of organisations.
            del self.fields["is_listed"]

    def clean_read_at(self):
        read_at = parse_datetime(self.cleaned_data["read_at"])
        if read_at is None:
            raise forms.ValidationError(_("Reload the page and try again."))
        return read_at

    def _post_clean(self):
        """The rule validates and writes; this form must not touch the instance that pages are drawn from."""


class BrandingView(SettingsFormView):
    form_class = BrandingForm
    permission_required = CHANGE_SETTINGS
    template_name = "settings/branding.html"
    url_name = "branding:index"
    page_title = gettext_lazy("Branding")

    def get_form_kwargs(self):
        self.current = current_organization()
        kwargs = {**super().get_form_kwargs(), "instance": self.current}
        kwargs["initial"] = {**kwargs["initial"], "read_at": self.current.updated_at.isoformat()}
        return kwargs

    def apply(self, form):
        data = form.cleaned_data
        changed = {
            name: data[name]
            for name in BrandingForm.Meta.fields
            if name in form.fields and name in form.changed_data
        }
        change_branding(
            changes=changed,
            logo=data.get("logo"),
            remove_logo=bool(data.get("remove_logo")),
            read_at=data["read_at"],
            by=self.request.user,
        )

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        color = self.current.brand_color
        return {
            **context,
            "form_is_multipart": True,
            "current": brand_of(self.current),
            "swatches": [
                (_("Your colour"), color, contrast(WHITE, color)),
                (_("Menu"), sidebar_color(color), contrast(WHITE, sidebar_color(color))),
                (_("Buttons and links"), action_color(color), contrast(WHITE, action_color(color))),
            ],
            "needed_contrast": TEXT_CONTRAST,
        }


class BrandingPage(SettingsPage):
    name = "branding"
    url_prefix = "settings/branding"
    icon = "image"
    menu_label = gettext_lazy("Branding")
    menu_order = 100
    view_class = BrandingView
