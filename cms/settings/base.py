"""Settings shared by every environment. Each is listed in docs/configuration.md."""

from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

from cms import logs

from .installed import MIDDLEWARE as MIDDLEWARE
from .installed import PLAIN_APPS, SHARED_APPS, TENANT_APPS

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

# "web" (cms.wsgi sets it), "worker" or "manage": decides which PostgreSQL login is used and whether to pool.
PROCESS = env("MEANDER_PROCESS", default="manage")
# Everything the running system writes outside the database: media, dumps, keys in development.
DATA_DIR = Path(env("MEANDER_DATA", default=str(BASE_DIR / "var")))

DEBUG = False
# Demo accounts with a known password exist only where this is on.
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = env("SECRET_KEY", default="")
# Former keys, the latest first: what they signed stays good while a new one takes over.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# The host of the platform itself; organisations get <slug>.<PLATFORM_HOST>.
PLATFORM_HOST = env("PLATFORM_HOST", default="localhost")
PORT = env.int("PORT", default=8000)
# Host names are checked against the domains table by TenantMiddleware, which answers 404 to any other.
ALLOWED_HOSTS = ["*"]

# --- Applications (`installed`) -----------------------------------------------------------------------------
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS, *PLAIN_APPS]

TENANT_MODEL = "tenants.Organization"
TENANT_DOMAIN_MODEL = "tenants.Domain"
TEMPLATE_SCHEMA = "meander_template"
PLATFORM_SCHEMA = "platform"
TENANT_LIMIT_SET_CALLS = True
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
AUTH_USER_MODEL = "identity.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ROOT_URLCONF = "cms.urls"
WSGI_APPLICATION = "cms.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cms.context_processors.organization",
            ],
        },
    },
]

# --- Database ----------------------------------------------------------------------------------------------


def database(url_variable: str) -> dict:
    config = env.db_url(url_variable, engine="tenants.backend")
    config["OPTIONS"] = {**config.get("OPTIONS", {})}
    # A transaction that somebody left open keeps every phone's calls, and vacuum, looking back to its begin.
    idle = f"-c idle_in_transaction_session_timeout={env.int('DATABASE_IDLE_IN_TRANSACTION_S', default=300)}s"
    config["OPTIONS"]["options"] = f"{config['OPTIONS'].get('options', '')} {idle}".strip()
    config["DISABLE_SERVER_SIDE_CURSORS"] = True
    config["ATOMIC_REQUESTS"] = False
    return config


if PROCESS == "web" and env("WEB_DATABASE_URL", default=""):
    DATABASES = {"default": database("WEB_DATABASE_URL")}
elif env("DATABASE_URL", default=""):
    DATABASES = {"default": database("DATABASE_URL")}
else:
    # Nothing to connect to yet: commands that need no database (collectstatic, makemessages) still run.
    DATABASES = {"default": {"ENGINE": "tenants.backend", "NAME": "meander", "OPTIONS": {}}}
if PROCESS == "web":
    # A pool only where nothing forks after connecting: the worker's children would share its sockets.
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.int("DATABASE_POOL_SIZE", default=16),
        "timeout": 10,
        # Connections are recycled by age: each remembers the catalogue of every schema it has touched.
        "max_lifetime": env.int("DATABASE_CONNECTION_MAX_AGE_S", default=1800),
    }

# A web connection that has touched so many schemas is replaced when its request ends.
DATABASE_CONNECTION_MAX_SCHEMAS = env.int("DATABASE_CONNECTION_MAX_SCHEMAS", default=40)

# --- Caches: every alias is keyed by schema -----------------------------------------------------------------
CACHES = {
    "default": {
        **(
            env.cache_url("CACHE_URL")
            if env("CACHE_URL", default="")
            else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        ),
        "KEY_FUNCTION": "django_tenants.cache.make_key",
        "REVERSE_KEY_FUNCTION": "django_tenants.cache.reverse_key",
    },
}

