"""End an organisation's use."""

from tenants.lifecycle import close_organization
from tenants.status_command import StatusCommand


class Command(StatusCommand):
    help = "Writes a dump, refuses requests, and sets the day the data is deleted (drop_closed)."
    reasoned = True

    def change(self, organization, options):
        return close_organization(organization, by=None, reason=options["reason"])
