"""E-mail addresses in forms."""

from django import forms

from domain.identity.emails import canonical


class EmailAddressField(forms.EmailField):
    """An e-mail address in its one spelling; what can't be seen in it is said."""

    def to_python(self, value):
        text = super().to_python(value)
        return canonical(text) if text else text
