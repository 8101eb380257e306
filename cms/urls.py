"""Addresses of every organisation and of the platform."""

from django.urls import include, path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from api import urls as api_urls
from api.problems import problem_page

from . import branding, views
from .admin.account import AccountView
from .invitation_page import InvitationView, passkey_answer, passkey_question, welcome
from .media import media
from .public_faqs import faqs
from .verification_page import verify

urlpatterns = [
    # First: most requests are the apps', and every pattern before costs each of them.
    path("api/", include(api_urls)),
    path("", views.home, name="home"),
    path("faqs/", faqs, name="public_faqs"),
    path("verify/<str:code>/", verify, name="verify_certificate"),
    path("invitation/accepted/", welcome, name="invitation_accepted"),
    path("invitation/<str:token>/passkey/", passkey_answer, name="invitation_passkey"),
    path("invitation/<str:token>/passkey/options/", passkey_question, name="invitation_passkey_options"),
    path("invitation/<str:token>/", InvitationView.as_view(), name="invitation"),
    path(".well-known/", include("cms.well_known")),
    path("branding/", include(branding.urlpatterns)),
    # Before Wagtail's own of the same name, which also edits what belongs to the person in all organisations.
    path("admin/account/", AccountView.as_view(), name="wagtailadmin_account"),
    path("admin/", include("cms.admin.sign_in_urls")),
    path("admin/", include("cms.admin.passkeys")),
    path("admin/", include("cms.admin.second_step")),
    path("admin/", include("cms.admin.closed")),
    path("admin/", include("cms.admin.malformed")),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("media/<path:path>", media, name="media"),
    path("problems/<slug:slug>", problem_page, name="problem"),
]
