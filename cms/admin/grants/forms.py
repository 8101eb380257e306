"""The form of a set of counting rules: its name and dates, and line by line what it asks of each category."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from wagtail.admin.widgets import AdminDateInput

from cms.admin.scoped import ScopedModelForm
from domain.grants.choices import WITH_VALUE, GrantCategory, Requirement
from domain.grants.models import CountingRule, RuleSet
from domain.grants.rules import rules_of

CATEGORIES = [each for each in GrantCategory if each != GrantCategory.NONE]
# What the column of a number can hold.
MOST = 32767


def field_of(category: str, requirement: str) -> str:
    return f"{category}__{requirement}"


class RuleSetForm(ScopedModelForm):
    """A tick, or a number, for everything that a set may ask; a number that is left empty is not asked."""

    class Meta:
        model = RuleSet
        fields = ["name", "source", "valid_from"]
        widgets = {"valid_from": AdminDateInput, "source": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, like: RuleSet | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        copied = self.instance if not self.instance._state.adding else like
        held = {
            (values["category"], values["requirement"]): values
            for values in (rules_of(copied) if copied else ())
        }
        paragraph = CountingRule._meta.get_field("paragraph")
        for category in CATEGORIES:
            for requirement in Requirement:
                name, values = field_of(category, requirement), held.get((category, requirement))
                label = f"{category.label}: {requirement.label}"
                if requirement in WITH_VALUE:
                    self.fields[name] = forms.IntegerField(
                        label=label,
                        required=False,
                        min_value=1,
                        max_value=MOST,
                        initial=values["value"] if values else None,
                    )
                else:
                    self.fields[name] = forms.BooleanField(
                        label=label, required=False, initial=values is not None
                    )
                self.fields[f"{name}__paragraph"] = forms.CharField(
                    label=_("Paragraph: %(what)s") % {"what": label},
                    required=False,
                    max_length=paragraph.max_length,
                    initial=values["paragraph"] if values else "",
                    widget=forms.TextInput(attrs={"placeholder": "§"}),
                )

    def plain_fields(self) -> list[Any]:
        return [self[name] for name in self.Meta.fields]

    def lines(self) -> Iterable[tuple[str, list[tuple[str, Any, Any]]]]:
        """Per category its name, and per requirement the words, the field and the field of the paragraph."""
        for category in CATEGORIES:
            lines = []
            for requirement in Requirement:
                name = field_of(category, requirement)
                lines.append((str(requirement.label), self[name], self[f"{name}__paragraph"]))
            yield str(category.label), lines

    def values(self) -> dict[str, Any]:
        given = super().values()
        asked = [
            {
                "category": category.value,
                "requirement": requirement.value,
                "value": given[name] if requirement in WITH_VALUE else None,
                "paragraph": " ".join(given[f"{name}__paragraph"].split()),
            }
            for category in CATEGORIES
            for requirement in Requirement
            for name in [field_of(category, requirement)]
            if given[name]
        ]
        return {**{name: given[name] for name in self.Meta.fields}, "asked": asked}
