"""Files by who may see them."""

from typing import Any

from django.db import models
from django.db.models import Q

from domain.core.scope import Scope

from .registry import is_attached, is_seen_through_owner


class StoredFileQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> "StoredFileQuerySet":
        """What belongs to something the caller may see, and what they uploaded and belongs to nothing yet."""
        if not scope.is_inside:
            return self.none()
        seen = is_seen_through_owner(scope)
        if scope.is_member:
            seen |= Q(created_by=scope.user_id) & ~is_attached()
        return self.filter(seen)

    def unattached(self) -> "StoredFileQuerySet":
        """What belongs to nothing."""
        return self.filter(~is_attached())


class FileUploadQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> "FileUploadQuerySet":
        """The caller's own, nobody else's."""
        return self.filter(created_by=scope.user_id) if scope.is_member else self.none()
