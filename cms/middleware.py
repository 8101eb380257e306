"""Who is signed in; response headers that keep browsers strict; the admin pages of areas that are off."""

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.views.defaults import page_not_found

from domain.identity.browsers import DEVICE_COOKIE, rebind_browser, signed_in
from domain.identity.models import User, UserSession
from domain.identity.sessions import note_use

from .admin.areas import is_closed
from .admin.sign_in import PASSKEY_NEEDED
from .support_access import SESSION_MARK

# As long as browsers keep a cookie.
DEVICE_COOKIE_SECONDS = 400 * 24 * 60 * 60

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


class SignedInMiddleware(AuthenticationMiddleware):
    """`request.user` is whoever is signed in to the admin here, and `request.auth` their session.

    Takes the place of Django's: one query finds the session, the person, and that the membership is active,
    so that ending any of them bites on the next request.
    """

    def process_request(self, request):
        request.user = SimpleLazyObject(lambda: _person(request))

    def process_response(self, request, response):
        _follow_key(request)
        secret = getattr(request, "device_secret", "")
        if secret:
            response.set_cookie(
                DEVICE_COOKIE,
                secret,
                max_age=DEVICE_COOKIE_SECONDS,
                path="/admin/",
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


def _person(request) -> User | AnonymousUser:
    user_id = request.session.get(SESSION_KEY)
    known = request.session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    if user_id is None or not known:
        return AnonymousUser()
    session = signed_in(request.session.session_key, user_id)
    if session is None or not _same_password(session.user, request.session.get(HASH_SESSION_KEY) or ""):
        request.support_ended = SESSION_MARK in request.session
        request.session.flush()
        return AnonymousUser()
    if PASSKEY_NEEDED in request.session and not request.path_info.startswith("/admin/"):
        return AnonymousUser()  # Files are for who has proved to be themselves, not for half of a sign-in.
    request.auth = session
    if session.grant_here is not None and SESSION_MARK not in request.session:
        request.session[SESSION_MARK] = True
    note_use(session)
    return session.user


def _follow_key(request) -> None:
    """Keep a browser signed in that was given another session key by `update_session_auth_hash`."""
    session, key = getattr(request, "auth", None), getattr(request.session, "session_key", None)
    if isinstance(session, UserSession) and session.browser_key and key and request.user.is_authenticated:
        rebind_browser(session, key)


def _same_password(user: User, kept: str) -> bool:
    """Whether the password is still the one of the sign-in, also after SECRET_KEY was changed."""
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(kept, one) for one in hashes)


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
