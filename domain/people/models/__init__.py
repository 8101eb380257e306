"""The people who are supported, and who supports them."""

from .categories import DiagnosisCategory
from .contacts import Contact, ContactMentor, ContactStatusChange
from .merges import ContactMerge

__all__ = ["Contact", "ContactMentor", "ContactMerge", "ContactStatusChange", "DiagnosisCategory"]
