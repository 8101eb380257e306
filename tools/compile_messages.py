"""Compiles every locale/*/LC_MESSAGES/*.po that is newer than its .mo (no gettext programs needed)."""

from __future__ import annotations

import sys
from pathlib import Path

import polib

PROJECT = Path(__file__).resolve().parents[1]
SKIPPED = {".venv", "node_modules", "var"}


def main(project: Path) -> int:
    """Zero when all catalogues of the project could be compiled."""
    for po in sorted(project.glob("**/locale/*/LC_MESSAGES/*.po")):
        if SKIPPED & set(po.relative_to(project).parts):
            continue
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        try:
            catalogue = polib.pofile(str(po))
        except (OSError, ValueError) as error:
            print(f"The catalogue {po.relative_to(project)} cannot be read: {error}", file=sys.stderr)
            return 1
        # Complete before it has its name: a running server may be reading it.
        unfinished = mo.with_suffix(".mo.new")
        catalogue.save_as_mofile(str(unfinished))
        unfinished.replace(mo)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else PROJECT))