# --- Jobs ---------------------------------------------------------------------------------------------------
Q_CLUSTER = {
    "name": "meander",
    "orm": "default",
    "broker_class": "tenants.broker.OutboxBroker",
    # Schedules are ours (tenants.schedules).
    "scheduler": False,
    "workers": env.int("WORKER_PROCESSES", default=2),
    "timeout": 600,
    # Longer than the timeout, or a slow job would be handed out a second time while it still runs.
    "retry": 900,
    "queue_limit": 2,
    "bulk": 1,
    "poll": 0.5,
    "max_attempts": 3,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": 1000,
    "label": "Jobs",
    "guard_cycle": 5,
}

# --- Signing in ---------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["domain.access.backends.MembershipBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
GUARDIAN_MONKEY_PATCH_USER = False
ANONYMOUS_USER_NAME = None
LOGIN_URL = "wagtailadmin_login"
ACCESS_TOKEN_SECONDS = 600
REFRESH_TOKEN_DAYS = 90
# How long an invitation's link works.
INVITATION_DAYS = env.int("INVITATION_DAYS", default=14)
# For how long after a proof of who one is sensitive things may be done without another.
STEP_UP_SECONDS = env.int("STEP_UP_SECONDS", default=300)
# A session of the admin ends after this, however much it is used: with "remember me", and without.
ADMIN_REMEMBERED_DAYS = env.int("ADMIN_REMEMBERED_DAYS", default=14)
ADMIN_SESSION_HOURS = env.int("ADMIN_SESSION_HOURS", default=12)
# Life of the link in a mail with which a new password is chosen.
PASSWORD_RESET_TIMEOUT = env.int("PASSWORD_RESET_SECONDS", default=3600)

# The domain that passkeys are made for; empty: PLATFORM_HOST. Changing it makes every passkey unusable.
PASSKEY_RP_ID = env("PASSKEY_RP_ID", default="")
# Apps that may use the platform's passkeys: "no.example.app=<SHA-256 of the signing certificate, in hex>",
# and "<team id>.<bundle id>".
ANDROID_APPS = env.list("ANDROID_APPS", default=[])
APPLE_APPS = env.list("APPLE_APPS", default=[])

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "cms.views.csrf_failure"
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail's preview panel is a frame of the same host.
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

# --- Audit --------------------------------------------------------------------------------------------------
# Signs the heads of the record: 32 bytes in base64; empty: the file signing.pem in AUDIT_KEY_DIR, which is
# made when it is first needed.
AUDIT_SIGNING_KEY = env("AUDIT_SIGNING_KEY", default="")
AUDIT_KEY_DIR = Path(env("AUDIT_KEY_DIR", default=str(DATA_DIR / "audit-keys")))
# Public keys, base64, that signed before and aren't in AUDIT_KEY_DIR.
AUDIT_PUBLIC_KEYS = env.list("AUDIT_PUBLIC_KEYS", default=[])
# Where signed heads are kept outside the database (domain/audit/anchors.py); best on another machine.
AUDIT_ANCHORS = env.list("AUDIT_ANCHORS", default=[f"file://{DATA_DIR / 'audit-anchors'}"])

# --- Encryption of columns (docs/encryption.md) -------------------------------------------------------------
# "<id>:<32 bytes in base64>", the first one is used, all open; or a file with the same.
MASTER_KEYS = env("MEANDER_MASTER_KEYS", default="")
MASTER_KEYS_FILE = env("MEANDER_MASTER_KEYS_FILE", default="")
# Whether a file that is missing is made, with a key of its own.
MASTER_KEYS_ARE_MADE = False
# A class that wraps keys elsewhere (domain/encryption/master.py); empty: the master keys above.
KEY_SERVICE = env("MEANDER_KEY_SERVICE", default="")

# Messages name people: in the session, not in a cookie that can be read.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Languages and time -------------------------------------------------------------------------------------
LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", _("Norwegian Bokmål")), ("nn", _("Norwegian Nynorsk")), ("en", _("English"))]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
# One time zone, so nobody is asked for theirs.
WAGTAIL_USER_TIME_ZONES = ["Europe/Oslo"]
# Where a text is missing in one language, the next is used (api.md: nn, then nb, then en).
LOCALE_FALLBACK = {"nn": ["nn", "nb", "en"], "nb": ["nb", "nn", "en"], "en": ["en", "nb", "nn"]}
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Oslo"
WAGTAIL_I18N_ENABLED = True

