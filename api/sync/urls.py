"""Addresses below /api/v1/sync/."""

from django.urls import path

from .pull import PullView
from .push import PushView

urlpatterns = [
    path("pull/", PullView.as_view()),
    path("push/", PushView.as_view()),
]
