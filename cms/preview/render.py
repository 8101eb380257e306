"""Draws a piece of content as the app does, from what the content API sends."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.colors import mix, readable_on, readable_text
from cms.models import Audience, ConversationCard, FaqEntry, ResourceLink
from cms.models.base import ContentItem
from domain.access.choices import Role
from domain.core.scope import Scope

from .modes import MODES, PreviewMode, preview_mode
from .payload import payload

# The backgrounds of app.css that brand-coloured text stands on, the least favourable of each look.
LIGHT, DARK, DARK_BAR = "#f4f2ee", "#232a34", "#000000"
# As many neighbours as show where the item stands; a phone shows no more at a time anyway.
NEIGHBOURS = 30


@dataclass(frozen=True)
class Kind:
    """What is particular to a kind: its template, where it is sorted and what its screen is called."""

    template: str
    heading_field: str
    title_field: str
    screen_title: str | Promise


KINDS: dict[type[ContentItem], Kind] = {
    FaqEntry: Kind("preview/faq.html", "category", "question", gettext_lazy("Questions and answers")),
    ResourceLink: Kind("preview/resource_link.html", "category", "title", gettext_lazy("Useful links")),
    ConversationCard: Kind(
        "preview/conversation_card.html", "deck", "title", gettext_lazy("Conversation cards")
    ),
}


def brand(color: str) -> dict[str, str]:
    """The colours of app.css that follow from an organisation's own, each with its contrast ensured."""
    tint, dark_tint, dark_bar = mix(color, "#ffffff", 0.88), mix(color, DARK, 0.8), mix(color, DARK_BAR, 0.35)
    return {
        "bar": color,
        "on-bar": readable_on(color),
        "link": readable_text(color, on=LIGHT),
        "tint": tint,
        "on-tint": readable_text(color, on=tint),
        "dark-bar": dark_bar,
        "on-dark-bar": readable_on(dark_bar),
        "dark-link": readable_text(color, on=DARK),
        "dark-tint": dark_tint,
        "on-dark-tint": readable_text(color, on=dark_tint),
    }


def is_for(item: ContentItem, scope: Scope) -> bool:
    """Whether the item's audience takes in this reader: `visible_to` for an item that isn't saved yet."""
    if item.audience == Audience.ROLES:
        return bool(scope.is_member and scope.roles & set(item.audience_roles))
    return item.audience == Audience.PUBLIC or scope.is_member


def audience_text(item: ContentItem) -> str:
    if item.audience == Audience.ROLES and item.audience_roles:
        return ", ".join(str(Role(role).label) for role in item.audience_roles if role in Role.values)
    return str(Audience(item.audience).label) if item.audience in Audience.values else ""


def reader_text(reader: str) -> str:
    if reader == "visitor":
        return _("a visitor who is not signed in")
    return _("a member without a role") if reader == "member" else str(Role(reader).label)


def note(item: ContentItem, mode: PreviewMode, visible: bool) -> dict[str, Any] | None:
    """The line above the phone that says whether this reader gets to see the item."""
    if mode.reader is None:
        return None
    words = {"reader": reader_text(mode.reader), "audience": audience_text(item)}
    text = (
        _("Shown to %(reader)s, once published. Audience: %(audience)s.")
        if visible
        else _("Not shown to %(reader)s. Audience: %(audience)s.")
    )
    return {"text": text % words, "visible": visible, "language": translation.get_language()}


def neighbours(item: ContentItem, kind: Kind, scope: Scope | None) -> list[ContentItem]:
    """The published items under the same heading, in the app's order, the item itself not among them."""
    heading = getattr(item, kind.heading_field, None)
    if heading is None:
        return []
    queryset = type(item).objects.filter(**{kind.heading_field: heading}, locale_id=item.locale_id)
    queryset = queryset.filter(live=True) if scope is None else queryset.visible_to(scope)
    related = ["locale", kind.heading_field] + (["image"] if hasattr(item, "image_id") else [])
    return list(
        queryset.exclude(pk=item.pk)
        .select_related(*related)
        .order_by("sort_order", kind.title_field)[:NEIGHBOURS]
    )


def in_order(item: ContentItem, others: list[ContentItem], kind: Kind) -> list[ContentItem]:
    """The item among its neighbours; a new one comes last, as it does when it is saved."""
    if item._state.adding:
        return [*others, item]
    return sorted(
        [*others, item], key=lambda each: (each.sort_order, str(getattr(each, kind.title_field)).casefold())
    )


def render_preview(item: ContentItem, request: HttpRequest, mode_key: str) -> HttpResponse:
    """The page that the preview panel shows; `item` may be unsaved and incomplete."""
    mode, kind = preview_mode(mode_key), KINDS[type(item)]
    organization = request.tenant  # type: ignore[attr-defined]
    scope = mode.scope(organization.schema_name)
    visible = scope is None or is_for(item, scope)
    with translation.override(getattr(request, "editor_language", None) or translation.get_language()):
        above = note(item, mode, visible)
        modes = [{"key": each.key, "label": str(each.label)} for each in MODES.values()]
        editor_language = translation.get_language()
    screen = mode.screen if visible else "list"
    entries = []
    if screen == "list":
        others = neighbours(item, kind, scope)
        shown = in_order(item, others, kind) if visible else others
        entries = [{"item": payload(each), "current": each.pk == item.pk} for each in shown]
    language = item.locale.language_code if item.locale_id else organization.default_language
    context = {
        "item": payload(item),
        "entries": entries,
        "screen": screen,
        "mode": mode,
        "modes": modes,
        "note": above,
        "brand": brand(organization.brand_color),
        "organization": organization,
        "language": language,
        "editor_language": editor_language,
        "screen_title": kind.screen_title,
        "bezel": not getattr(request, "in_preview_panel", False),
    }
    with translation.override(language):
        return TemplateResponse(request, kind.template, context).render()
