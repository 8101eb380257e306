"""Form fields of content: audience, category in the right language, repeated lines."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.admin.compare import TextFieldComparison
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel

from cms.models import Audience
from domain.access.choices import Role

# Staff of the platform are no audience of an organisation's content.
AUDIENCE_ROLES = [choice for choice in Role.choices if choice[0] != Role.PLATFORM_STAFF]


class LinesWidget(forms.Widget):
    """One text input per line, with buttons to add, remove and move; without JavaScript, spare empty ones."""

    template_name = "content/lines.html"

    class Media:
        js = ["cms/content/lines.js"]
        css = {"all": ["cms/content/content.css"]}

    def __init__(self, *, maximum: int, length: int, attrs=None):
        super().__init__(attrs)
        self.maximum, self.length = maximum, length

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        lines = list(value or [])
        context = {
            "name": name,
            "id": (attrs or {}).get("id", f"id_{name}"),
            "described_by": (attrs or {}).get("aria-describedby", ""),
            "lines": [*lines, *[""] * min(2, max(0, self.maximum - len(lines)))] or [""],
            "maximum": self.maximum,
            "length": self.length,
        }
        return render_to_string(self.template_name, context)

    def value_from_datadict(self, data, files, name):
        if hasattr(data, "getlist"):
            return data.getlist(name)
        value = data.get(name)
        return value if isinstance(value, list | tuple) else [] if value is None else [value]

    def value_omitted_from_data(self, data, files, name):
        return False

    def id_for_label(self, id_):
        return f"{id_}-0"


class LinesField(forms.Field):
    """A list of short texts; empty lines are left out."""

    def __init__(self, *, maximum: int, length: int, **kwargs):
        self.maximum, self.length = maximum, length
        super().__init__(widget=LinesWidget(maximum=maximum, length=length), **kwargs)

    def to_python(self, value) -> list[str]:
        return [line for line in (" ".join(str(raw).split()) for raw in value or []) if line]

    def validate(self, value):
        super().validate(value)
        if len(value) > self.maximum:
            raise ValidationError(_("At most %(number)d lines.") % {"number": self.maximum})
        for number, line in enumerate(value, start=1):
            if len(line) > self.length:
                raise ValidationError(
                    _("Line %(number)d is too long: at most %(length)d characters.")
                    % {"number": number, "length": self.length}
                )

    def has_changed(self, initial, data):
        return list(initial or []) != self.to_python(data)


class ListComparison(TextFieldComparison):
    """Compares lists as lines of text; choices by their labels."""

    def __init__(self, field, obj_a, obj_b):
        super().__init__(field, obj_a, obj_b)
        labels = dict(field.base_field.choices or ())
        self.val_a = self._as_text(labels, field.value_from_object(obj_a))
        self.val_b = self._as_text(labels, field.value_from_object(obj_b))

    @staticmethod
    def _as_text(labels: dict, values: list | None) -> str:
        return " · ".join(str(labels.get(value, value)) for value in values or [])


class ListPanel(FieldPanel):
    """A panel for an array field, which compares revisions readably."""

    def get_comparison_class(self):
        return ListComparison


class ContentForm(WagtailAdminModelForm):
    """A content item: the category's language is the item's, and audience and roles agree."""

    audience_roles = forms.MultipleChoiceField(
        label=_("Roles"),
        required=False,
        choices=AUDIENCE_ROLES,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only for “Members with certain roles”: whoever has one of these may read it."),
    )

    class Media:
        js = ["cms/content/form.js"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        group = self.fields[self._meta.model.category_field]
        group.queryset = group.queryset.filter(locale_id=self.instance.locale_id)
        group.empty_label = _("Choose one")
        if not group.queryset.exists():
            group.help_text = _("There is none in this language yet: add one first.")

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if data.get("audience") != Audience.ROLES:
            data["audience_roles"] = []
        elif not data.get("audience_roles") and "audience_roles" not in self.errors:
            self.add_error("audience_roles", _("Tick at least one role, or choose another audience."))
        image = data.get("image")
        if image is not None and not image.description:
            self.add_error(
                "image",
                _(
                    "The picture has no description for those who don't see it: "
                    "open it below Images and describe what it shows."
                ),
            )
        return data


class CardForm(ContentForm):
    """A conversation card, with its follow-up questions as lines."""

    follow_ups = LinesField(
        label=_("Follow-up questions"),
        required=False,
        maximum=10,
        length=300,
        help_text=_("Up to ten, in the order in which they are offered."),
    )


def audience_panel() -> MultiFieldPanel:
    return MultiFieldPanel(
        [FieldPanel("audience", widget=forms.RadioSelect), ListPanel("audience_roles")],
        heading=_("Who can read this"),
        classname="content-audience",
    )
