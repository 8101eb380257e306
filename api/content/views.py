"""What the app and the website read: /api/v1/content/."""

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from api.core.conditional import matches, not_modified
from api.core.errors import FeatureDisabled, NotFound
from api.core.pagination import page_url, paginate
from api.core.query import ListQuery, Query, SearchableListQuery, SparseQuery, sparse
from api.core.rendering import to_json
from api.core.schema import page_of
from api.core.views import PublicView
from cms.models.conversation_cards import Difficulty
from domain.config.terminology import terminology_etag, terms_for

from .kinds import CONVERSATION_CARDS, FAQS, RESOURCE_LINKS, Kind
from .serializers import (
    BundleSerializer,
    CategorySerializer,
    ConversationCardSerializer,
    DeckSerializer,
    FaqSerializer,
    ResourceLinkSerializer,
    TerminologySerializer,
)
from .state import ContentState, content_etag, content_headers, content_state

ORDERINGS = ("position", "updated_at", "-updated_at")


class ItemQuery(SearchableListQuery):
    ordering = serializers.ChoiceField(
        choices=ORDERINGS, required=False, default="position", help_text="`position` is the editors' order."
    )
    category = serializers.UUIDField(required=False, help_text="Only of this category.")


class CardQuery(SearchableListQuery):
    ordering = serializers.ChoiceField(
        choices=ORDERINGS, required=False, default="position", help_text="`position` is the editors' order."
    )
    deck = serializers.UUIDField(required=False, help_text="Only of this deck.")
    difficulty = serializers.ChoiceField(choices=Difficulty.choices, required=False)


class ContentView(PublicView):
    """An answer that depends on nothing but the state of the content and what the entity tag covers.

    Because it doesn't, its bytes may be kept: under the entity tag, in a cache that is keyed by organisation.
    """

    kind: ClassVar[Kind | None] = None

    def content(self, **path: Any) -> dict[str, Any]:
        """The document. Raises NotFound where there is none for the caller."""
        raise NotImplementedError

    def answer(self, request, **path) -> HttpResponse:
        state = content_state()
        self.check_area(state)
        etag = content_etag(request, stamp=state.stamp, locale=self.locale, scope=self.scope)
        headers = content_headers(
            etag=etag, locale=self.locale, scope=self.scope, max_age=settings.CONTENT_MAX_AGE_SECONDS
        )
        if matches(request.META.get("HTTP_IF_NONE_MATCH", ""), etag):
            return not_modified(headers)
        key = f"content:{etag.strip(chr(34))}"
        body = cache.get(key)
        if body is None:
            body = to_json(self.content(**path))
            cache.set(key, body)
        return HttpResponse(body, content_type="application/json", headers=headers)

    def check_area(self, state: ContentState) -> None:
        self.disabled_areas = state.disabled_areas
        if self.kind and self.kind.area in state.disabled_areas:
            raise FeatureDisabled


class ItemListView(ContentView):
    """Published items of one kind that are meant for the caller."""

    kind: ClassVar[Kind]
    query_class: ClassVar[type[Query]] = ItemQuery

    def content(self, **path):
        query, kind = self.query, self.kind
        items = kind.items(self.scope, self.locale)
        if "updated_since" in query:
            items = items.filter(updated_at__gte=query["updated_since"])
        if kind.group in query:
            items = kind.in_group(items, query[kind.group])
        if "difficulty" in query:
            items = items.filter(difficulty=query["difficulty"])
        if query.get("search"):
            items = kind.search(items, query["search"])
        ordering = kind.position if query["ordering"] == "position" else (query["ordering"], "id")
        page = paginate(items, ordering=ordering, page_size=query["page_size"], cursor=query.get("cursor"))
        known = set(kind.serializer().fields)
        sparse({}, query.get("fields"), known)
        results = kind.represent(page.items, self.request)
        return {
            "results": [sparse(item, query.get("fields"), known) for item in results],
            "next": page_url(self.request, page.next),
            "previous": page_url(self.request, page.previous),
            **({"count": items.count()} if "count" in query else {}),
        }


class ItemView(ContentView):
    """One published item; not found for whoever it isn't meant for."""

    kind: ClassVar[Kind]
    query_class = SparseQuery

    def content(self, **path):
        item = self.kind.items(self.scope, self.locale).filter(translation_key=path["id"]).first()
        if item is None:
            raise NotFound
        (data,) = self.kind.represent([item], self.request)
        return sparse(data, self.query.get("fields"), set(self.kind.serializer().fields))


