"""The quick answer to "has it changed?": before sessions, routing and views."""

from django.conf import settings

from api.core.conditional import matches, not_modified
from api.core.locale import locale_for
from domain.access.queries import scope_for, session_and_scope
from domain.identity.sessions import InvalidTokenError

from .state import ContentState, content_etag, content_headers, content_state

PREFIX = "/api/v1/content/"


class UnchangedContentMiddleware:
    """Answers 304 to a conditional GET of content that is still the same.

    The entity tag covers host, address, language, audience and state of the content, so an equal one proves
    that the same request was answered before and would be answered alike. Anything else goes on to the view.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if_none_match = request.META.get("HTTP_IF_NONE_MATCH")
        if if_none_match and request.method in ("GET", "HEAD") and request.path_info.startswith(PREFIX):
            found = _unchanged(request, if_none_match)
            if found:
                state, headers = found
                response = not_modified(headers)
                # What the answer depends on, for `remembered.RememberedContentMiddleware`.
                response.content_stamp = state.stamp  # type: ignore[attr-defined]
                return response
        return self.get_response(request)


def _unchanged(request, if_none_match: str) -> tuple[ContentState, dict[str, str]] | None:
    if if_none_match.strip() == "*":
        return None  # It matches whatever exists: only the view knows whether anything does.
    user, scope = None, None
    authorization = request.META.get("HTTP_AUTHORIZATION", "")
    if authorization:
        scheme, _space, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            session, scope = session_and_scope(token.strip(), request.companion_row)
            user = session.user
        except (InvalidTokenError, UnicodeError):
            return None  # The view says why.
    scope = scope or scope_for(None)
    locale = locale_for(request, user)
    state = content_state()
    etag = content_etag(request, stamp=state.stamp, locale=locale, scope=scope)
    if not matches(if_none_match, etag):
        return None
    headers = content_headers(etag=etag, locale=locale, scope=scope, max_age=settings.CONTENT_MAX_AGE_SECONDS)
    return state, headers
