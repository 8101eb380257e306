"""Images in content: alternative text, and renditions in the widths that phones and pages need."""

from typing import Any

from django.db.models import QuerySet

# Pixels; none wider than the original is offered.
WIDTHS = (320, 640, 1280)


def with_images(queryset: QuerySet, field: str) -> QuerySet:
    """The image with its row, and all renditions of a page in one query."""
    return queryset.select_related(field).prefetch_related(f"{field}__renditions")


def describe(image: Any, build_url) -> dict[str, Any] | None:
    """An image as clients see it; `build_url` makes a path absolute.

    Renditions are files made once, at the first reading after the image was chosen. An image whose file is
    missing or broken is left out: the text is worth reading without it.
    """
    if image is None:
        return None
    widths = [width for width in WIDTHS if width < image.width] or [image.width]
    try:
        renditions = image.get_renditions(*(f"width-{width}" for width in widths))
    except (OSError, ValueError):
        return None
    return {
        "alt": image.default_alt_text,
        "width": image.width,
        "height": image.height,
        "renditions": [
            {"width": r.width, "height": r.height, "url": build_url(r.url)} for r in renditions.values()
        ],
    }
