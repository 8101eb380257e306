"""Addresses of Wagtail's admin that nobody here has use for, or that would open too much: each a 404.

There are no pages, so no page explorer, page reports and page chooser. People are edited as memberships and
roles, hosts in the console of organisations. The site history ignores who may see which row. Bulk actions
exist for our own content, images and documents.
"""

from django.http import Http404
from django.urls import re_path


def closed(request, *args, **kwargs):
    raise Http404


CLOSED = [
    r"^pages/",
    r"^choose-page/",
    r"^api/",
    r"^bulk/(?!cms/)",
    r"^users/",
    r"^groups/",
    r"^sites/",
    r"^locales/",
    r"^redirects/",
    r"^password_reset/",
    r"^reports/(?!$)(locked|workflow|workflow_tasks|site-history|aging-pages|page-types-usage)/",
    r"^translation/submit/page/",
    r"^images/\d+/generate_url/",
    r"^failwhale/",
    r"^test404/",
]
urlpatterns = [re_path(pattern, closed) for pattern in CLOSED]
