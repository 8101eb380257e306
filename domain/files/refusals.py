"""Why a file is not taken. What people read; the codes are stable."""

from django.utils.translation import gettext_lazy as _

from domain.core.errors import InvalidInput

REASONS = {
    "bomb": _("The document unpacks to far more than its size."),
    "content": _("The content is not what it should be. Save the file again in the program that made it."),
    "embedded": _(
        "The document has other files or programs inside it. Save it as a plain PDF and try again."
    ),
    "empty": _("The file is empty."),
    "encrypted": _("The document is encrypted or locked with a password. Save it without and try again."),
    "external": _("The document fetches something from elsewhere when it is opened. Save it as a PDF."),
    "infected": _("The virus scanner found something in the file. It was not kept."),
    "kind": _("This kind of file can't be used here."),
    "macros": _("Documents with macros can't be uploaded."),
    "missing": _("No file was sent."),
    "not-an-image": _(
        "This is not a picture we can use: it is damaged, or of another kind than its name says."
    ),
    "pdf-active": _(
        "The PDF holds a program or an action that starts something. Print it to a new PDF and try again."
    ),
    "pdf-unreadable": _(
        "The PDF is packed in a way that can't be checked. Print it to a new PDF and try again."
    ),
    "picture-inside": _(
        "The document holds a picture of a kind we can't check. Save it as a PDF and try again."
    ),
    "too-big": _("The file is too big."),
    "too-many-pixels": _("The picture has too many pixels: make it smaller and try again."),
}
# Of which the caller learns by the status: the size, or the type, is wrong whatever it holds.
TOO_LARGE = frozenset({"too-big"})
UNSUPPORTED = frozenset({"kind", "not-an-image", "content"})


class FileRefused(InvalidInput):
    """The file is not taken; `code` is one of REASONS."""

    def __init__(self, code: str, message: str = ""):
        super().__init__(message or REASONS[code], code=code, field="file")
