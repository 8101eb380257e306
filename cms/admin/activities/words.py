"""The organisation's own words for activities, and how their states look."""

from typing import Any

from cms.admin.people.words import word, word_lazy
from domain.activities.choices import ActivityStatus, FlagStatus

__all__ = ["counts_icon", "counts_tone", "state_icon", "state_tone", "word", "word_lazy"]

STATUS_LOOKS = {
    ActivityStatus.DRAFT: ("edit", "quiet"),
    ActivityStatus.SUBMITTED: ("time", ""),
    ActivityStatus.APPROVED: ("circle-check", "good"),
    ActivityStatus.REJECTED: ("cross", "bad"),
}
FLAG_LOOKS = {
    FlagStatus.OPEN: ("warning", "bad"),
    FlagStatus.DISMISSED: ("circle-check", "quiet"),
    FlagStatus.CONFIRMED: ("cross", "bad"),
}


def state_icon(row: Any) -> str:
    return STATUS_LOOKS[ActivityStatus(row.status)][0]


def state_tone(row: Any) -> str:
    return STATUS_LOOKS[ActivityStatus(row.status)][1]


def counts_icon(row: Any) -> str:
    return "circle-check" if row.counts else "cross"


def counts_tone(row: Any) -> str:
    return "good" if row.counts else "quiet"
