"""Model fields whose columns hold ciphertext. Only for models that are a `SealedEntity`.

    class ContactNote(SealedEntity):
        body = EncryptedTextField(_("body"))

Assigning a value (or giving it to the constructor) marks it to be sealed when the row is saved; the attribute
never gives it back. The column is null where there is no content, and that is all it can be asked for.
"""

import json
from typing import Any, NoReturn

from django import forms
from django.core import checks
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from .errors import NotSealed
from .forms import SealedTextFormField
from .sealed import Sealed

# Characters, unless a field says otherwise.
LONGEST = 100_000


class _SealedAttribute(DeferredAttribute):
    """Turns whatever is assigned into a `Sealed`."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = self.field.to_python(value)


class EncryptedField(models.Field):
    """Base of the two below."""

    # domain.audit.entities: the record says that it changed, never from what to what.
    is_encrypted = True
    empty_strings_allowed = False
    descriptor_class = _SealedAttribute

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs["null"] = True
        kwargs.setdefault("max_length", LONGEST)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        del kwargs["null"]
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    def db_type(self, connection: Any) -> str:
        return "bytea"

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if not hasattr(self.model, "record_key"):
            found.append(checks.Error("an encrypted column needs a SealedEntity", obj=self))
        if self.unique or getattr(self, "db_index", False):
            found.append(checks.Error("an encrypted column can't be indexed", obj=self))
        return found

    # --- Values ------------------------------------------------------------------------------------------

    def to_python(self, value: Any) -> Any:
        """A `Sealed`, or None."""
        if value is None or isinstance(value, Sealed):
            return value
        self.require_type(value)
        return Sealed(value=value)

    def require_type(self, value: Any) -> None:
        raise NotImplementedError

    def encode(self, value: Any) -> bytes:
        raise NotImplementedError

    def decode(self, plaintext: bytes) -> Any:
        raise NotImplementedError

    @sensitive_variables()
    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if not isinstance(value, Sealed) or not value.is_pending:
            return
        try:
            length = len(self.encode(value._value).decode())
        except (UnicodeEncodeError, TypeError, ValueError):
            raise ValidationError(_("This can't be stored."), code="invalid") from None
        if self.max_length is not None and length > self.max_length:
            raise ValidationError(
                _("Keep it within %(limit)d characters."),
                code="max_length",
                params={"limit": self.max_length},
            )

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def get_prep_value(self, value: Any) -> Any:
        # A pending one stays what it is, for whoever compares; it differs from all that is stored.
        if isinstance(value, Sealed) and not value.is_pending:
            return value._ciphertext
        return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        stored = self.get_prep_value(value)
        if stored is not None and not isinstance(stored, bytes):
            raise NotSealed(f"{self.model._meta.label}.{self.name}: save the row, or prepare() it for a bulk")
        if isinstance(stored, bytes) and not isinstance(value, Sealed):
            raise NotSealed(f"{self.model._meta.label}.{self.name} takes no bytes from outside")
        return stored

    def value_to_string(self, obj: models.Model) -> NoReturn:
        raise TypeError("sealed content isn't serialised: read_sealed() is the way to it")

    # --- Queries -----------------------------------------------------------------------------------------

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: it can be asked for isnull alone")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is encrypted: it can be asked for isnull alone")


class EncryptedTextField(EncryptedField):
    """Text of at most `max_length` characters (100,000 unless told), the empty one included."""

    description = "Encrypted text"

    def require_type(self, value: Any) -> None:
        if not isinstance(value, str):
            raise TypeError(f"{self.name} takes a text, not {type(value).__name__}")

    @sensitive_variables()
    def encode(self, value: Any) -> bytes:
        return value.encode()

    @sensitive_variables()
    def decode(self, plaintext: bytes) -> str:
        return plaintext.decode()

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(
            **{
                "form_class": SealedTextFormField,
                "max_length": self.max_length,
                "widget": forms.Textarea,
                **kwargs,
            }
        )


class EncryptedJSONField(EncryptedField):
    """Anything JSON can say; `max_length` is that of its text. No form field: the form has the parts."""

    description = "Encrypted JSON"

    def require_type(self, value: Any) -> None:
        if not isinstance(value, dict | list | str | int | float | bool):
            raise TypeError(f"{self.name} takes what JSON can say, not {type(value).__name__}")

    @sensitive_variables()
    def encode(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

    @sensitive_variables()
    def decode(self, plaintext: bytes) -> Any:
        return json.loads(plaintext)

    def formfield(self, **kwargs: Any) -> None:
        return None
