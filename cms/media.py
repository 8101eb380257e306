"""Serving uploaded files: of the organisation whose host is asked, and of no other.

* `/media/images/…`: renditions, made for readers. Anyone may fetch them (their names can't be guessed), and
  caches keep them for ever: a changed picture has a new name.
* `/media/originals/…`: uploaded pictures in full, for those who work in the admin.
* Everything else below `/media/` answers as if it didn't exist; documents have an address of their own.

Documents (`/documents/<id>/<name>`, Wagtail's view) open
* as Wagtail's collection privacy says, where their collection or one above it is restricted (to whoever is
  signed in, to groups, to who knows a password);
* otherwise for every signed-in member (session or access token),
* and for anyone, where published content for everyone links to them.
Whoever may not open a document gets the 404 of one that doesn't exist.
"""

import mimetypes
import re

from django.contrib.auth.views import redirect_to_login
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe
from rest_framework.exceptions import APIException
from wagtail.models import ReferenceIndex
from wagtail.models.view_restrictions import BaseViewRestriction

from api.core.authentication import SessionTokenAuthentication
from cms.models import Audience
from cms.models.base import ContentItem
from cms.models.files import ORIGINALS, RENDITIONS

FILE = re.compile(
    rf"(?P<folder>{ORIGINALS}|{RENDITIONS})/[0-9a-f]{{32}}\.(?P<suffix>jpg|jpeg|png|gif|webp)\Z"
)
ONE_YEAR = 365 * 24 * 3600


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A rendition for anyone, an original for who may enter the admin, a 404 for all else."""
    match = FILE.match(path)
    if match is None:
        raise Http404
    public = match["folder"] == RENDITIONS
    if not public and not request.user.has_perm("wagtailadmin.access_admin"):
        raise Http404
    etag = f'"{path.rsplit("/", 1)[1]}"'
    try:
        file = default_storage.open(path)
    except (FileNotFoundError, SuspiciousFileOperation):
        raise Http404 from None
    if etag in request.headers.get("If-None-Match", ""):
        file.close()
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        content_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
        response = FileResponse(file, content_type=content_type)
        response["Content-Disposition"] = "inline"
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable" if public else "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # The app and the website are other origins, and show these.
    response["Cross-Origin-Resource-Policy"] = "cross-origin" if public else "same-origin"
    return response


def may_open_document(document, request: HttpRequest) -> HttpResponse | None:
    """Wagtail calls this before it serves a document; None lets it, a response is sent instead.

    Raises Http404 for whoever may not know that the document exists.
    """
    _accept_token(request)
    restrictions = document.collection.get_view_restrictions()
    for restriction in restrictions:
        if restriction.restriction_type == BaseViewRestriction.PASSWORD or restriction.accept_request(
            request
        ):
            continue  # Wagtail's own check, which comes after this one, asks for the password.
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.get_full_path(), reverse("wagtailadmin_login"))
    if not (restrictions or request.user.is_authenticated or _linked_for_everyone(document)):
        raise Http404
    return None


def _accept_token(request: HttpRequest) -> None:
    """Apps open documents with an access token instead of a session."""
    if request.user.is_authenticated:
        return
    try:
        who = SessionTokenAuthentication().authenticate(request)
    except APIException:
        return
    if who is not None:
        request.user = who[0]


def _linked_for_everyone(document) -> bool:
    references = ReferenceIndex.get_references_to(document).values_list("base_content_type", "object_id")
    found: dict[int, list[str]] = {}
    for content_type, object_id in references:
        found.setdefault(content_type, []).append(object_id)
    kinds = ((ContentType.objects.get_for_id(pk).model_class(), ids) for pk, ids in found.items())
    return any(
        model is not None
        and issubclass(model, ContentItem)
        and model._default_manager.filter(pk__in=ids, live=True, audience=Audience.PUBLIC).exists()
        for model, ids in kinds
    )
