"""Verification codes: what stands below the QR code of a certificate.

Base32 in Crockford's alphabet, which leaves out I, L, O and U: read aloud or typed from paper, O is 0 and I
or L is 1 (https://www.crockford.com/base32.html). 28 characters are 140 bits: nobody guesses one.
"""

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 28
_GROUP = 4
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SHAPE = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}\Z")
# As `normalised` gives it to a query that is to find nothing, but takes as long.
NOBODYS = "0" * LENGTH


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _at in range(LENGTH))


def normalised(text: str) -> str:
    """A code as it is stored, from however it was typed; `NOBODYS` for what can't be one."""
    bare = re.sub(r"[\s-]", "", text[: LENGTH * 3]).upper().translate(_MISREAD)
    return bare if _SHAPE.match(bare) else NOBODYS


def grouped(code: str) -> str:
    """ "7Q2M-…": in groups, to be read from paper."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))
