"""The base of every endpoint: language, scope, declared parameters, limits, conditional answers."""

from collections.abc import Set
from typing import Any, ClassVar

from django.utils import translation
from django.utils.cache import patch_vary_headers
from rest_framework.permissions import SAFE_METHODS, AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domain.access.queries import scope_for
from domain.config.queries import is_enabled
from domain.core.scope import Scope

from .conditional import etag_of, matches, not_modified
from .errors import FeatureDisabled, NotFound
from .idempotency import answer_once
from .limits import count_write
from .locale import locale_for
from .query import Query, parse

PRIVATE = "private, no-cache"
# What is answered there is secret: never stored, whatever a view declares.
SIGN_IN = "/api/v1/auth/"


class ApiView(APIView):
    """One endpoint. Every answer to a GET has a strong entity tag; `cache_control` says who may keep it."""

    query_class: ClassVar[type[Query]] = Query
    cache_control: ClassVar[str] = PRIVATE
    # Whether answers to unsafe requests may be stored under an Idempotency-Key (never those with secrets).
    stores_answers: ClassVar[bool] = True
    metadata_class = None
    # The `domain.config.choices.Area` it belongs to, if an organisation can switch it off.
    area: ClassVar[str] = ""
    # Stands in for the caller's own where a query is written for many callers (`api.core.kept`).
    scope_given: Scope | None = None
    request: Request

    def initial(self, request, *args, **kwargs):
        # Whoever is asking first: their language decides how everything after this is said.
        try:
            user = request.user
        except Exception:
            translation.activate(locale_for(request))
            raise
        self.locale = locale_for(request, user)
        translation.activate(self.locale)
        super().initial(request, *args, **kwargs)
        self.query: dict[str, Any] = parse(self.get_query_class(), request, self.own_parameters())
        if request.method not in SAFE_METHODS:
            count_write(request)
        if self.area and not is_enabled(self.area):
            raise FeatureDisabled

    def get_query_class(self) -> type[Query]:
        return self.query_class

    def own_parameters(self) -> Set[str]:
        """Query parameters that the view reads itself."""
        return frozenset()

    @property
    def scope(self) -> Scope:
        """The caller's standing in this organisation, built once per request, with the session."""
        if self.scope_given is not None:
            return self.scope_given
        known = getattr(self.request._request, "caller_scope", None)
        return known if known is not None else scope_for(None)

    @property
    def organization(self):
        return self.request.tenant  # type: ignore[attr-defined]

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Content-Language", translation.get_language() or "")
        if request.method in SAFE_METHODS and response.status_code == 200:
            response.headers.setdefault("Cache-Control", self.cache_control)
        else:
            response.headers.setdefault("Cache-Control", "no-store")
        if response.status_code == 204:
            response.headers.pop("Content-Type", None)
        patch_vary_headers(response, ["Accept-Language", "Authorization"])
        return response

    def dispatch(self, request, *args, **kwargs):
        self.args, self.kwargs = args, kwargs
        self.headers = self.default_response_headers
        self.request = request = self.initialize_request(request, *args, **kwargs)
        try:
            self.initial(request, *args, **kwargs)
            response = self.answered(request, *args, **kwargs)
        except Exception as error:
            response = self.handle_exception(error)
        self.response = self.finalize_response(request, response, *args, **kwargs)
        if request.method in SAFE_METHODS and response.status_code == 200:
            return self.conditional(request, response)
        return response

    def answered(self, request, *args, **kwargs):
        """What the method's handler answers; to an unsafe request at most once per Idempotency-Key."""
        known = request.method.lower() in self.http_method_names
        handler = getattr(self, request.method.lower(), None) if known else None
        if handler is None:
            return self.http_method_not_allowed(request, *args, **kwargs)
        if request.method in SAFE_METHODS or not self.stores_answers or request.path.startswith(SIGN_IN):
            return handler(request, *args, **kwargs)

        def rendered():
            response = handler(request, *args, **kwargs)
            response = self.finalize_response(request, response, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

        return answer_once(request, rendered, self.read_again)

    # How a row that was the answer to an Idempotency-Key is read anew, where its body isn't kept.
    read_again: Any = None

    def conditional(self, request, response):
        """The answer with its entity tag, or 304 where the caller has it already."""
        if hasattr(response, "render"):
            response.render()
        if "ETag" not in response:
            response["ETag"] = etag_of(response.content)
        if matches(request.META.get("HTTP_IF_NONE_MATCH", ""), response["ETag"]):
            return not_modified({k: v for k, v in response.items() if k != "Content-Type"})
        return response


class PublicView(ApiView):
    """For anyone; a token that is sent must still be valid."""

    permission_classes = [AllowAny]


class MemberView(ApiView):
    """For whoever is signed in to this organisation."""

    permission_classes = [IsAuthenticated]


class NotFoundView(ApiView):
    """Every address below /api/ that nothing else answers."""

    permission_classes = [AllowAny]
    authentication_classes = []
    schema = None

    def initial(self, request, *args, **kwargs):
        translation.activate(locale_for(request))
        raise NotFound

    def handle(self, request: Request, *args, **kwargs) -> Response:
        raise NotFound

    get = post = put = patch = delete = options = handle  # type: ignore[assignment]
