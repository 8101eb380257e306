"""Certification of mentors, their declarations of confidentiality, and whether they can be assigned now."""

from .certifications import (
    ADD,
    CHANGE,
    CHANGE_KINDS,
    VIEW,
    CertificationKind,
    CertificationReminder,
    CertificationRequirement,
    MentorCertification,
)
from .declarations import (
    ADD_DECLARATION,
    CHANGE_DECLARATION,
    CHANGE_TEXTS,
    VIEW_DECLARATION,
    VIEW_TEXTS,
    ConfidentialityDeclaration,
    DeclarationText,
)
from .statuses import CHANGE_STATUS, VIEW_STATUS, MentorStatus, MentorStatusPeriod

__all__ = [
    "ADD",
    "ADD_DECLARATION",
    "CHANGE",
    "CHANGE_DECLARATION",
    "CHANGE_KINDS",
    "CHANGE_STATUS",
    "CHANGE_TEXTS",
    "VIEW",
    "VIEW_DECLARATION",
    "VIEW_STATUS",
    "VIEW_TEXTS",
    "CertificationKind",
    "CertificationReminder",
    "CertificationRequirement",
    "ConfidentialityDeclaration",
    "DeclarationText",
    "MentorCertification",
    "MentorStatus",
    "MentorStatusPeriod",
]
