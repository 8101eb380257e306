"""Live preview of content as the app shows it on a phone.

The models know that they can be previewed and in which modes; what draws them is registered from outside
(`cms.apps`), because it speaks to the API's serializers and models may not.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django_tenants.utils import tenant_context
from wagtail.models import PreviewableMixin

from tenants.db import connection
from tenants.models import Domain

from .modes import DEFAULT_MODE, MODES

Renderer = Callable[[Any, HttpRequest, str], HttpResponse]
_renderers: list[Renderer] = []


def register_renderer(renderer: Renderer) -> None:
    """Make this function the one that draws previews: (object, request, mode key) → response."""
    _renderers[:] = [renderer]


class PhonePreviewMixin(PreviewableMixin):
    """Preview on a phone, small phone or tablet, in the modes of `cms.preview.modes`."""

    @property
    def preview_modes(self):
        return [(mode.key, mode.label) for mode in MODES.values()]

    @property
    def default_preview_mode(self):
        return DEFAULT_MODE

    @property
    def preview_sizes(self):
        return [
            {
                "name": "phone",
                "icon": "mobile-alt",
                "device_width": 390,
                "label": _("Preview on a phone, 390 wide"),
            },
            {
                "name": "small-phone",
                "icon": "phone-small",
                "device_width": 320,
                "label": _("Preview on a small phone, 320 wide"),
            },
            {
                "name": "tablet",
                "icon": "tablet-alt",
                "device_width": 820,
                "label": _("Preview on a tablet, 820 wide"),
            },
        ]

    def _get_dummy_header_url(self, original_request=None):
        """The organisation's own host, also where no request says it.

        Wagtail would fall back to `localhost`, which is the platform: another organisation.
        """
        if original_request:
            return original_request.build_absolute_uri("/")
        host = Domain.objects.get(tenant__schema_name=connection.schema_name, is_primary=True).domain
        return f"https://{host}/"

    def make_preview_request(self, original_request=None, preview_mode=None, extra_request_attrs=None):
        """As Wagtail does, and afterwards organisation and language are what they were.

        The preview is a request inside the request, with a middleware chain of its own, which leaves no
        organisation selected when it ends.
        """
        language = translation.get_language()
        attributes = {"editor_language": language, **(extra_request_attrs or {})}
        with tenant_context(connection.tenant), translation.override(language):
            return super().make_preview_request(original_request, preview_mode, attributes)

    def serve_preview(self, request, mode_name):
        self.check_schema()
        return _renderers[0](self, request, mode_name)
