"""What the platform's support does inside an organisation goes on that organisation's record."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from domain.access.queries import support_of
from domain.audit.context import current
from domain.audit.rules import write
from domain.core.scope import Support
from domain.identity.models import SupportAccessGrant, UserSession

# Kept in the browser's session while support is signed in, to tell them why they no longer are.
SESSION_MARK = "support_access"
USED = "support-access.used"
SAFE = ("GET", "HEAD")
# What a person does about themselves; support does it on the platform, where it belongs.
_ONES_OWN = ("/admin/account/", "/admin/password")
# Texts and drawings of the admin itself, the same for everyone.
_NOTHING_READ = ("/admin/jsi18n/", "/admin/sprite/")


def support_in(request: HttpRequest) -> Support | None:
    """The grant under which a request is made; None for members and strangers."""
    session = getattr(request, "auth", None)
    terms = getattr(session, "grant_here", None) if isinstance(session, UserSession) else None
    return support_of(terms) if terms else None


class SupportAccessMiddleware:
    """Records every request that was made under a grant before its answer leaves: no record, no answer.

    Runs inside whatever finds out who is asking.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        support = support_in(request)
        # Whoever was read about is named already, by an event that says more than this one.
        is_said = request.method in SAFE and current().has_read
        if support is not None and not is_said and not request.path_info.startswith(_NOTHING_READ):
            session = request.auth  # type: ignore[attr-defined]
            write(
                USED,
                SupportAccessGrant._meta.label_lower,
                str(support.grant_id),
                request.path_info[:200],
                by=session.user,
                # Without the query: what was searched for may name a person.
                changes={"request": (None, f"{request.method} {request.path_info} {response.status_code}")},
            )
        return response

    def process_view(self, request, _view, _args, _kwargs):
        if not request.path_info.startswith("/admin/"):
            return None
        signed_in = request.user.is_authenticated
        if not signed_in and getattr(request, "support_ended", False):
            return render(request, "support/ended.html", status=403)
        if support_in(request) is not None and request.path_info.startswith(_ONES_OWN):
            context = {"platform_account_url": f"{settings.WAGTAILADMIN_BASE_URL}/admin/account/"}
            return render(request, "support/refused.html", context, status=403)
        return None
