"""What a phone sends to go on where it was: opaque to it, signed, bound to one person and organisation."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django.core import signing

from tenants.db import connection

_SALT = "meander.sync.checkpoint"


class UnknownCheckpoint(ValueError):
    """It isn't one of ours."""


@dataclass(frozen=True)
class Checkpoint:
    """A generation of a view. `epoch` is the database server it was made on (`domain.sync.changes`): the
    transaction ids that positions are made of mean nothing on another."""

    view: UUID
    generation: UUID
    user: UUID
    epoch: str
    schema: str = ""

    def signed(self) -> str:
        told = [self.view.hex, self.generation.hex, self.user.hex, self.epoch, connection.schema_name]
        return signing.dumps(told, salt=_SALT)

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises UnknownCheckpoint for anything that we didn't sign."""
        try:
            view, generation, user, epoch, schema = signing.loads(text, salt=_SALT)
            return cls(UUID(view), UUID(generation), UUID(user), epoch, schema)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise UnknownCheckpoint from error
