"""What can be imported: the three kinds of content, each a list of columns."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from cms.models import ConversationCard, FaqEntry, ResourceLink
from cms.models.base import ContentItem
from cms.models.faq import RICH_TEXT_FEATURES

from .columns import (
    ID,
    LOCALE,
    ChoiceColumn,
    Column,
    HeadingColumn,
    ListColumn,
    RichTextColumn,
    RolesColumn,
    folded,
    model_column,
)


@dataclass(frozen=True)
class ImportKind:
    """A model and its columns. `title` is the field that, with the language, tells items apart."""

    model: type[ContentItem]
    title: str
    columns: tuple[Column, ...]

    @property
    def key(self) -> str:
        return str(self.model._meta.model_name)

    @property
    def name(self) -> str:
        """What people call them, in the language of whoever reads it."""
        return str(self.model._meta.verbose_name_plural)

    def column(self, name: str) -> Column:
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def exported(self, field: str) -> Column | None:
        """The column that an export's field (`question`, `follow_ups`) comes back as."""
        column = self._by_name.get(field)
        return None if column is None or column in (ID, LOCALE, self.heading_column) else column

    @property
    def title_column(self) -> Column:
        return self.column(self.title)

    @property
    def heading_column(self) -> Column:
        return self.column(self.model.category_field)

    def columns_of(self, headers: list[str]) -> list[str | None]:
        """For each heading of a file the name of the column it means, each column once."""
        taken: set[str] = set()
        names: list[str | None] = []
        for header in headers:
            name = next(
                (c.name for c in self.columns if c.name not in taken and folded(header) in c.headings), None
            )
            names.append(name)
            taken |= {name} if name else set()
        return names


def _audience(model: type[ContentItem]) -> tuple[Column, ...]:
    return (
        model_column(
            model, "audience", ChoiceColumn, required=False, also=("målgruppe", "audience"), example="members"
        ),
        model_column(
            model,
            "audience_roles",
            RolesColumn,
            also=("roller", "roles"),
            help=_("Only where the audience is certain roles; separated by commas."),
        ),
    )


FAQ = ImportKind(
    FaqEntry,
    "question",
    (
        ID,
        LOCALE,
        model_column(FaqEntry, "category", HeadingColumn, also=("kategori",), example=_("About us")),
        model_column(
            FaqEntry,
            "question",
            also=("spørsmål", "tittel", "title"),
            example=_("Who can become a peer mentor?"),
        ),
        model_column(
            FaqEntry,
            "answer",
            RichTextColumn,
            also=("svar", "tekst", "text"),
            features=tuple(RICH_TEXT_FEATURES),
            help=_("Plain text, where an empty line begins a paragraph, or simple HTML."),
            example=_("Anyone with experience of their own."),
        ),
        *_audience(FaqEntry),
    ),
)
LINKS = ImportKind(
    ResourceLink,
    "title",
    (
        ID,
        LOCALE,
        model_column(ResourceLink, "category", HeadingColumn, also=("kategori",), example=_("Your rights")),
        model_column(ResourceLink, "title", also=("tittel", "navn", "name"), example=_("Aids from Nav")),
        model_column(
            ResourceLink,
            "url",
            also=("url", "adresse", "lenke", "link", "nettadresse"),
            help=_("Begins with https://."),
            example="https://www.nav.no/hjelpemidler",
        ),
        model_column(
            ResourceLink,
            "description",
            also=("beskrivelse", "omtale"),
            example=_("What you can apply for, and how."),
        ),
        *_audience(ResourceLink),
    ),
)
CARDS = ImportKind(
    ConversationCard,
    "title",
    (
        ID,
        LOCALE,
        model_column(
            ConversationCard, "deck", HeadingColumn, also=("kortstokk",), example=_("First meeting")
        ),
        model_column(ConversationCard, "title", also=("tittel",), example=_("Getting to know each other")),
        model_column(
            ConversationCard,
            "prompt",
            also=("spørsmål", "samtalestarter", "question"),
            example=_("What made you happy this week?"),
        ),
        model_column(
            ConversationCard,
            "follow_ups",
            ListColumn,
            also=("oppfølgingsspørsmål",),
            help=_("One question per line of the cell (Alt+Enter in Excel)."),
            example=_("Who was there?"),
        ),
        model_column(ConversationCard, "theme", also=("tema",)),
        model_column(
            ConversationCard,
            "difficulty",
            ChoiceColumn,
            required=False,
            also=("vanskelighetsgrad",),
            example="easy",
        ),
        model_column(ConversationCard, "sensitive_advice", also=("råd",)),
        *_audience(ConversationCard),
    ),
)
KINDS = {kind.model: kind for kind in (FAQ, LINKS, CARDS)}
