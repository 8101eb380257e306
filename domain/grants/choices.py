"""What the grant's rules speak of: kinds of activities, and what is asked of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class GrantCategory(models.TextChoices):
    """Kinds of peer support the grant tells apart; `none` is never counted, for example a phone call."""

    OUTREACH = "outreach", _("Outreach: a conversation in person")
    GROUP = "group", _("Conversation or activity group")
    COURSE = "course", _("Peer mentor course")
    NONE = "none", _("Not part of the grant")


class Requirement(models.TextChoices):
    """What a rule may ask of an activity. Code knows how to judge each (`verdict.py`); data says how much."""

    IN_PERSON = "in_person", _("Held in person")
    IN_NORWAY = "in_norway", _("Takes place in Norway")
    LED_BY_MENTOR = "led_by_mentor", _("Led by an approved peer mentor")
    MIN_PARTICIPANTS = "min_participants", _("At least this many participants")
    MIN_MINUTES = "min_minutes", _("Lasts at least this many minutes")


WITH_VALUE = (Requirement.MIN_PARTICIPANTS, Requirement.MIN_MINUTES)


class RuleSetStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