# --- Files --------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "cms" / "static"]
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"
STORAGES = {
    "default": {"BACKEND": "tenants.storage.OrganizationStorage"},
    # Attachments and other files of people's work (docs/files.md); a class of django-storages, for example.
    "files": {
        "BACKEND": env("FILES_STORAGE", default="domain.files.storage.LocalFiles"),
        "OPTIONS": env.json("FILES_STORAGE_OPTIONS", default={}),
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# The virus scanner: tcp://host:3310 or unix:///run/clamav/clamd.ctl; empty: none.
CLAMD_ADDRESS = env("CLAMD_ADDRESS", default="")
CLAMD_TIMEOUT_SECONDS = env.int("CLAMD_TIMEOUT_SECONDS", default=15)
# Tiles of the map of mentors (docs/people.md): an address with {z}, {x} and {y}; empty: none, on plain lines.
MAP_TILES_URL = env("MAP_TILES_URL", default="")
# What whoever serves them wants to stand on the map.
MAP_TILES_ATTRIBUTION = env("MAP_TILES_ATTRIBUTION", default="")
# A file that was uploaded and belongs to nothing for so long is destroyed.
FILES_UNATTACHED_DAYS = env.int("FILES_UNATTACHED_DAYS", default=7)
# An upload in pieces that wasn't finished within so many hours is forgotten.
FILES_UPLOAD_HOURS = env.int("FILES_UPLOAD_HOURS", default=48)
# Dumps of organisations, written when one is closed or dropped; they hold personal data.
DUMP_DIR = Path(env("DUMP_DIR", default=str(DATA_DIR / "dumps")))
# The keys that dumps were sealed with: apart from them, or a stolen dump comes with its keys.
KEY_DUMP_DIR = Path(env("KEY_DUMP_DIR", default=str(DATA_DIR / "key-dumps")))
# How long a closed organisation can be reopened before `manage.py drop_closed` deletes its data.
ORGANIZATION_GRACE_DAYS = env.int("ORGANIZATION_GRACE_DAYS", default=90)
# Folder of pg_dump and pg_restore; empty: found on PATH, or those of the embedded PostgreSQL.
POSTGRES_BIN_DIR = env("POSTGRES_BIN_DIR", default="")

# --- Wagtail ------------------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "Meander"
WAGTAILADMIN_BASE_URL = env("WAGTAILADMIN_BASE_URL", default=f"http://{PLATFORM_HOST}:{PORT}")
WAGTAILIMAGES_IMAGE_MODEL = "cms.CustomImage"
WAGTAILDOCS_DOCUMENT_MODEL = "cms.CustomDocument"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.admin.files.ImageForm"
WAGTAILDOCS_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "pdf", "pptx", "rtf", "txt", "xlsx"]
# Addresses are never taken for pages: there are none (and the root, which "/" would be, has no parent).
WAGTAILADMIN_EXTERNAL_LINK_CONVERSION = "never"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
# Hashes of people's e-mail addresses must not leave the server.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILADMIN_USER_LOGIN_FORM = "cms.admin.sign_in.SignInForm"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False
WAGTAIL_WORKFLOW_ENABLED = True
TAGGIT_CASE_INSENSITIVE = True
WAGTAILSEARCH_BACKENDS = {
    "default": {
        "BACKEND": "wagtail.search.backends.database",
        "SEARCH_CONFIG": "norwegian",
        "AUTO_UPDATE": True,
    },
}
# The index must be updated while the organisation's schema is set: never in another process.
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}

