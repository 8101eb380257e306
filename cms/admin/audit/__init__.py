"""The audit record in the admin: a timeline of everything, of one object, of one person, and its export."""

from .viewset import AuditViewSet

__all__ = ["AuditViewSet"]
