"""`manage.py` beside the embedded database, which is started and stopped as needed.

python -m tenants.local.manage create_organization --help
"""

from __future__ import annotations

import os
import subprocess
import sys

from .errors import LocalError
from .run import Run


def main(arguments: list[str]) -> int:
    """Runs the management command in the environment of `make run` and returns its exit code."""
    try:
        run = Run(os.environ)
        try:
            environment = run.prepare_data()
            return subprocess.run(
                [sys.executable, "manage.py", *arguments], env=environment, cwd=run.project, check=False
            ).returncode
        finally:
            run.stop()
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
