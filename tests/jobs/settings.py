"""The tests' settings for a worker of their own: quick cycles and jobs made for testing."""

import os

from cms.settings.test import *  # noqa: F403
from cms.settings.test import INSTALLED_APPS, PLAIN_APPS, Q_CLUSTER

PLAIN_APPS = [*PLAIN_APPS, "tests.jobs.sample.apps.SampleConfig"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobs.sample.apps.SampleConfig"]
Q_CLUSTER = {
    **Q_CLUSTER,
    "guard_cycle": 0.5,
    "poll": 0.1,
    "workers": int(os.environ.get("TEST_WORKERS", "2")),
}
if "TEST_SMTP_PORT" in os.environ:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ["TEST_SMTP_PORT"])
if "TEST_MEDIA_ROOT" in os.environ:
    MEDIA_ROOT = os.environ["TEST_MEDIA_ROOT"]
