"""Let a suspended organisation be used again."""

from tenants.lifecycle import resume_organization
from tenants.status_command import StatusCommand


class Command(StatusCommand):
    help = "Lets a suspended organisation be used again."
    reasoned = False

    def change(self, organization, options):
        return resume_organization(organization, by=None)
