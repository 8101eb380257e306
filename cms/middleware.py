"""Response headers that keep browsers strict, and the admin pages of areas that are switched off.

(Whoever is signed in is checked to be an active member of the organisation they ask, on every request, by
`domain.access.backends.MembershipBackend.get_user`.)
"""

from django.http import HttpRequest
from django.utils import translation
from django.views.defaults import page_not_found

from .admin.areas import is_closed

# Our own pages: nothing from elsewhere, no inline script or style, in no other site's frame.
PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# Answers of the API and files are data: nothing in them may run or be framed.
DATA = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
# Wagtail's admin needs inline scripts and styles (open upstream); what doesn't touch those is closed.
ADMIN = "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "bluetooth",
        "browsing-topics",
        "camera",
        "display-capture",
        "encrypted-media",
        "geolocation",
        "gyroscope",
        "hid",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)


def policy_for(path: str, content_type: str) -> str:
    """The Content-Security-Policy of an answer that has none of its own."""
    if path.startswith("/admin/"):
        return ADMIN
    return PAGES if content_type.startswith("text/html") else DATA


class ContentSecurityPolicyMiddleware:
    """Sets the policies a view didn't set itself (the API's documentation needs another, for one)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        response = self.get_response(request)
        response.headers.setdefault(
            "Content-Security-Policy",
            policy_for(request.path_info, response.headers.get("Content-Type", "")),
        )
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response


class OwnLanguageMiddleware:
    """The admin in the language a person chose for themselves, before the browser's.

    Wagtail does it for those alone who have a row of theirs in its table of profiles, from their first visit
    to the account page of this organisation.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, _view, _args, _kwargs):
        if (
            request.path_info.startswith("/admin/")
            and request.user.is_authenticated
            and request.user.language
        ):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()


class ClosedAreasMiddleware:
    """404 for the admin pages of areas that are switched off.

    Runs after the sign-in is known: to anyone not signed in, every admin address answers with the login page.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, _view, _args, _kwargs):
        if not request.path_info.startswith("/admin/") or not request.user.is_authenticated:
            return None
        if is_closed(request.resolver_match):
            return page_not_found(request, Exception(), template_name="wagtailadmin/404.html")
        return None
