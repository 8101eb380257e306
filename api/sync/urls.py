"""Addresses below /api/v1/sync/."""

from django.urls import path

from .pull import PullView

urlpatterns = [
    path("pull/", PullView.as_view()),
]
