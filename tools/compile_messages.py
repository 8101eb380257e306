"""Compiles every locale/*/LC_MESSAGES/*.po that is newer than its .mo (no gettext programs needed).

compile_messages.py [FOLDER]     the folder is the project unless it is named
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def stale(project: Path) -> Iterator[Path]:
    """Catalogues of the project and its apps (two folders deep) without a compiled form that is as new."""
    for above in ("", "*/", "*/*/"):
        for po in sorted(project.glob(f"{above}locale/*/LC_MESSAGES/*.po")):
            mo = po.with_suffix(".mo")
            if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
                yield po


def main(project: Path) -> int:
    """Zero when all catalogues of the project could be compiled."""
    for po in stale(project):
        import polib  # not needed to see that nothing is to be done

        try:
            catalogue = polib.pofile(str(po))
        except (OSError, ValueError) as error:
            print(f"The catalogue {po.relative_to(project)} cannot be read: {error}", file=sys.stderr)
            return 1
        # Complete before it has its name: a running server may be reading it.
        mo = po.with_suffix(".mo")
        unfinished = mo.with_suffix(".mo.new")
        catalogue.save_as_mofile(str(unfinished))
        unfinished.replace(mo)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else PROJECT))
