"""Refuse every request to an organisation."""

from tenants.lifecycle import suspend_organization
from tenants.status_command import StatusCommand


class Command(StatusCommand):
    help = "Answers 403 on all hosts of an organisation; nothing is deleted."
    reasoned = True

    def change(self, organization, options):
        return suspend_organization(organization, by=None, reason=options["reason"])
