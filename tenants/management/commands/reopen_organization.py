"""Take back the closing of an organisation."""

from tenants.lifecycle import reopen_organization
from tenants.status_command import StatusCommand


class Command(StatusCommand):
    help = "Takes back the closing of an organisation within the grace period."
    reasoned = False

    def change(self, organization, options):
        return reopen_organization(organization, by=None)
