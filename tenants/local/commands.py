"""Several management commands in one process, so that Django is loaded once.

    python -m tenants.local.commands migrate_fleet seed_demo

The first that fails ends it with its exit code.
"""

from __future__ import annotations

import gc
import sys


def main(names: list[str]) -> None:
    """Runs the commands, each without arguments, in that order."""
    from django.core.management import execute_from_command_line  # nothing else here needs Django

    # Migrations make and drop models by the thousand: to look for garbage as often as usual takes a fifth of
    # the time, and to look for none at all several times the memory.
    gc.set_threshold(100_000, 20, 100)
    for name in names:
        execute_from_command_line(["manage.py", name])


if __name__ == "__main__":
    main(sys.argv[1:])
