"""What a column of a spreadsheet can be: how its cells are read, compared and written.

A column reads a cell into a value of the model's field, or says in plain words what is wrong with it. Reading
what it wrote gives the same value back, so that an exported file imports as "unchanged".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.functional import Promise
from django.utils.html import escape, strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.models import Locale

from cms.models.base import Category, ContentItem
from domain.access.choices import Role
from domain.config.queries import locales_in_use

LANGUAGES = [code for code, _label in settings.LANGUAGES]
_SPACE = re.compile(r"\s+")


class CellError(Exception):
    """A cell can't be read; the message says why."""


def folded(text: str) -> str:
    """For comparing what people type: case and runs of spaces don't count."""
    return _SPACE.sub(" ", text).strip().casefold()


def in_every_language(text: str | Promise) -> Iterable[str]:
    """A translatable text in each language of the admin."""
    for code in LANGUAGES:
        with translation.override(code):
            yield str(text)


def match_choice(cell: str, choices: Iterable[tuple[str, str | Promise]]) -> str | None:
    """The key that a cell names, by the key itself or its label in any language."""
    wanted = folded(cell)
    for key, label in choices:
        if wanted == folded(key) or wanted in {folded(text) for text in in_every_language(label)}:
            return key
    return None


@dataclass
class Context:
    """What cells may refer to, loaded once per file."""

    model: type[ContentItem]
    default_locale: Locale
    create_headings: bool = False
    locales: dict[str, Locale] = field(default_factory=dict)
    # Codes of the languages something new may be written in, read once for all rows.
    languages: tuple[str, ...] = field(default_factory=locales_in_use)
    headings: dict[tuple[Any, str], Category] = field(default_factory=dict)
    names: dict[Any, str] = field(default_factory=dict)
    # Categories to be made, by language and name, and by the id they will have.
    new_headings: dict[tuple[Any, str], Category] = field(default_factory=dict)
    unsaved: dict[Any, Category] = field(default_factory=dict)

    @classmethod
    def load(
        cls, model: type[ContentItem], *, default_language: str, create_headings: bool = False
    ) -> "Context":
        locales = {locale.language_code: locale for locale in Locale.objects.all()}
        context = cls(model, locales[default_language], create_headings, locales)
        for heading in context.heading_model._default_manager.order_by("-sort_order", "-pk"):
            context.headings[heading.locale_id, folded(heading.name)] = heading
            context.names[heading.pk] = heading.name
        return context

    @property
    def heading_model(self) -> type[Category]:
        related = self.model._meta.get_field(self.model.category_field).related_model
        assert isinstance(related, type) and issubclass(related, Category)
        return related


@dataclass(frozen=True)
class Column:
    """A field that can be imported: its name (also a stable heading) and what people call it."""

    name: str
    label: str | Promise
    also: tuple[str, ...] = ()
    required: bool = False
    help: str | Promise = ""
    example: str | Promise = ""

    @property
    def attribute(self) -> str:
        """The model's attribute that holds the value."""
        return self.name

    @cached_property
    def headings(self) -> frozenset[str]:
        """Every heading that means this column, folded."""
        return frozenset(
            folded(text)
            for text in (self.name, self.name.replace("_", " "), *self.also, *in_every_language(self.label))
        )

    def read(self, cell: str, row: "RowContext") -> Any:
        """The value of a cell. Raises CellError."""
        return cell.strip()

    def is_blank(self, cell: str) -> bool:
        """Whether an empty cell leaves the field as it is (else it empties it)."""
        return self.required and not cell.strip()

    def value(self, item: ContentItem) -> Any:
        """The item's value, in the form that `read` gives."""
        return getattr(item, self.attribute)

    def same(self, one: Any, other: Any) -> bool:
        return one == other

    def is_empty(self, value: Any) -> bool:
        """Whether the value is as good as none, where one is required."""
        return value in ("", None, [])

    def show(self, value: Any, context: Context) -> str:
        """The value as a person reads it."""
        return self.written(value)

    def written(self, value: Any) -> str:
        """The field's own value as a cell holds it, where that needs no other table."""
        return str(value)


@dataclass
class RowContext:
    """One row while it is read: its language is known before the cells that depend on it."""

    context: Context
    locale: Locale


@dataclass(frozen=True)
class TextColumn(Column):
    """Plain text; spaces around it don't count."""

    def same(self, one, other):
        return _newlines(one).strip() == _newlines(other).strip()


@dataclass(frozen=True)
class RichTextColumn(Column):
    """Text with a few tags, cleaned as the editor cleans it; plain text becomes paragraphs."""

    features: tuple[str, ...] = ()

    def read(self, cell, row):
        text = cell.strip()
        if text and not re.search(r"<(p|h[1-6]|ul|ol|div|br|a|b|i|strong|em)\b", text, re.IGNORECASE):
            text = paragraphs(text)
        return clean_rich_text(text, self.features)

    def same(self, one, other):
        return clean_rich_text(one, self.features) == clean_rich_text(other, self.features)

    def is_empty(self, value):
        return not strip_tags(value).strip()

    def written(self, value):
        return clean_rich_text(value, self.features)


@dataclass(frozen=True)
class ListColumn(Column):
    """Several short texts, one per line of the cell."""

    def read(self, cell, row):
        return [line.strip() for line in _newlines(cell).split("\n") if line.strip()]

    def value(self, item):
        return [text.strip() for text in getattr(item, self.attribute) if text.strip()]

    def written(self, value):
        return "\n".join(value)


