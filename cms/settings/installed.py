"""The applications, by where their tables live, and the middleware that each request passes, in order."""

# A table lives in exactly one of the first two lists (docs/architecture.md, tenancy).
SHARED_APPS = [
    "tenants",  # Before the library: its commands that go around provisioning are refused by ours.
    "django_tenants",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "domain.identity",
    "domain.grants",
    "django_q",
]
TENANT_APPS = [
    "domain.audit",
    "domain.encryption",
    "domain.config",
    "domain.files",
    "domain.associations",
    "domain.access",
    "domain.people",
    "domain.certification",
    "domain.activities",
    "domain.assignments",
    "domain.sync",
    "domain.sales",
    "cms",
    "api",
    "wagtail.contrib.simple_translation",
    "cms.wagtail_apps.UsersAppConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.sites",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "guardian",
    "django.contrib.sessions",
]
# Without tables of their own.
PLAIN_APPS = [
    "domain.core",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "tenants.middleware.HealthMiddleware",
    "cms.logs.RequestLogMiddleware",
    # Outside of every layer that adds headers: it repeats what they answered while nothing has changed.
    "api.content.remembered.RememberedContentMiddleware",
    "cms.middleware.ContentSecurityPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Before the organisation is looked up: the page that refuses an unknown host has a style and a language.
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "api.core.middleware.ProblemMiddleware",
    "tenants.middleware.TenantMiddleware",
    "domain.audit.middleware.AuditContextMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    # Before sessions and views: most requests of the apps ask for content that hasn't changed.
    "api.content.middleware.UnchangedContentMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "cms.middleware.SignedInMiddleware",
    "cms.middleware.OwnLanguageMiddleware",
    "cms.support_access.SupportAccessMiddleware",
    "cms.admin.second_step.PasskeyNeededMiddleware",
    "cms.middleware.ClosedAreasMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