# --- API ----------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.core.authentication.SessionTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["api.core.rendering.JsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.core.rendering.AlwaysJson",
    "DEFAULT_PARSER_CLASSES": ["api.core.parsing.StrictJsonParser"],
    "DEFAULT_SCHEMA_CLASS": "api.core.schema.ProblemSchema",
    "EXCEPTION_HANDLER": "api.core.errors.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "DATETIME_FORMAT": "iso-8601",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Meander",
    "DESCRIPTION": "What the mobile app and the website of a peer-support organisation talk to. docs/api.md "
    "tells it in prose. A client must stand unknown members and unknown values of enumerations in answers.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "PREPROCESSING_HOOKS": ["api.core.schema.only_the_api"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.core.schema.add_problem",
    ],
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "domain.associations.choices.AssociationKind",
        "ContactLanguage": "domain.people.choices.Language",
        "ContactNoteKind": "domain.people.choices.NoteKind",
        "ContactStatus": "domain.people.choices.ContactStatus",
        "Relation": "domain.people.choices.Relation",
        "BulkOutcome": ["applied", "refused"],
        "PushOutcome": "api.sync.shapes.OUTCOMES",
        "FirstOutcome": "api.sync.shapes.ANSWERS",
        "SyncOperation": "domain.sync.choices.Operation",
        "SyncOutcome": "domain.sync.choices.Outcome",
        "CertificationStatus": "domain.certification.choices.CertificationStatus",
        "CountingRequirement": "domain.grants.choices.Requirement",
        "DocumentType": "domain.activities.choices.DocumentType",
        "FlagKind": "domain.activities.choices.FlagKind",
        "Difficulty": "cms.models.conversation_cards.Difficulty",
        "FileKind": "domain.files.choices.FileKind",
        "FileStatus": "domain.files.choices.FileStatus",
        "LanguageEnum": "tenants.models.LANGUAGE_CODES",
        "MentorState": "domain.certification.choices.MentorState",
        "MembershipStatus": "domain.identity.choices.MembershipStatus",
        "ReminderOutcome": "domain.certification.choices.ReminderOutcome",
        "Requirement": "domain.certification.choices.Requirement",
        "RoleContext": "domain.certification.choices.RoleContext",
        "RoleEnum": "domain.access.choices.Role",
        "ScanStatus": "domain.files.choices.ScanStatus",
    },
}
# How long (seconds) public content may be shown without asking whether it changed. With 0 a publish changes
# the very next answer.
CONTENT_MAX_AGE_SECONDS = env.int("CONTENT_MAX_AGE_SECONDS", default=0)
# Oldest app version that still works, by platform: "ios=1.4.0,android=1.3.2".
MINIMUM_APP_VERSIONS = env.dict("MINIMUM_APP_VERSIONS", default={"ios": "1.0.0", "android": "1.0.0"})
# Start and end of the next announced maintenance, RFC 3339, separated by a comma; empty: none.
MAINTENANCE_WINDOW = env.list("MAINTENANCE_WINDOW", default=[])
# Oldest and current version of the data that apps keep offline.
SCHEMA_VERSIONS = (1, 1)
# How many proxies of ours stand in front and add to X-Forwarded-For; 0: its entries are the caller's word.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = [
    *("authorization", "accept-language", "content-type", "idempotency-key", "if-match", "if-none-match"),
    "range",
    *("tus-resumable", "upload-length", "upload-metadata", "upload-offset"),
]
CORS_EXPOSE_HEADERS = [
    *("Content-Language", "ETag", "Retry-After", "Deprecation", "Sunset"),
    *("Content-Range", "Location"),
    *("Tus-Resumable", "Upload-Expires", "Upload-File-Id", "Upload-Length", "Upload-Offset"),
]

# --- Mail ---------------------------------------------------------------------------------------------------
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default=f"Meander <no-reply@{PLATFORM_HOST}>")
# Where a new demo booking is announced.
SALES_EMAIL = env("SALES_EMAIL", default="")

# --- Logs and errors ----------------------------------------------------------------------------------------
LOGGING = logs.configure(json=env.bool("LOG_JSON", default=False), level=env("LOG_LEVEL", default="INFO"))

SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # E-mails are unique by an index on lower(email), which the check doesn't see.
    "security.W019",  # The preview panel of the admin is a frame of the same host.
    "guardian.W001",  # Dated exceptions are asked for by name; has_perm must not query guardian each time.
]
