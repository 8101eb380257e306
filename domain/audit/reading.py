"""Who has read about whom: recording reads by construction.

A model says whom its rows are about: `audit_subjects(self)` returns the ids of those people, and a class
attribute `audit_noun` what actions call it. `sensitive(Model)` is then true, and the base views of API and
admin record every detail, list and export of it:

    class RecordsReads: mixed into a view; call `self.note_read(object)` or `self.note_list(page)`
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models

from .models import AuditEvent
from .rules import record_read


def sensitive(model: type[models.Model] | models.Model) -> bool:
    """Whether reading rows of this model is recorded."""
    return hasattr(model, "audit_subjects")


def subjects_of(obj: models.Model) -> list[UUID]:
    """The ids of the people a row is about: what `audit_subjects` says, and a user themselves."""
    if hasattr(obj, "audit_subjects"):
        return [person for person in obj.audit_subjects() if person is not None]
    if obj._meta.label == settings.AUTH_USER_MODEL:
        return [obj.pk]
    return []


class RecordsReads:
    """For views that show sensitive rows. `audit_reader()` is the person; a view may override it.

    Reading what is about nobody but oneself is not recorded: nobody needs to be told of that.
    """

    request: Any

    def audit_reader(self) -> Any:
        user = getattr(self.request, "user", None)
        return user if getattr(user, "is_authenticated", False) else None

    def note_read(self, obj: models.Model, *, verb: str = "read") -> AuditEvent | None:
        """Record that one row was shown, unless its kind is not sensitive."""
        if not sensitive(obj) or self._only_about_reader([obj]):
            return None
        return record_read(obj, by=self.audit_reader(), verb=verb)

    def note_list(self, page: Iterable[models.Model], *, verb: str = "listed") -> AuditEvent | None:
        """Record that these rows were shown together, as one event."""
        rows = [row for row in page if sensitive(row)]
        if not rows or self._only_about_reader(rows):
            return None
        return record_read(rows, by=self.audit_reader(), verb=verb)

    def _only_about_reader(self, rows: list[models.Model]) -> bool:
        people = {person for row in rows for person in subjects_of(row)}
        reader = self.audit_reader()
        return reader is not None and people == {reader.pk}
