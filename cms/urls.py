"""Addresses of every organisation and of the platform."""

from django.urls import include, path
from wagtail.admin import urls as wagtailadmin_urls

from api import urls as api_urls

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("admin/", include(wagtailadmin_urls)),
    path("api/", include(api_urls)),
]
