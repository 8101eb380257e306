"""Tests: real PostgreSQL, quick password hashing, mail to a server the tests start."""

import sys

if "pytest" in sys.modules:
    # pytest-django reads the settings before any conftest runs, so the server must be there by now.
    from tests.support.postgres import ensure_server

    ensure_server()

from .base import *  # noqa: F403
from .base import STORAGES, logs

DEMO = True
SECRET_KEY = "tests-only"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
PLATFORM_HOST = "localhost"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Always the same: a template database is kept from run to run.
MASTER_KEYS = "tests:dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="
# Tests of the record anchor where they say.
AUDIT_ANCHORS = []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# A browser asks for each file once, however long its test takes.
WHITENOISE_MAX_AGE = 86_400
LOGGING = logs.configure(json=False, level="ERROR")
