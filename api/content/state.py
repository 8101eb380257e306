"""The state of an organisation's content, in one small query."""

from dataclasses import dataclass

from api.core.conditional import etag_of, release
from domain.core.scope import Scope
from tenants.db import connection

# What `ContentState.stamp` is made of: switching an area on or off changes it too.
STAMP = "SELECT concat_ws('.', count(*), max(xid), sum(changes)) FROM api_contentchange"
_STATE = "SELECT (" + STAMP + "), ARRAY(SELECT area FROM config_featurearea WHERE NOT enabled)"  # noqa: S608


@dataclass(frozen=True)
class ContentState:
    """`stamp` changes with every committed change of anything the content API shows."""

    stamp: str
    disabled_areas: frozenset[str]


def content_state() -> ContentState:
    """Read before the content itself: an answer can then be newer than its stamp, never older."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        stamp, disabled = cursor.fetchone()
    return ContentState(stamp=stamp, disabled_areas=frozenset(disabled))


def audience_class(scope: Scope) -> str:
    """What of the caller decides which content they see: not who they are."""
    return f"member:{','.join(sorted(scope.roles))}" if scope.is_member else "public"


def content_etag(request, *, stamp: str, locale: str, scope: Scope) -> str:
    """The entity tag of a content answer, known before any content is read."""
    return etag_of(
        release(),
        scope.schema_name,
        stamp,
        locale,
        audience_class(scope),
        request.scheme,
        request.get_host(),
        request.get_full_path(),
    )


def content_headers(*, etag: str, locale: str, scope: Scope, max_age: int) -> dict[str, str]:
    """Headers of a content answer, of its 200 and its 304 alike."""
    public = f"public, max-age={max_age}, must-revalidate"
    return {
        "ETag": etag,
        "Cache-Control": "private, no-cache" if scope.is_member else public,
        "Content-Language": locale,
        "Vary": "Accept-Language, Authorization",
    }
