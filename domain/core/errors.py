"""What a rule says when it refuses. The API turns these into problem documents, the admin into messages."""

from django.utils.functional import Promise


class DomainError(Exception):
    """Base: `code` is a stable slug, `message` a sentence in the caller's language."""

    code = "refused"

    def __init__(self, message: str | Promise, *, code: str = "", field: str = ""):
        super().__init__(str(message))
        self.message = message
        self.code = code or self.code
        self.field = field


class NotAllowed(DomainError):
    """The caller may see the object but not do this with it."""

    code = "not-allowed"


class InvalidState(DomainError):
    """The object is in a state in which this can't be done."""

    code = "invalid-state"


class StaleVersion(DomainError):
    """Someone else changed the object since the caller read it."""

    code = "stale-version"


class InvalidInput(DomainError):
    """A value is not acceptable; `field` names it."""

    code = "invalid"
