"""What people say of themselves: names, phone, language. Theirs in every organisation. Part of the rules."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from domain.audit.rules import differences, record
from domain.core.errors import InvalidInput, NotAllowed, StaleVersion
from domain.core.phones import as_e164

from .models import User

EDITED = ("first_name", "last_name", "phone", "language")
# Characters that turn the direction of what follows them: a name must not rewrite the line it stands in.
_TURNING = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


@transaction.atomic
def change_profile(person: User, *, changes: Mapping[str, Any], by: User, version: int | None = None) -> User:
    """Change one's own names, phone or language; a language may be empty: none in particular.

    The address and the password have ways of their own, which ask who it is. Raises NotAllowed (somebody
    else's; or one is here as support, and belongs elsewhere), StaleVersion, or InvalidInput at the field.
    """
    if by.pk != person.pk:
        raise NotAllowed(_("Everyone changes their own profile."))
    unknown = sorted(set(changes) - set(EDITED))
    if unknown:
        raise InvalidInput(_("This can't be set here."), code="not-editable", field=unknown[0])
    # An organisation's role may write to its own people alone.
    row = User.objects.select_for_update(of=("self",)).filter(pk=person.pk).first()
    if row is None:
        raise NotAllowed(_("You change your profile where you are a member."))
    if version is not None and row.version != version:
        raise StaleVersion(_("Someone else has changed this since you opened it. Reload and try again."))
    values = {name: _stored(name, value) for name, value in changes.items()}
    found = differences({name: getattr(row, name) for name in values}, values)
    if found:
        for name, value in values.items():
            setattr(row, name, value)
        try:
            row.clean_fields(exclude={field.name for field in User._meta.fields} - set(values))
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            raise InvalidInput(messages[0], field=field) from error
        row.save(update_fields=list(found))
        row.refresh_from_db()
        action = "person.language-changed" if set(found) == {"language"} else "person.profile-changed"
        record(action, row, by=by, changes=found, subject_ids=[row.pk])
    for name in values:
        setattr(person, name, getattr(row, name))
    person.version = row.version
    return row


def _stored(name: str, value: str) -> str:
    if name == "phone":
        return as_e164(value)
    if name == "language":
        return value
    text = unicodedata.normalize("NFC", " ".join(value.split()))
    if not text:
        raise InvalidInput(_("Write your name."), code="required", field=name)
    if any(unicodedata.category(sign) in ("Cc", "Cn", "Co", "Cs") or sign in _TURNING for sign in text):
        raise InvalidInput(
            _("There are characters in it that can't be part of a name."), code="characters", field=name
        )
    return text
