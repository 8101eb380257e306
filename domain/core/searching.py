"""Finding rows by words: the one way for the API, the lists of the admin and its choosers.

A row is found by a text when each word of it is found in one of the columns. In columns of `search_text`
(`NameSearchField`) a word is found where one begins with it, however it is spelled, and by an index; in the
others it is found as it is written, anywhere. A list of many rows looks in columns of the first kind alone:
one of the other kind among them has all rows read.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Expression, F, Func, Model, Q, QuerySet

from .names import NameSearchField

# As many words of a text are looked for.
MOST_WORDS = 8
# As people write a telephone number: its groups of digits aren't words.
_NUMBER = re.compile(r"\s*(?:\+|00(?=47))?([0-9][0-9 ()-]{3,}[0-9])\s*")


def found(rows: QuerySet, columns: Iterable[str], text: str) -> QuerySet:
    """Those of the rows in which all words of the text are found; none for a text PostgreSQL can't hold.

    Columns are lookups: "mentor__name_search". People are found by a question that answers for those alone
    whom the organisation knows (`User.found_by`): their table is everybody's, and its index is closed to it.
    """
    if "\x00" in text:
        return rows.none()
    columns = tuple(columns)
    for word in words_of(text):
        condition = Q()
        for column in columns:
            condition |= _has(rows.model, column, word)
        rows = rows.filter(condition)
    return rows


def words_of(text: str) -> list[str]:
    """The words that are looked for; a telephone number is one of them."""
    number = _NUMBER.fullmatch(text)
    return [re.sub(r"\D", "", number[1])] if number else text.split()[:MOST_WORDS]


def _has(model: type[Model], lookup: str, word: str) -> Q:
    *way, last = lookup.split("__")
    owner: Any = model
    for step in way:
        owner = owner._meta.get_field(step).related_model
    found_by = getattr(owner, "found_by", None)
    if found_by is not None and (ids := found_by(last, word)) is not None:
        return Q(_one_of("__".join(way) or "pk", ids))
    if way and isinstance(owner._meta.get_field(last), NameSearchField):
        rows = owner._base_manager.filter(**{f"{last}__icontains": word}).order_by().values("pk")
        return Q(_one_of("__".join(way), ArraySubquery(rows)))
    return Q(**{f"{lookup}__icontains": word})


def _one_of(column: str, keys: Any) -> Expression:
    """That a column is one of the keys of an array: asked once, and by the index of the column.

    With "in" PostgreSQL would look at every row where something else is joined to it by "or".
    """
    return Func(
        F(column), keys, template="(%(expressions)s))", arg_joiner=" = ANY (", output_field=BooleanField()
    )


__all__: Sequence[str] = ("found", "words_of")
