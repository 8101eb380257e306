"""What phones need besides entities: who one is here, the organisation's words, and content to read."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

from api.content.kinds import CONVERSATION_CARDS, FAQS, RESOURCE_LINKS, Kind
from api.content.views import terminology
from api.core.rendering import to_json
from api.me import MeView
from domain.access.models import RoleAssignment
from domain.associations.models import LocalAssociation
from domain.config.models import FeatureArea, TerminologyOverride
from domain.config.queries import is_enabled
from domain.identity.models import User
from domain.sync.changes import Now

from .sources import DocumentSource

# Where ids of documents that have none of their own come from.
_NAMESPACE = UUID("4f0f2a52-6f0e-4c3e-9b55-2b1f5f0c7e11")
# Whose revocation ends the token that asks: of no use on the phone.
_NOT_KEPT = ("session_id",)


def document_sources(view: Any) -> dict[str, DocumentSource]:
    """By name; `view` is the one that answers: whose scope, language and host."""
    sources = [
        DocumentSource(
            "me",
            lambda: {view.request.user.pk: _me(view)},
            tables=_tables(RoleAssignment, LocalAssociation, FeatureArea, TerminologyOverride, User),
            mark=lambda now: f"{view.locale}.{view.organization.updated_at.isoformat()}",
        ),
        DocumentSource(
            "terminology",
            lambda: {uuid5(_NAMESPACE, "terminology"): _text(terminology(view.locale))},
            mark=_content_mark(view),
        ),
    ]
    for name, group_name, kind in (
        ("faqs", "faq-categories", FAQS),
        ("resource-links", "resource-categories", RESOURCE_LINKS),
        ("conversation-cards", "card-decks", CONVERSATION_CARDS),
    ):
        sources += [
            DocumentSource(name, _items(view, kind), mark=_content_mark(view)),
            DocumentSource(group_name, _groups(view, kind), mark=_content_mark(view)),
        ]
    return {source.name: source for source in sources}


def _content_mark(view: Any) -> Callable[[Now], str]:
    return lambda now: f"{view.locale}.{now.content}.{view.request.get_host()}"


def _items(view: Any, kind: Kind) -> Callable[[], dict[UUID, str]]:
    def make() -> dict[UUID, str]:
        if not is_enabled(kind.area):
            return {}
        items = list(kind.items(view.scope, view.locale))
        return {UUID(str(shown["id"])): _text(shown) for shown in kind.represent(items, view.request)}

    return make


def _groups(view: Any, kind: Kind) -> Callable[[], dict[UUID, str]]:
    def make() -> dict[UUID, str]:
        if not is_enabled(kind.area):
            return {}
        shown = kind.group_serializer(kind.groups(view.scope, view.locale), many=True).data
        return {UUID(str(each["id"])): _text(each) for each in shown}

    return make


def _me(view: Any) -> str:
    asked = MeView()
    asked.request, asked.locale = view.request, view.locale
    return _text({name: value for name, value in asked.shown().items() if name not in _NOT_KEPT})


def _tables(*models: Any) -> frozenset[str]:
    return frozenset(model._meta.db_table for model in models)


def _text(told: Any) -> str:
    return to_json(told).decode()
