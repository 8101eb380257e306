"""What anyone may see of the organisation whose host is asked: logo, icon, colours; the language switch."""

import re
from html import escape

from django.http import FileResponse, Http404, HttpResponse
from django.urls import path, reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.i18n import set_language

from tenants.models import Organization

from . import theme

# As `tenants.storage.logo_path` and the re-encoding make them.
LOGO_NAME = re.compile(r"[0-9a-f]{32}\.png")
_FOR_EVER = cache_control(public=True, max_age=31_536_000, immutable=True)


def brand_of(organization: Organization | None) -> dict[str, str]:
    """What templates show of an organisation; Meander's own look where there is none (an unknown host)."""
    if organization is None:
        return {"name": "Meander", "short_name": "Meander", "logo_url": "", "icon_url": "", "theme_url": ""}
    color, logo = organization.brand_color, organization.logo.name
    version = theme.digest(color)
    letter = ord(organization.short_name[:1] or "M")
    return {
        "name": organization.name,
        "short_name": organization.short_name,
        "color": color,
        "logo_url": reverse("branding_logo", args=[logo]) if logo else "",
        "icon_url": f"{reverse('branding_icon')}?v={version}-{letter}",
        "theme_url": f"{reverse('branding_theme')}?v={version}",
    }


@require_safe
@_FOR_EVER
def logo(request, name: str):
    """The logo of this host's organisation; any other name, another organisation's too, is a 404."""
    current = request.tenant.logo
    if not LOGO_NAME.fullmatch(name) or current.name != name or not current.storage.exists(name):
        raise Http404
    return FileResponse(current.open("rb"), content_type="image/png")


@require_safe
@_FOR_EVER
def icon(request):
    """A favicon: the first letter of the short name on the brand colour."""
    color = request.tenant.brand_color
    letter = escape((request.tenant.short_name or "M")[:1].upper())
    return HttpResponse(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" rx="12" fill="{color}"/>'
        f'<text x="32" y="46" font-family="sans-serif" font-size="40" font-weight="700" text-anchor="middle" '
        f'fill="{theme.readable_on(color)}">{letter}</text></svg>',
        content_type="image/svg+xml",
    )


@require_safe
@_FOR_EVER
def stylesheet(request):
    return HttpResponse(theme.stylesheet(request.tenant.brand_color), content_type="text/css")


urlpatterns = [
    path("logo/<str:name>", logo, name="branding_logo"),
    path("icon.svg", icon, name="branding_icon"),
    path("theme.css", stylesheet, name="branding_theme"),
    path("language/", set_language, name="set_language"),
]
