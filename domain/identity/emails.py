"""E-mail addresses: one spelling of each, so that nobody has two accounts, or is taken for another.

What is kept, counted, compared and written to is the canonical spelling:

* spaces around it are dropped; anything invisible within (control and format characters, spaces) is refused;
* compatibility forms, as full-width letters, become the plain ones (Unicode NFKC), and all letters small;
* before the @ stands what RFC 5322 calls a dot-atom, in ASCII: no quoted names, no letters that look alike;
* the domain is in its ASCII form (IDNA): one that looks like another's shows as `xn--…`. No IP addresses.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets.
_LONGEST_NAME = 64
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_NAME = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+{_LABEL}|localhost")
# Unicode's categories of what can't be seen: control, format, private, surrogate, unassigned; separators.
_INVISIBLE = ("C", "Z")


def spelled(address: str) -> str:
    """The one spelling of an address; what is none stays as it is, and is nobody's."""
    try:
        return canonical(address)
    except ValidationError:
        return address


def canonical(address: str) -> str:
    """The one spelling of an address.

    Raises ValidationError: `invisible-character`, or `invalid-email` for what no mail could be sent to.
    """
    text = address.strip()
    if any(unicodedata.category(character)[0] in _INVISIBLE for character in text):
        raise ValidationError(
            _("There is a space or an invisible character in the e-mail address: write it by hand."),
            code="invisible-character",
        )
    name, _at, domain = unicodedata.normalize("NFKC", text).rpartition("@")
    if name.isascii():
        name = name.lower()
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:  # A label that is empty, too long or has letters no domain may have.
        domain = ""
    result = f"{name}@{domain}"
    if (
        not _NAME.fullmatch(name)
        or not _DOMAIN.fullmatch(domain)
        or len(name) > _LONGEST_NAME
        or len(result) > LONGEST
    ):
        raise ValidationError(
            _("This is no e-mail address: write it as name@example.no, with a–z, digits and .-_+ before @."),
            code="invalid-email",
        )
    return result
