"""The map on a page: what is drawn on it, and the policy that lets its tiles in where there are any."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from cms.middleware import ADMIN
from domain.associations.models import MentorLocation, MunicipalityPosition


class MapMixin:
    """For a page with a map. Nothing is loaded from elsewhere but tiles, from the one place that is set."""

    def dispatch(self, request, *args, **kwargs):
        response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        response.headers["Content-Security-Policy"] = policy()
        return response

    def get_context_data(self, *args, **kwargs):
        return super().get_context_data(*args, **map_settings(), **kwargs)  # type: ignore[misc]


def policy() -> str:
    """That of the admin's pages, with pictures from here and from the host of the tiles alone."""
    return " ".join([f"{ADMIN}; img-src 'self' data:", *tile_hosts()])


def tile_hosts() -> list[str]:
    """Where tiles come from, as a policy names it; none without tiles."""
    if not settings.MAP_TILES_URL:
        return []
    address = urlsplit(settings.MAP_TILES_URL.replace("{s}", "*"))
    return [f"{address.scheme}://{address.netloc}"]


def map_settings() -> dict[str, Any]:
    return {
        "tiles_url": settings.MAP_TILES_URL,
        "tiles_attribution": settings.MAP_TILES_ATTRIBUTION if settings.MAP_TILES_URL else "",
    }


def point_of(location: MentorLocation, url: str, note: str = "", *, is_quiet: bool = False) -> dict[str, Any]:
    """A mentor on the map; `note` stands below the name."""
    return {
        "lat": float(location.latitude or 0),
        "lon": float(location.longitude or 0),
        "name": str(location.user),
        "note": note or location.get_precision_display(),
        "url": url,
        "quiet": is_quiet,
    }


def places_of(rows: Iterable[MunicipalityPosition]) -> list[dict[str, Any]]:
    """Municipalities by name, to find one's way on a map without tiles."""
    return [{"lat": float(row.latitude), "lon": float(row.longitude), "name": row.name} for row in rows]
