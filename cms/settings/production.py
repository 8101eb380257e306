"""Production: nothing secret has a default, and whatever is missing stops the start."""

from django.core.exceptions import ImproperlyConfigured

from cms import logs

from .base import *  # noqa: F403
from .base import KEY_SERVICE, MASTER_KEYS, MASTER_KEYS_FILE, PLATFORM_HOST, env

SECRET_KEY = env("SECRET_KEY")
if not (MASTER_KEYS or MASTER_KEYS_FILE or KEY_SERVICE):
    raise ImproperlyConfigured("set MEANDER_MASTER_KEYS or MEANDER_MASTER_KEYS_FILE")
DEMO = env.bool("DEMO", default=False)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
WAGTAILADMIN_BASE_URL = env("WAGTAILADMIN_BASE_URL", default=f"https://{PLATFORM_HOST}")

LOGGING = logs.configure(json=env.bool("LOG_JSON", default=True), level=env("LOG_LEVEL", default="INFO"))
# Errors go to Sentry where a DSN is set; never people's data with them.
if env("SENTRY_DSN", default=""):
    import sentry_sdk

    sentry_sdk.init(
        dsn=env("SENTRY_DSN"),
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        environment=env("SENTRY_ENVIRONMENT", default="production"),
        release=env("RELEASE", default=None),
    )
