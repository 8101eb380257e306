from .answers import VIEW_CONSENTS, VIEW_RECEIPTS, AssignmentConsent, AssignmentReadReceipt
from .assignments import ADD, CHANGE, VIEW, Assignment
from .honorarium import CHANGE_THRESHOLDS, VIEW_THRESHOLDS, HonorariumCrossing, HonorariumThreshold

__all__ = [
    "ADD",
    "CHANGE",
    "CHANGE_THRESHOLDS",
    "VIEW",
    "VIEW_CONSENTS",
    "VIEW_RECEIPTS",
    "VIEW_THRESHOLDS",
    "Assignment",
    "AssignmentConsent",
    "AssignmentReadReceipt",
    "HonorariumCrossing",
    "HonorariumThreshold",
]
