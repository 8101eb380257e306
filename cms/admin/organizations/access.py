"""Who sees the console: the platform's own staff, on the platform's own host; elsewhere it doesn't exist."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from wagtail.admin.menu import MenuItem

VIEW, ADD, CHANGE = "tenants.view_organization", "tenants.add_organization", "tenants.change_organization"
SEE_RELATIONS = "tenants.view_organizationhierarchy"
ADD_RELATION = "tenants.add_organizationhierarchy"
CHANGE_RELATION = "tenants.change_organizationhierarchy"


def on_platform(request) -> bool:
    """Whether the request came to the platform's own organisation."""
    return request.tenant.is_platform


class PlatformOnly:
    """First base of every view here: 404 in other organisations, refused without `permission`."""

    permission = VIEW

    def dispatch(self, request, *args, **kwargs):
        if not on_platform(request):
            raise Http404
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class PlatformMenuItem(MenuItem):
    """An entry that only the platform's staff see."""

    def is_shown(self, request):
        return on_platform(request) and request.user.has_perm(VIEW)
