"""The form field of an encrypted text: what is stored isn't shown, and nothing written leaves it as it is.

A view that may show the content puts it into the form's `initial` (from `read_sealed`); emptying the box then
empties the content.
"""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from .sealed import Sealed


class SealedTextFormField(forms.CharField):
    def prepare_value(self, value: Any) -> Any:
        return "" if isinstance(value, Sealed) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        if isinstance(initial, Sealed):
            return bool(data)
        return super().has_changed(initial, data)

    def _clean_bound_field(self, bf: BoundField) -> Any:
        if isinstance(bf.initial, Sealed) and (self.disabled or not bf.data):
            return bf.initial
        return super()._clean_bound_field(bf)  # type: ignore[misc]
