"""The process that does the jobs."""

import sys

from django.core.management.base import BaseCommand

from tenants.worker import Worker


class Command(BaseCommand):
    # `manage.py check` and the web process run them; a worker should be there at once.
    requires_system_checks: list[str] = []
    help = "Does jobs and schedules until it is told to stop (SIGTERM or Ctrl-C)."

    def handle(self, *args, **options):
        sys.exit(Worker().run())
