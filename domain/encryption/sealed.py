"""`Sealed`: what an encrypted column's attribute holds. It shows nothing, and doesn't leave the process."""

from typing import Any, NoReturn

# What stands where the content would.
SHOWN = "•••"


class Sealed:
    """Ciphertext as it is stored, or a value that is sealed when its row is saved.

    `domain.encryption.reading.read_sealed` opens it; nothing else does. Not a text: no length, no iteration,
    no JSON; printing it shows dots, pickling is refused.
    """

    __slots__ = ("_ciphertext", "_value")

    def __init__(self, ciphertext: bytes | None = None, *, value: Any = None):
        self._ciphertext, self._value = ciphertext, value

    @property
    def is_pending(self) -> bool:
        """Whether it was assigned and not saved yet."""
        return self._ciphertext is None

    def __str__(self) -> str:
        return SHOWN

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __format__(self, spec: str) -> str:
        return SHOWN

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sealed) or self.is_pending or other.is_pending:
            return self is other
        return self._ciphertext == other._ciphertext

    def __hash__(self) -> int:
        return hash(self._ciphertext) if not self.is_pending else id(self)

    def __copy__(self) -> "Sealed":
        return self

    def __deepcopy__(self, memo: dict) -> "Sealed":
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("sealed content is not pickled: pass the row's id")
