"""python -m bench NAME|all"""

import importlib
import os
import pkgutil
import sys

import bench

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
from tests.support.postgres import ensure_server

ensure_server()
import django  # noqa: E402 - the settings need the server

django.setup()

if __name__ == "__main__":
    known = sorted(
        m.name
        for m in pkgutil.iter_modules(bench.__path__)
        if not m.ispkg and m.name not in ("common", "__main__")
    )
    wanted = sys.argv[1:]
    if not wanted or any(name not in [*known, "all"] for name in wanted):
        sys.exit(f"python -m bench {'|'.join([*known, 'all'])}")
    for name in known if "all" in wanted else wanted:
        importlib.import_module(f"bench.{name}").main()
