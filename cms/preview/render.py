"""Draws a piece of content as the app does, from what the content API sends."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.models import Locale

from api.content.images import with_images
from api.content.kinds import CONVERSATION_CARDS, FAQS, RESOURCE_LINKS, Kind
from cms.colors import mix, readable_on, readable_text
from cms.models import Audience
from cms.models.base import ContentItem
from domain.access.choices import Role
from domain.config.choices import Term, TermForm
from domain.config.terminology import term
from domain.core.scope import Scope
from tenants.models import Organization

from .modes import MODES, PreviewMode, preview_mode

# The backgrounds of app.css that brand-coloured text stands on, the least favourable of each look.
LIGHT, DARK, DARK_BAR = "#f4f2ee", "#232a34", "#000000"
# In the admin's own frame; styles inline because the brand's colours are an attribute of the page.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'self'; base-uri 'none'"
)
# As many neighbours as show where the item stands; a phone shows no more at a time anyway.
NEIGHBOURS = 30


@dataclass(frozen=True)
class Drawn:
    """How a kind is drawn; `term` is the word for its screen, `title` and `text` its telling fields."""

    kind: Kind
    term: Term
    template: str
    title: str
    text: str


DRAWN: dict[type[ContentItem], Drawn] = {
    drawn.kind.model: drawn
    for drawn in (
        Drawn(FAQS, Term.FAQ, "preview/faq.html", "question", "answer_text"),
        Drawn(RESOURCE_LINKS, Term.RESOURCE_LINK, "preview/resource_link.html", "title", "description"),
        Drawn(
            CONVERSATION_CARDS, Term.CONVERSATION_CARD, "preview/conversation_card.html", "title", "prompt"
        ),
    )
}


def brand_colors(color: str) -> dict[str, str]:
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
    published = (
        kind.model.objects.filter(live=True) if scope is None else kind.model.objects.visible_to(scope)
    )
    queryset: QuerySet = published.filter(**{kind.group: item.group_id}, locale_id=item.locale_id)
    queryset = queryset.exclude(pk=item.pk).select_related("locale", kind.group)
    if kind.has_image:
        queryset = with_images(queryset, "image")
    return list(queryset.order_by("sort_order", "id")[:NEIGHBOURS])


def in_order(item: ContentItem, others: list[ContentItem]) -> list[ContentItem]:
    """The item among its neighbours; a new one comes last, as it does when it is saved."""
    if item._state.adding or not item.sort_order:
        return [*others, item]
    return sorted([*others, item], key=lambda each: (each.sort_order, each.pk))


def complete(item: ContentItem, kind: Kind, organization: Organization) -> None:
    """Give an item that is still being written what the API takes for granted. It is never saved so."""
    if not item.locale_id:
        item.locale = Locale.objects.get(language_code=organization.default_language)
    if not item.group_id:
        setattr(item, kind.group, kind.group_model(name="", locale=item.locale))
    if kind.rich_text and getattr(item, kind.rich_text) is None:
        setattr(item, kind.rich_text, "")


def render_preview(item: ContentItem, request: HttpRequest, mode_key: str) -> HttpResponse:
    """The page that the preview panel shows; `item` may be unsaved and incomplete."""
    mode, drawn = preview_mode(mode_key), DRAWN[type(item)]
    kind = drawn.kind
    organization = request.tenant  # type: ignore[attr-defined]
    complete(item, kind, organization)
    scope = mode.scope(organization.schema_name)
    visible = scope is None or is_for(item, scope)
    editor_language = getattr(request, "editor_language", None) or translation.get_language()
    with translation.override(editor_language):
        above = note(item, mode, visible)
        modes = [{"key": each.key, "label": str(each.label)} for each in MODES.values()]
    screen = mode.screen if visible else "list"
    shown = [item]
    if screen == "list":
        others = neighbours(item, kind, scope)
        shown = in_order(item, others) if visible else others
    # The same function that answers the app, so that the two can't differ.
    sent = kind.represent(shown, request)
    language = item.locale.language_code
    current = sent[0] if screen == "opened" else {}
    with translation.override(language):
        screen_title = capfirst(term(drawn.term, TermForm.PLURAL))
        context = {
            "item": current,
            "page_title": current.get(drawn.title) or screen_title,
            "page_description": current.get(drawn.text),
            "group": item.group,
            "entries": [
                {"item": each, "current": source is item} for source, each in zip(shown, sent, strict=True)
            ],
            "screen": screen,
            "mode": mode,
            "modes": modes,
            "note": above,
            "colors": brand_colors(organization.brand_color),
            "organization": organization,
            "language": language,
            "editor_language": editor_language,
            "screen_title": screen_title,
            "bezel": not getattr(request, "in_preview_panel", False),
        }
        response = TemplateResponse(request, drawn.template, context).render()
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
