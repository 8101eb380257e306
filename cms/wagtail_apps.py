"""Wagtail's user app without its user and group management.

Its stock views let an admin of one organisation edit, deactivate and delete people of another: accounts are
shared by all organisations. People are edited as memberships and roles instead.
"""

from wagtail.admin.viewsets.base import ViewSet
from wagtail.users.apps import WagtailUsersAppConfig


class Closed(ViewSet):
    """Registers no URL, so every address of the stock views is a 404."""

    def get_urlpatterns(self):
        return []


class UsersAppConfig(WagtailUsersAppConfig):
    user_viewset = "cms.wagtail_apps.Closed"
    group_viewset = "cms.wagtail_apps.Closed"
