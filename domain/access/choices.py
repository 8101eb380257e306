from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The roles a person can have in an organisation; the stable keys name the shared groups."""

    PEER_MENTOR = "peer_mentor", _("Peer mentor")
    COORDINATOR = "coordinator", _("Coordinator")
    ORG_ADMIN = "org_admin", _("Organisation admin")
    FINANCE = "finance", _("Finance officer")
    AUDITOR = "auditor", _("Auditor")
    PRIVACY_OFFICER = "privacy_officer", _("Privacy officer")
    PEOPLE_READER = "people_reader", _("Reader of contacts")
    PLATFORM_STAFF = "platform_staff", _("Platform staff")


# What an organisation may give; the platform's staff are made by the platform.
GIVEN_HERE = [role for role in Role if role is not Role.PLATFORM_STAFF]
# Given for a purpose, which stays with the role: names and health of those who are supported. Never by
# oneself to oneself, and not by an invitation, which somebody else might accept.
FOR_A_PURPOSE = {Role.PEOPLE_READER}
INVITED_TO = [role for role in GIVEN_HERE if role not in FOR_A_PURPOSE]
# Roles that make sense for a part of the organisation; the others hold for the whole of it.
SCOPED = {Role.PEER_MENTOR, Role.COORDINATOR}


class InvitationState(models.TextChoices):
    """What has become of an invitation; follows from its dates."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Withdrawn")
