"""The people who are supported, who supports them, who is close to them, and what is written."""

from .categories import DiagnosisCategory
from .contacts import Contact, ContactMentor, ContactStatusChange
from .handing_out import ContactHandOut
from .merges import ContactMerge
from .notes import ContactNote, Note
from .relatives import Caregiver, ContactRelative, RegisteredRelative

__all__ = [
    "Caregiver",
    "Contact",
    "ContactHandOut",
    "ContactMentor",
    "ContactMerge",
    "ContactNote",
    "ContactRelative",
    "ContactStatusChange",
    "DiagnosisCategory",
    "Note",
    "RegisteredRelative",
]
