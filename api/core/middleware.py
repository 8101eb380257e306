"""What holds for every answer below /api/, whichever layer gave it."""

from http import HTTPStatus

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from . import errors
from .locale import asked

PREFIX = "/api/"
_SLUGS = {
    400: "malformed-request",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    413: "request-too-large",
}


class ProblemMiddleware:
    """Turns any error page below /api/ into a problem document, in the caller's language.

    Views give problem documents themselves; this catches what other layers answer (a refused host, a
    failing middleware), so that a client never meets HTML.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        with translation.override(asked(request) or settings.LANGUAGE_CODE):
            response = self.get_response(request)
        if response.status_code < HTTPStatus.BAD_REQUEST or _is_problem(response):
            return response
        with translation.override(asked(request) or settings.LANGUAGE_CODE):
            return _as_problem(request, response)


def _is_problem(response) -> bool:
    return response.get("Content-Type", "").startswith(errors.CONTENT_TYPE)


def _as_problem(request, response):
    status = response.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        slug, detail = "internal-error", errors.internal_error_text()
    else:
        slug, detail = _SLUGS.get(status, "malformed-request"), _("The request was refused.")
    problem = errors.problem_response(slug, status=status, detail=detail, instance=request.path)
    for name in ("Allow", "Retry-After", "WWW-Authenticate", "Vary", "Access-Control-Allow-Origin"):
        if name in response:
            problem[name] = response[name]
    return problem
