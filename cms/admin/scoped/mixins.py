"""What every scoped view knows: the caller's scope, the rows in it, and how a rule's refusal is shown."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from domain.audit.reading import RecordsReads
from domain.core.errors import DomainError, StaleVersion
from domain.core.scope import Scope

from .access import scope_of


class ScopedMixin(RecordsReads):
    """What every view knows: the caller's scope, and permissions asked of it instead of Wagtail's policy."""

    model: Any = None
    # Set by the viewset.
    viewset: Any = None

    @cached_property
    def scope(self) -> Scope:
        return scope_of(self.request)

    def rows(self) -> QuerySet:
        """The rows that the caller sees."""
        return self.viewset.rows(self.scope)

    def may(self, verb: str, row: Any = None) -> bool:
        """Whether the caller may do this at all, or with this row."""
        return self.viewset.may(self.scope, verb, row)

    def user_has_permission(self, permission: str) -> bool:
        return self.may(permission)

    def user_has_permission_for_instance(self, permission: str, instance: Any) -> bool:
        return self.may(permission, instance)

    def user_has_any_permission(self, permissions) -> bool:
        return any(self.may(permission) for permission in permissions)


class ScopedObjectMixin(ScopedMixin):
    """For a view of one row: found among those in sight, and the permission holds where the row belongs.

    Whatever shows the row, also a form that was refused, is on the record before it leaves.
    """

    permission_required: Any = None
    any_permission_required: Any = None
    kwargs: Any

    def get_object(self, queryset=None):
        if getattr(self, "object", None) is None:
            row = self.rows().filter(pk=self.kwargs["pk"]).first()
            if row is None:
                raise Http404
            self.object = row
        return self.object

    def dispatch(self, request, *args, **kwargs):
        row = self.get_object()
        needed = [self.permission_required] if self.permission_required else self.any_permission_required
        if needed and not any(self.may(verb, row) for verb in needed):
            raise PermissionDenied
        try:
            response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except type(row).DoesNotExist as error:
            raise Http404 from error  # Deleted by another request while the rule waited for it.
        if response.status_code == 200:
            self.note_read(row)
        return response


class RefusingForm(ScopedMixin):
    """A form view whose writing may be refused: what was typed stays, and the reason stands at its field."""

    def form_valid(self, form):
        self.form = form
        try:
            with transaction.atomic():
                return super().form_valid(form)  # type: ignore[misc]
        except StaleVersion as refusal:
            return self.stale(form, refusal)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
            return self.refused(form)

    def refused(self, form):
        self.produced_error_code = "validation_error"
        self.produced_error_message = _("Nothing was saved: see below.")
        return self.form_invalid(form)  # type: ignore[attr-defined]

    def stale(self, form, refusal: StaleVersion):
        form.add_error(None, str(refusal.message))
        return self.refused(form)
