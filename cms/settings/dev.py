"""Development: what `make run` and `manage.py` use unless told otherwise."""

from .base import *  # noqa: F403
from .base import DATA_DIR, STORAGES, env

DEBUG = env.bool("DEBUG", default=True)
DEMO = env.bool("DEMO", default=True)
SECRET_KEY = env("SECRET_KEY", default="development-only-and-never-anything-secret")
MASTER_KEYS_FILE = env("MEANDER_MASTER_KEYS_FILE", default=str(DATA_DIR / "master-keys"))
MASTER_KEYS_ARE_MADE = True
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# Mail is written to files one can read, unless a server is named.
if not env("EMAIL_HOST", default=""):
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
# The example website of examples/sales-site is served from another port in development.
CORS_ALLOWED_ORIGIN_REGEXES = [r"^http://(localhost|127\.0\.0\.1):\d+$"]
