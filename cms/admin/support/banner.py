"""What the platform's support sees on every page of an organisation that let them in."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from cms.support_access import support_in
from domain.identity.choices import SupportArea


def banner(request) -> SafeString | str:
    """Who is here, how far and until when; nothing for members."""
    support = support_in(request)
    if support is None:
        return ""
    return render_to_string(
        "support/banner.html",
        {
            "support": support,
            "person": request.user,
            "organization_name": request.tenant.short_name or request.tenant.name,
            "areas": [SupportArea(area).label for area in support.areas],
        },
    )
