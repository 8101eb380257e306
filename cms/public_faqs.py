"""The questions and answers an organisation has published for everyone, as a page in its colours."""

from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from api.content.kinds import best_translations
from api.content.richtext import to_html
from api.core.conditional import etag_of, matches, not_modified
from cms.models import Audience, FaqEntry
from domain.config.choices import Area
from domain.config.queries import is_enabled

# Seconds in which nobody asks again; afterwards the entity tag tells whether anything is new.
FRESH = 300


def _public():
    return FaqEntry.objects.filter(live=True, audience=Audience.PUBLIC)


def has_public_faqs() -> bool:
    """Whether the page has anything to show."""
    return is_enabled(Area.FAQS) and _public().exists()


def public_faqs() -> list[dict[str, Any]]:
    """Categories with their questions, each in the reader's language or the best there is."""
    entries = best_translations(_public(), get_language() or "").select_related("locale", "category__locale")
    entries = list(entries.order_by("category__sort_order", "category__name", "sort_order", "pk"))
    answers = to_html([entry.answer for entry in entries], base_url="/")
    rows = [
        {
            "question": entry.question,
            # Safe HTML, whatever was stored: to_html leaves nothing that could run.
            "answer": answer,
            "language": entry.locale.language_code,
            "category": entry.category,
        }
        for entry, answer in zip(entries, answers, strict=True)
    ]
    return [
        {"category": category, "language": category.locale.language_code, "entries": list(group)}
        for category, group in groupby(rows, key=lambda row: row["category"])
    ]


@require_safe
def faqs(request: HttpRequest) -> HttpResponse:
    """The page; a 404 where there is nothing for everyone, or the area is switched off."""
    if not has_public_faqs():
        raise Http404
    page = render(request, "faqs.html", {"groups": public_faqs()})
    etag = etag_of(page.content)
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={FRESH}"}
    if matches(request.headers.get("If-None-Match", ""), etag):
        page = not_modified(headers)
    for name, value in headers.items():
        page[name] = value
    # The language is the one chosen on the front page, which a cookie keeps, or the browser's.
    patch_vary_headers(page, ["Accept-Language", "Cookie"])
    return page
