"""Whether whoever acts may do it with a contact, and the checks that all rules begin with."""

from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from domain.access.queries import scope_for
from domain.access.rules import check_version
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.core.models import Entity
from domain.core.scope import Scope

from .models import Contact
from .models.contacts import CHANGE, READ_HEALTH, assigned_to

E = TypeVar("E", bound=Entity)


def scope_of(by: Any) -> Scope | None:
    """The caller's standing; None for the system itself."""
    return None if by is None else scope_for(by)


def check_may(by: Any, permission: str, *paths: str) -> None:
    """Raise NotAllowed unless `by` has the permission at all of the paths; None is the system itself."""
    scope = scope_of(by)
    if scope is not None and not all(scope.can(permission, path) for path in paths):
        raise NotAllowed(_("You are not allowed to do this there."))


def may_keep_up(scope: Scope, contact: Contact) -> bool:
    """Whether a caller may change a contact's facts: where the permission holds, or as their mentor."""
    if scope.can(CHANGE, contact.local_association.path):
        return True
    return Contact.objects.filter(assigned_to(scope), pk=contact.pk).exists()


def may_read_health(scope: Scope, contact: Contact) -> bool:
    """Whether a caller reads and writes the diagnosis and the team's notes: by role there, or as mentor."""
    if scope.can(READ_HEALTH, contact.local_association.path):
        return True
    return Contact.objects.filter(assigned_to(scope), pk=contact.pk).exists()


def check_may_keep_up(by: Any, contact: Contact) -> None:
    """Raise NotAllowed unless `by` may change the contact's facts."""
    scope = scope_of(by)
    if scope is not None and not may_keep_up(scope, contact):
        raise NotAllowed(_("You are not allowed to change this."))


def locked(contact: Contact, version: int | None = None) -> Contact:
    """The contact as it is now, locked. Raises StaleVersion where it is another than was read."""
    contact.check_schema()
    row = (
        Contact.objects.select_for_update(of=("self",))
        .select_related("local_association", "diagnosis_category")
        .get(pk=contact.pk)
    )
    check_version(row, version)
    return row


def check_present(contact: Contact) -> None:
    """Raise InvalidState for one that was merged into another, or erased.

    The other isn't named: who sees the one need not see the other.
    """
    if contact.merged_into_id is not None:
        raise InvalidState(_("This was merged into another: use that one instead."), code="merged-contact")
    if contact.erased_at is not None:
        raise InvalidState(_("What was kept about this person was erased."), code="erased-contact")


def validate(row: Entity, *, without: tuple[str, ...] = ()) -> None:
    """Raise InvalidInput, naming the field, for values that the row's columns or constraints refuse."""
    try:
        row.clean_fields(exclude=[*without, "created_by", "updated_by"])
        row.validate_constraints(exclude=[*without])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(messages[0], field="" if field == "__all__" else field) from error


def check_text(row: Entity) -> None:
    """Raise InvalidInput for a character that PostgreSQL can't hold."""
    for field in row._meta.concrete_fields:
        value = row.__dict__.get(field.attname)
        if isinstance(value, str) and "\x00" in value:
            raise InvalidInput(_("A character here can't be stored."), field=field.name)
