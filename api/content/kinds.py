"""The kinds of content: which model, which area, how sorted, searched and filtered."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, Func, IntegerField, Model, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast
from rest_framework import serializers

from api.core.locale import fallbacks
from cms.models import (
    CardDeck,
    ConversationCard,
    FaqCategory,
    FaqEntry,
    ResourceCategory,
    ResourceLink,
)
from cms.models.base import Category, ContentItem
from domain.config.choices import Area
from domain.core.scope import Scope

from .images import with_images
from .richtext import to_html
from .serializers import (
    CategorySerializer,
    ConversationCardSerializer,
    DeckSerializer,
    FaqSerializer,
    ResourceLinkSerializer,
)


@dataclass(frozen=True)
class Kind:
    """One kind of content. `group` is its field for the category or deck."""

    area: Area
    model: type[ContentItem]
    group_model: type[Category]
    serializer: type[serializers.Serializer]
    group_serializer: type[serializers.Serializer]
    group: str
    searched: tuple[str, ...]
    rich_text: str = ""
    has_image: bool = False

    @property
    def position(self) -> tuple[str, ...]:
        """The order that editors gave."""
        return (f"{self.group}__sort_order", "sort_order", "id")

    def items(self, scope: Scope, locale: str) -> QuerySet:
        """What the caller may read, each text once, in the best language there is."""
        visible = self.model.objects.visible_to(scope)
        queryset = best_translations(visible, locale).select_related("locale", self.group)
        return with_images(queryset, "image") if self.has_image else queryset

    def groups(self, scope: Scope, locale: str) -> QuerySet:
        """Categories or decks with something in them for the caller, in the best language there is."""
        visible = self.model.objects.visible_to(scope)
        keys = visible.order_by().values(f"{self.group}__translation_key")
        groups = self.group_model._default_manager.filter(translation_key__in=keys)
        return best_translations(groups, locale).select_related("locale").order_by("sort_order", "id")

    def represent(self, items: list[Any], request) -> list[dict[str, Any]]:
        """Rows of `items` as they go out."""
        build_url = request.build_absolute_uri
        context: dict[str, Any] = {"build_url": build_url}
        if self.rich_text:
            sources = [getattr(item, self.rich_text) for item in items]
            html = to_html(sources, base_url=build_url("/"))
            context["html"] = {item.pk: text for item, text in zip(items, html, strict=True)}
        return list(self.serializer(items, many=True, context=context).data)

    def search(self, queryset: QuerySet, words: str) -> QuerySet:
        """Items that contain every word, in any of the searched fields; markup is not text."""
        fields = []
        for name in self.searched:
            if name == self.rich_text:
                queryset = queryset.annotate(searched_text=_without_markup(name))
                name = "searched_text"
            fields.append(name)
        for word in words.split():
            condition = Q()
            for name in fields:
                condition |= Q(**{f"{name}__icontains": word})
            queryset = queryset.filter(condition)
        return queryset

    def in_group(self, queryset: QuerySet, key: UUID) -> QuerySet:
        return queryset.filter(**{f"{self.group}__translation_key": key})


def best_translations(queryset: QuerySet, locale: str) -> QuerySet:
    """One row per translation key: the first in the order of fallbacks of the locale."""
    model: type[Model] = queryset.model
    order = fallbacks(locale)
    rank = Case(
        *(When(locale__language_code=code, then=Value(place)) for place, code in enumerate(order)),
        default=Value(len(order)),
        output_field=IntegerField(),
    )
    best = queryset.annotate(language_rank=rank).order_by("translation_key", "language_rank")
    return model._default_manager.filter(pk__in=best.distinct("translation_key").values("pk"))


def _without_markup(name: str) -> Func:
    return Func(
        Cast(name, TextField()),
        Value("<[^>]*>"),
        Value(" "),
        Value("g"),
        function="regexp_replace",
        output_field=TextField(),
    )


FAQS = Kind(
    area=Area.FAQS,
    model=FaqEntry,
    group_model=FaqCategory,
    serializer=FaqSerializer,
    group_serializer=CategorySerializer,
    group="category",
    searched=("question", "answer"),
    rich_text="answer",
)
RESOURCE_LINKS = Kind(
    area=Area.RESOURCE_LINKS,
    model=ResourceLink,
    group_model=ResourceCategory,
    serializer=ResourceLinkSerializer,
    group_serializer=CategorySerializer,
    group="category",
    searched=("title", "description"),
    has_image=True,
)
CONVERSATION_CARDS = Kind(
    area=Area.CONVERSATION_CARDS,
    model=ConversationCard,
    group_model=CardDeck,
    serializer=ConversationCardSerializer,
    group_serializer=DeckSerializer,
    group="deck",
    searched=("title", "prompt", "theme"),
    has_image=True,
)
