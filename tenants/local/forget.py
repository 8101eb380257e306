"""Deletes embedded databases: `python -m tenants.local.forget FOLDER...`."""

from __future__ import annotations

import sys
from pathlib import Path

from .errors import LocalError
from .postgres import EmbeddedPostgres

if __name__ == "__main__":
    try:
        for folder in sys.argv[1:]:
            EmbeddedPostgres(Path(folder)).remove()
    except LocalError as error:
        sys.exit(str(error))
