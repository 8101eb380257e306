"""Phone numbers as people write them, and as they are stored: E.164."""

import phonenumbers
from django.utils.translation import gettext as _

from .errors import InvalidInput


def as_e164(number: str, *, field: str = "phone") -> str:
    """E.164 of a number; one without a country is Norwegian, an empty one stays so. Raises InvalidInput."""
    if not number.strip():
        return ""
    try:
        parsed = phonenumbers.parse(number, "NO")
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise InvalidInput(
            _("This is not a phone number: write it as 912 34 567 or +47 912 34 567."),
            code="phone",
            field=field,
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
