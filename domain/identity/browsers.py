"""Sessions of the admin in a browser: a `UserSession` beside Django's own, so that they are listed and ended
like those of the apps.

The two are tied by a keyed hash of Django's session key. `django.contrib.auth.login` opens one (it gives the
browser a new key), `logout` ends it; `signed_in` is asked on every request.
"""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from domain.audit.context import client_address, network_of
from domain.audit.rules import record
from tenants.db import connection
from tenants.models import Organization

from .choices import SessionOrigin
from .devices import Device
from .models import User, UserSession
from .sessions import end_session, live_sessions

# The cookie in which a browser keeps the secret it is known by to whoever has signed in from it.
DEVICE_COOKIE = "device"
# What a User-Agent header has → what people call it; the first that fits.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_key(session_key: str) -> bytes:
    """What a browser session is known by: useless to whoever reads the table."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"browser\0{session_key}".encode(), hashlib.sha256)


def browser_device(user_agent: str, secret: str = "") -> Device:
    """A browser as a device, named as in “Firefox, Windows”."""
    names = [
        next((name for mark, name in table if mark in user_agent), "") for table in (_BROWSERS, _SYSTEMS)
    ]
    return Device(name=", ".join(name for name in names if name), platform="web", secret=secret)


def signed_in(session_key: str, user_id: Any) -> UserSession | None:
    """The live session of a browser, with its user: one query. None where it has ended for any reason."""
    return _of_browser(session_key).filter(user_id=user_id).first()


def open_for_browser(user: User, request: Any) -> UserSession | None:
    """Note that somebody signed in to the admin that is selected; None in the public schema, which has none.

    The request's Django session has its new key already; the session it had before ends.
    """
    organization = Organization.objects.filter(schema_name=connection.schema_name).first()
    if organization is None:
        return None
    before = getattr(request, "auth", None)
    if isinstance(before, UserSession):
        end_session(before, reason="signed-in-again")
    if not request.session.session_key:
        request.session.create()
    short = request.session.get_expire_at_browser_close()
    life = (
        timedelta(hours=settings.ADMIN_SESSION_HOURS)
        if short
        else timedelta(days=settings.ADMIN_REMEMBERED_DAYS)
    )
    now = timezone.now()
    session = UserSession.objects.create(
        user=user,
        organization=organization,
        origin=SessionOrigin.ADMIN_WEB,
        device_name=browser_device(request.META.get("HTTP_USER_AGENT", "")).name,
        platform="web",
        browser_key=browser_key(request.session.session_key),
        network=network_of(client_address(request)),
        expires_at=now + life,
        verified_at=now,
    )
    request.auth = session
    return session


def rebind_browser(session: UserSession, session_key: str) -> None:
    """Follow a browser that was given another key and stays signed in; nothing is written where it wasn't."""
    key = browser_key(session_key)
    if session.browser_key is not None and bytes(session.browser_key) != key:
        session.browser_key = key
        UserSession.objects.filter(pk=session.pk).update(browser_key=key)


def end_for_browser(user: User, session_key: str) -> None:
    """Somebody signs out of the admin."""
    with transaction.atomic():
        session = UserSession.objects.filter(user=user, browser_key=browser_key(session_key)).first()
        if session is not None and end_session(session, reason="signed-out"):
            record(
                "session.ended",
                session,
                by=user,
                reason="signed-out",
                session_id=session.pk,
                subject_ids=[user.pk],
            )


def _of_browser(session_key: str) -> QuerySet[UserSession]:
    return live_sessions().filter(browser_key=browser_key(session_key), origin=SessionOrigin.ADMIN_WEB)


def on_login(sender, request, user, **kwargs) -> None:
    """Receiver of `user_logged_in`."""
    open_for_browser(user, request)


def on_logout(sender, request, user, **kwargs) -> None:
    """Receiver of `user_logged_out`, which is sent before the browser's session is thrown away."""
    if user is not None and request.session.session_key and connection.schema_name != "public":
        end_for_browser(user, request.session.session_key)
