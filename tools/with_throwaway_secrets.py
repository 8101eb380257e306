"""Runs a management command with the production settings and secrets that are forgotten afterwards.

    tools/with_throwaway_secrets.py check --deploy --fail-level WARNING

For what needs the production settings but no data of theirs: the deployment check, collecting static files.
"""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> int:
    """The exit code of the command."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cms.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "MEANDER_MASTER_KEYS": f"throwaway:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "PLATFORM_HOST": "meander.example",
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], env=environment, cwd=PROJECT, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
