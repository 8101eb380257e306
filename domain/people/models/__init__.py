"""The people who are supported, who supports them, who is close to them, and what is written."""

from .categories import DiagnosisCategory
from .contacts import Contact, ContactMentor, ContactStatusChange
from .handing_out import ContactHandOut
from .merges import ContactMerge
from .notes import ContactNote, Note
from .relatives import Caregiver, ContactRelative, RegisteredRelative
from .requests import NoteRequest
from .shares import ContactShare

__all__ = [
    "Caregiver",
    "Contact",
    "ContactHandOut",
    "ContactMentor",
    "ContactMerge",
    "ContactNote",
    "ContactRelative",
    "ContactShare",
    "ContactStatusChange",
    "DiagnosisCategory",
    "Note",
    "NoteRequest",
    "RegisteredRelative",
]
