"""Names of people and places: the order they stand in, and how they are found.

The database knows no Norwegian order, so that it is kept as a key beside the name, computed here.

The order is the one that Unicode's CLDR gives for Norwegian (`common/collation/no.xml`): æ, ø, å after z;
ä with æ, ö and ő with ø, aa with å, ü and ű with y, đ and ð with d, þ as th. Other accents, capitals and
punctuation don't count. Numbers stand by their value: 2 before 10.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Func, Lookup, TextField

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


def reached_by(phone: str, email: str) -> str:
    """The words by which a telephone number and an address find somebody; a Norwegian one without 47 too."""
    number = re.sub(r"\D", "", phone)
    national = number[2:] if phone.startswith("+47") else ""
    return " ".join(filter(None, [number, national, email]))


def has_words(words: str, searched: str) -> bool:
    """Whether a text of `search_text` has all of the words, as the column's `icontains` finds it."""
    wanted, there = _plain(words).split(), searched.split()
    return bool(wanted) and all(any(word.startswith(part) for word in there) for part in wanted)


def words_in(text: str) -> list[str]:
    """The words of a text as `search_text` spells them."""
    return _plain(text).split()


class WordsOf(Func):
    """The words of a column of `search_text` as PostgreSQL keeps them in an index: exactly these.

    Not `to_tsvector`, whose parser would take numbers and addresses apart by rules of its own.
    """

    template = (
        "array_to_tsvector(array_remove(string_to_array(translate(%(expressions)s, E'\\n', ' '), ' '), ''))"
    )
    output_field = TextField()


def beginning_with(words: Iterable[str]) -> str:
    """What finds texts with words that begin with each of these, as PostgreSQL's `tsquery` writes it."""
    quoted = (word.replace("\\", "\\\\").replace("'", "''") for word in words)
    return " & ".join(f"'{word}':*" for word in quoted)


class NameSearchField(TextField):
    """A column of `search_text`. `icontains` finds what has words that begin with all words of the text, in
    any order, by an index of `WordsOf` where the model has one.

    "ås" finds Ås and Åse, but not Asker; "as" finds all of them.

    `of` names the columns whose texts are looked in: then it follows them whenever a row is saved.
    """

    def __init__(self, *args: Any, of: Sequence[str] = (), **kwargs: Any):
        kwargs.setdefault("editable", False)
        self.of = tuple(of)
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        if self.of:
            setattr(model_instance, self.attname, search_text(*(getattr(model_instance, n) for n in self.of)))
        return super().pre_save(model_instance, add)


@NameSearchField.register_lookup
class HasWords(Lookup):
    lookup_name = "icontains"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        words = words_in(str(self.rhs))
        if not words:
            raise EmptyResultSet
        column, given = self.process_lhs(compiler, connection)
        indexed = WordsOf.template % {"expressions": column}
        return f"{indexed} @@ %s::tsquery", [*given, beginning_with(words)]
