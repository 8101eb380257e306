"""python -m tests.support.template: apply every migration from nothing, and keep the outcome for `make test`.

The database it makes is the template that tests' databases are cloned from (tests/conftest.py).
"""

import os


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    from tests.support.postgres import ensure_server

    ensure_server()
    import django

    django.setup()
    from tests.conftest import template

    print(f"{template()}: all migrations apply")


if __name__ == "__main__":
    main()
