"""Pages outside Wagtail's admin."""

from django.http import HttpResponse
from django.shortcuts import render

from .public_faqs import has_public_faqs


def csrf_failure(request, reason=""):
    """A clear page instead of Django's: usually an expired form or blocked cookies."""
    return render(request, "csrf_failure.html", status=403)


def home(request) -> HttpResponse:
    return render(request, "home.html", {"has_faqs": has_public_faqs()})
