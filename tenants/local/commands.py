"""Several management commands in one process, so that Django is loaded once.

    python -m tenants.local.commands migrate_fleet seed_demo

The first that fails ends it with its exit code.
"""

from __future__ import annotations

import sys


def main(names: list[str]) -> None:
    """Runs the commands, each without arguments, in that order."""
    from django.core.management import execute_from_command_line  # nothing else here needs Django

    for name in names:
        execute_from_command_line(["manage.py", name])


if __name__ == "__main__":
    main(sys.argv[1:])
