from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from . import timeline
from .detail import EventView, ProofView
from .export import ExportFileView, ExportStateView, ExportView


class AuditMenuItem(MenuItem):
    """Shown to whoever may read the record."""

    def is_shown(self, request):
        return request.user.has_perm(timeline.VIEW)


class AuditViewSet(ViewSet):
    name = "audit"
    url_prefix = "audit"
    icon = "history"
    menu_label = _("Audit record")
    menu_order = 850
    add_to_admin_menu = True
    menu_item_class = AuditMenuItem

    def get_urlpatterns(self):
        person = "people/<uuid:pk>"
        history = "objects/<str:object_type>/<path:object_id>"
        pages = [
            ("", timeline.EverythingView, "", "results/"),
            ("person_did", timeline.PersonDidView, f"{person}/did/", f"{person}/did/results/"),
            ("person_read", timeline.PersonReadView, f"{person}/read-by/", f"{person}/read-by/results/"),
            ("person_about", timeline.PersonAboutView, f"{person}/about/", f"{person}/about/results/"),
            ("object", timeline.ObjectView, f"{history}/events/", f"{history}/events/results/"),
        ]
        patterns = []
        for name, view, address, results in pages:
            patterns += [
                path(address, view.as_view(), name=name or "index"),
                path(
                    results,
                    view.as_view(results_only=True),
                    name=f"{name}_results" if name else "results",
                ),
            ]
        return [
            *patterns,
            path("events/<uuid:pk>/", EventView.as_view(), name="event"),
            path("events/<uuid:pk>/proof/", ProofView.as_view(), name="proof"),
            path("export/", ExportView.as_view(), name="export"),
            path("export/<uuid:pk>/state/", ExportStateView.as_view(), name="export_state"),
            path("export/<uuid:pk>/", ExportFileView.as_view(), name="export_file"),
        ]