@dataclass(frozen=True)
class ChoiceColumn(Column):
    """One of the field's choices, by key or by label in any language; empty means the default."""

    choices: tuple[tuple[str, str | Promise], ...] = ()

    def read(self, cell, row):
        key = match_choice(cell, self.choices)
        if key is None:
            raise CellError(
                _("“%(value)s” is not known. Write one of: %(choices)s.")
                % {"value": _short(cell), "choices": ", ".join(f"{k} ({v})" for k, v in self.choices)}
            )
        return key

    def is_blank(self, cell):
        return not cell.strip()

    def show(self, value, context):
        return str(dict(self.choices).get(value, value))


@dataclass(frozen=True)
class RolesColumn(Column):
    """Keys or names of roles, separated by comma, semicolon or line."""

    def read(self, cell, row):
        keys = []
        for part in re.split(r"[,;\n]", cell):
            if not part.strip():
                continue
            key = match_choice(part, Role.choices)
            if key is None:
                raise CellError(
                    _("“%(value)s” is not a role. Write one or more of: %(choices)s.")
                    % {"value": _short(part), "choices": ", ".join(f"{k} ({v})" for k, v in Role.choices)}
                )
            keys.append(key)
        return sorted(set(keys))

    def value(self, item):
        return sorted(set(getattr(item, self.attribute)))

    def written(self, value):
        return ", ".join(value)

    def show(self, value, context):
        return ", ".join(str(Role(role).label) for role in value if role in Role.values)


@dataclass(frozen=True)
class LocaleColumn(Column):
    """The language: its code or name."""

    def read(self, cell, row):
        code = match_choice(cell.split("-")[0] if "-" in cell else cell, settings.LANGUAGES)
        if code is None or code not in row.context.locales:
            raise CellError(
                _("“%(value)s” is not a language used here. Write one of: %(choices)s.")
                % {"value": _short(cell), "choices": ", ".join(row.context.languages)}
            )
        return row.context.locales[code]

    def is_blank(self, cell):
        return not cell.strip()

    def show(self, value, context):
        return value.language_code


@dataclass(frozen=True)
class HeadingColumn(Column):
    """A category or deck by its name, in the row's language; made on wish where there is none."""

    def read(self, cell, row):
        context, key = row.context, (row.locale.pk, folded(cell))
        heading = context.headings.get(key) or context.new_headings.get(key)
        if heading is not None:
            return heading.pk
        if not context.create_headings or row.locale.language_code not in context.languages:
            raise CellError(
                _("There is no “%(name)s” in %(language)s. Make it first, or let the import make it.")
                % {"name": _short(cell), "language": row.locale.language_code}
            )
        longest = context.heading_model._meta.get_field("name").max_length
        if longest is not None and len(cell.strip()) > longest:
            raise CellError(_("The name is longer than %(limit)d characters.") % {"limit": longest})
        heading = context.heading_model(name=_SPACE.sub(" ", cell).strip(), locale=row.locale)
        context.new_headings[key] = context.unsaved[heading.pk] = heading
        return heading.pk

    @property
    def attribute(self):
        return f"{self.name}_id"

    def show(self, value, context):
        unsaved = context.unsaved.get(value)
        return unsaved.name if unsaved else context.names.get(value, "")


@dataclass(frozen=True)
class IdColumn(Column):
    """The id of an item that is there already; empty for a new one."""

    def read(self, cell, row):
        if not cell.strip():
            return None
        try:
            return UUID(cell.strip())
        except ValueError:
            raise CellError(
                _("“%(value)s” is not an id. Leave the cell empty to add a new one.")
                % {"value": _short(cell)}
            ) from None


def model_column(
    model: type[models.Model], name: str, kind: type[Column] = TextColumn, **options: Any
) -> Column:
    """A column for a model's field: label, choices and whether it must be filled come from the field."""
    model_field: Any = model._meta.get_field(name)
    if kind is ChoiceColumn:
        options.setdefault("choices", tuple(model_field.choices))
    options.setdefault("required", not model_field.blank)
    return kind(name, model_field.verbose_name, **options)


@lru_cache(maxsize=8)
def _converter(features: tuple[str, ...]) -> ContentstateConverter:
    return ContentstateConverter(list(features))


def clean_rich_text(html: str, features: tuple[str, ...]) -> str:
    """The text as the editor would store it: only the features allowed, no scripts, no foreign attributes."""
    if not html or not html.strip():
        return ""
    converter = _converter(features)
    cleaned = html
    for _pass in range(2):  # What is left of a link without an address goes in the second.
        cleaned = converter.to_database_format(converter.from_database_format(cleaned))
    # The editor gives each block a key of its own, new each time: no part of the text.
    return re.sub(r' data-block-key="[^"]*"', "", cleaned)


def paragraphs(text: str) -> str:
    """Plain text as HTML: an empty line begins a paragraph, a line break stays one."""
    blocks = [block.strip("\n") for block in re.split(r"\n\s*\n", _newlines(text))]
    return "".join(f"<p>{escape(block).replace(chr(10), '<br/>')}</p>" for block in blocks if block.strip())


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _short(text: str) -> str:
    text = _SPACE.sub(" ", text).strip()
    return text if len(text) <= 60 else text[:59] + "…"


ID = IdColumn(
    "id",
    gettext_lazy("ID"),
    help=gettext_lazy("Leave empty for a new one. Fill in, as an export does, to change one that is there."),
)
LOCALE = LocaleColumn(
    "locale",
    gettext_lazy("Language"),
    also=("språk", "language"),
    help=gettext_lazy("nb, nn or en."),
    example="nb",
)
