"""Names of people and places: the order they stand in, and how they are found.

The database knows no Norwegian order, so that it is kept as a key beside the name, computed here.

The order is the one that Unicode's CLDR gives for Norwegian (`common/collation/no.xml`): æ, ø, å after z;
ä with æ, ö and ő with ø, aa with å, ü and ű with y, đ and ð with d, þ as th. Other accents, capitals and
punctuation don't count. Numbers stand by their value: 2 before 10.
"""

import re
import unicodedata
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Lookup, TextField

LONGEST_KEY = 300
# Letters with another place, or spelling, than the letter their accent stands on.
_NEIGHBOURS = str.maketrans(
    {"ä": "æ", "ö": "ø", "ő": "ø", "ü": "y", "ű": "y", "đ": "d", "ð": "d", "ŋ": "n", "ł": "l", "þ": "th"}
)
# z as well: otherwise "zz" could not be told from the letters after it. Letters and digits alone, so that the
# order is the same by whatever collation a database compares.
_LAST = str.maketrans({"z": "z0", "æ": "z1", "ø": "z2", "å": "z3"})
# As people write who lack the letters.
_ONE_LETTER = str.maketrans({"æ": "ae", "ø": "o", "å": "a"})
_TWO_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})
_NUMBER = re.compile(r"[0-9]+")
_BETWEEN = re.compile(r"[\W_]+")
_DIGITS = 8


def _plain(text: str) -> str:
    """Small letters and digits with single spaces between; of accented letters only æ, ø and å are left."""
    letters = unicodedata.normalize("NFKC", text).casefold().translate(_NEIGHBOURS)
    parts = []
    for character in letters:
        kept = character if character in "æøå" else unicodedata.normalize("NFD", character)
        parts += [each for each in kept if not unicodedata.combining(each)]
    return _BETWEEN.sub(" ", "".join(parts)).strip()


def sort_key(text: str) -> str:
    """What a list by this name is ordered by."""
    # Numbers first: the letters that come last are written with digits.
    numbered = _NUMBER.sub(_padded, _plain(text).replace("aa", "å"))
    return numbered.translate(_LAST)[:LONGEST_KEY].rstrip()


def _padded(found: re.Match[str]) -> str:
    return (found.group().lstrip("0") or "0").zfill(_DIGITS)


def person_key(first_name: str, last_name: str, otherwise: str = "") -> str:
    """What a list of people is ordered by: the last name, then the first; `otherwise` for who has no name.

    Two spaces between them stand before any space within a name: Hansen, Zoë before Hansen Berg, Anna.
    """
    keys = [key for key in (sort_key(last_name), sort_key(first_name)) if key]
    return "  ".join(keys)[:LONGEST_KEY] if keys else sort_key(otherwise)


def search_text(*names: str) -> str:
    """What is looked in for names: as they are written, and as those write them who lack the letters."""
    written = " ".join(filter(None, map(_plain, names)))
    ways = (written, written.translate(_ONE_LETTER), written.translate(_TWO_LETTERS))
    return "\n".join(dict.fromkeys(ways))


def has_words(words: str, searched: str) -> bool:
    """Whether a text of `search_text` has all of the words, as the column's `icontains` finds it."""
    wanted = _plain(words).split()
    return bool(wanted) and all(word in searched for word in wanted)


class NameSearchField(TextField):
    """A column of `search_text`. `icontains` finds what has all words of the text, in any order.

    "ås" finds Ås and Åse, but not Asker; "as" finds all of them. A word may stand anywhere in a name.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)


@NameSearchField.register_lookup
class HasWords(Lookup):
    lookup_name = "icontains"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        words = _plain(str(self.rhs)).split()
        if not words:
            raise EmptyResultSet
        column, given = self.process_lhs(compiler, connection)
        condition = " AND ".join(f"{column} LIKE %s" for _word in words)
        # Words are letters and digits: nothing in them means anything to LIKE.
        return f"({condition})", [each for word in words for each in (*given, f"%{word}%")]
