"""What can go wrong with sealed content. None of the messages says what the content is."""

from django.utils.translation import gettext_lazy as _

from domain.core.errors import DomainError, InvalidState


class CiphertextRefused(DomainError):
    """The ciphertext isn't this organisation's, row's and column's own, or was altered."""

    def __init__(self) -> None:
        super().__init__(
            _("This content can't be opened: it isn't what was written here. The operators have been told."),
            code="content-refused",
        )


class ContentErased(InvalidState):
    """The key of the content was destroyed: nobody can read it any more."""

    def __init__(self) -> None:
        super().__init__(_("This content was erased and can't be read any more."), code="content-erased")


class NotSealed(RuntimeError):
    """Plaintext was about to reach the database. A fault of ours: `save()` seals, `prepare()` for bulks."""


class KeyUnavailable(RuntimeError):
    """A key that is needed isn't there: no master key of that id, or an organisation without a key."""
