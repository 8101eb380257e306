"""Errors as problem documents (RFC 9457)."""

from rest_framework.views import exception_handler

__all__ = ["exception_handler"]
