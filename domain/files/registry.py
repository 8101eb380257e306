"""Which object a file belongs to, and so who may see it.

Areas after this one declare in `AppConfig.ready` which of their models own files:

    register_owner(ActivityAttachment)

The model has a one-to-one field to StoredFile (`file`, on_delete=PROTECT) and a manager with
`visible_to(scope)`. Deleting a row of it destroys the file.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.signals import post_delete

from domain.core.scope import Scope


@dataclass(frozen=True)
class Owner:
    """A model whose rows own files, and the name of its field."""

    model: type[models.Model]
    field: str

    @property
    def rows(self) -> Any:
        return self.model._base_manager.all()

    def of(self, file: models.Model) -> models.Model | None:
        """The row that owns the file, whoever may see it."""
        return self.rows.filter(**{self.field: file}).first()

    def visible(self, scope: Scope) -> Any:
        """The rows that a caller may see."""
        manager: Any = self.model._default_manager
        return manager.all().visible_to(scope)


owners: list[Owner] = []


def register_owner(model: type[models.Model], *, field: str = "file") -> None:
    """Let rows of a model own files; asking twice is the same as once."""
    owner = Owner(model, field)
    if owner in owners:
        return
    owners.append(owner)
    post_delete.connect(_destroy_its_file, sender=model, dispatch_uid=f"files.{model._meta.label}.{field}")


def unregister_owner(model: type[models.Model], *, field: str = "file") -> None:
    owners.remove(Owner(model, field))
    post_delete.disconnect(sender=model, dispatch_uid=f"files.{model._meta.label}.{field}")


def is_attached() -> Q:
    """The condition that a file belongs to something."""
    condition = Q(pk__in=())
    for owner in owners:
        condition |= Q(Exists(owner.rows.filter(**{owner.field: OuterRef("pk")})))
    return condition


def is_seen_through_owner(scope: Scope) -> Q:
    """The condition that a file belongs to something the caller may see."""
    condition = Q(pk__in=())
    for owner in owners:
        seen = owner.visible(scope).order_by().filter(**{owner.field: OuterRef("pk")})
        condition |= Q(Exists(seen))
    return condition


def owner_of(file: models.Model) -> models.Model | None:
    """The row that a file belongs to; None while it belongs to nothing."""
    for owner in owners:
        row = owner.of(file)
        if row is not None:
            return row
    return None


def _destroy_its_file(sender: type[models.Model], instance: models.Model, **_kwargs: Any) -> None:
    from .rules import remove_with_owner

    for owner in owners:
        if owner.model is sender:
            remove_with_owner(getattr(instance, f"{owner.field}_id"))
