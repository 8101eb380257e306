"""Logging: one JSON object a line in production, readable text in development, no personal data.

What is logged of a request is its id, organisation, method, *route* (the pattern, not the address: ids and
search words stay out), status and time. Nothing of headers, bodies, query strings or people but the
user's id.
"""

import json
import logging
import re
import time
from functools import lru_cache
from typing import Any
from uuid import uuid4

import orjson
import structlog
from django.conf import settings
from django.http import Http404
from django.urls import resolve

# Where a library puts an address into a message all the same.
_EMAIL = re.compile(r"[^\s@\"'<>]+@[^\s@\"'<>]+\.[^\s@\"'<>]+")
logger = structlog.get_logger("meander.request")


def drop_personal(_logger, _name, event: dict) -> dict:
    """Replace e-mail addresses in everything that is about to be written."""
    return {
        key: _EMAIL.sub("[e-mail]", value) if isinstance(value, str) else value
        for key, value in event.items()
    }


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.ExtraAdder(),
]


def _to_json(event: dict, default: Any) -> str:
    """By orjson, which takes a fifth of the time; by Python's own where it can't (a number of 20 digits)."""
    try:
        return orjson.dumps(event, default=default, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        return json.dumps(event, default=default)


def configure(*, json: bool, level: str = "INFO") -> dict:
    """The LOGGING dictionary for Django; also points structlog at it."""
    structlog.configure(
        processors=[
            *SHARED_PROCESSORS,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.processors.JSONRenderer(serializer=_to_json)
        if json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    drop_personal,
                    renderer,
                ],
                "foreign_pre_chain": SHARED_PROCESSORS,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Our own line says the same without the address.
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "WARNING"},
            # Says of each job that it was queued; the job ledger knows.
            "django-q": {"level": "WARNING"},
            # They say of every save what was saved, by its title, and that the indexes were told: the audit
            # knows the one, nobody needs the other.
            "wagtail": {"level": "WARNING"},
            "django_tasks": {"level": "WARNING"},
        },
    }


class RequestLogMiddleware:
    """Gives each request an id, repeats it in the answer (`X-Request-Id`) and writes one line about it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request_id = uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        level = logging.WARNING if response.status_code >= 500 else logging.INFO
        session = getattr(request, "auth", None)  # A UserSession, of an app or of the admin.
        logger.log(
            level,
            "request",
            organization=getattr(getattr(request, "tenant", None), "schema_name", None),
            method=request.method,
            route=_route(request),
            status=response.status_code,
            ms=round((time.perf_counter() - started) * 1000, 1),
            user=str(session.user_id) if session is not None else None,
        )
        return response


def _route(request) -> str:
    match = request.resolver_match
    return match.route if match else _route_of(request.path_info, settings.ROOT_URLCONF)


@lru_cache(maxsize=1000)
def _route_of(path: str, _urlconf: str) -> str:
    """The route of a path that a middleware answered, before Django looked for a view."""
    try:
        return resolve(path).route
    except Http404:
        return "unknown"