class GroupListView(ContentView):
    """Categories or decks that have something in them for the caller."""

    kind: ClassVar[Kind]
    query_class = ListQuery

    def content(self, **path):
        query = self.query
        groups = self.kind.groups(self.scope, self.locale)
        page = paginate(
            groups, ordering=("sort_order", "id"), page_size=query["page_size"], cursor=query.get("cursor")
        )
        serializer = self.kind.group_serializer
        known = set(serializer().fields)
        sparse({}, query.get("fields"), known)
        return {
            "results": [
                sparse(group, query.get("fields"), known) for group in serializer(page.items, many=True).data
            ],
            "next": page_url(self.request, page.next),
            "previous": page_url(self.request, page.previous),
            **({"count": groups.count()} if "count" in query else {}),
        }


def terminology(locale: str) -> dict[str, Any]:
    terms = {key: forms._asdict() for key, forms in terms_for(locale).items()}
    return {"locale": locale, "etag": terminology_etag(), "terms": terms}


class TerminologyView(ContentView):
    """The organisation's own words for things, every term complete."""

    @extend_schema(operation_id="getTerminology", parameters=[Query], responses=TerminologySerializer)
    def get(self, request):
        return self.answer(request)

    def content(self, **path):
        return terminology(self.locale)


class BundleView(ContentView):
    """Everything the app needs offline, in one document."""

    @extend_schema(operation_id="getBundle", parameters=[Query], responses=BundleSerializer)
    def get(self, request):
        return self.answer(request)

    def content(self, **path):
        return {
            "locale": self.locale,
            "terminology": terminology(self.locale),
            "faqs": self._part(FAQS, "categories"),
            "resource_links": self._part(RESOURCE_LINKS, "categories"),
            "conversation_cards": self._part(CONVERSATION_CARDS, "decks"),
        }

    def _part(self, kind: Kind, groups_name: str) -> dict[str, Any] | None:
        if kind.area in self.disabled_areas:
            return None
        groups = kind.groups(self.scope, self.locale)
        items = kind.items(self.scope, self.locale).order_by(*kind.position)
        return {
            groups_name: list(kind.group_serializer(groups, many=True).data),
            "items": kind.represent(list(items), self.request),
        }


class FaqListView(ItemListView):
    """Questions and answers."""

    kind = FAQS

    @extend_schema(operation_id="listFaqs", parameters=[ItemQuery], responses=page_of(FaqSerializer))
    def get(self, request):
        return self.answer(request)


class FaqView(ItemView):
    kind = FAQS

    @extend_schema(operation_id="getFaq", parameters=[SparseQuery], responses=FaqSerializer)
    def get(self, request, id: UUID):
        return self.answer(request, id=id)


class FaqCategoryListView(GroupListView):
    kind = FAQS

    @extend_schema(
        operation_id="listFaqCategories",
        parameters=[ListQuery],
        responses=page_of(CategorySerializer),
    )
    def get(self, request):
        return self.answer(request)


class ResourceLinkListView(ItemListView):
    """Links worth following."""

    kind = RESOURCE_LINKS

    @extend_schema(
        operation_id="listResourceLinks",
        parameters=[ItemQuery],
        responses=page_of(ResourceLinkSerializer),
    )
    def get(self, request):
        return self.answer(request)


class ResourceLinkView(ItemView):
    kind = RESOURCE_LINKS

    @extend_schema(
        operation_id="getResourceLink",
        parameters=[SparseQuery],
        responses=ResourceLinkSerializer,
    )
    def get(self, request, id: UUID):
        return self.answer(request, id=id)


class ResourceCategoryListView(GroupListView):
    kind = RESOURCE_LINKS

    @extend_schema(
        operation_id="listResourceCategories",
        parameters=[ListQuery],
        responses=page_of(CategorySerializer),
    )
    def get(self, request):
        return self.answer(request)


class ConversationCardListView(ItemListView):
    """Cards that help a conversation begin."""

    kind = CONVERSATION_CARDS
    query_class: ClassVar[type[Query]] = CardQuery

    @extend_schema(
        operation_id="listConversationCards",
        parameters=[CardQuery],
        responses=page_of(ConversationCardSerializer),
    )
    def get(self, request):
        return self.answer(request)


class ConversationCardView(ItemView):
    kind = CONVERSATION_CARDS

    @extend_schema(
        operation_id="getConversationCard",
        parameters=[SparseQuery],
        responses=ConversationCardSerializer,
    )
    def get(self, request, id: UUID):
        return self.answer(request, id=id)


class CardDeckListView(GroupListView):
    kind = CONVERSATION_CARDS

    @extend_schema(operation_id="listCardDecks", parameters=[ListQuery], responses=page_of(DeckSerializer))
    def get(self, request):
        return self.answer(request)
