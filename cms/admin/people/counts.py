"""How many contacts there are, by local association and status: for who sees no names."""

from django.core.exceptions import PermissionDenied
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.auth import require_admin_access
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from cms.admin.dashboard_year import words_of
from cms.admin.scoped.access import scope_of
from domain.people.choices import ContactStatus
from domain.people.models import Contact
from domain.people.models.contacts import COUNT
from domain.reporting.counts import contact_counts
from domain.reporting.small_cells import FEW


@method_decorator(require_admin_access, name="dispatch")
class CountsView(WagtailAdminTemplateMixin, TemplateView):
    """A line per local association; nobody is named, and who sees no names sees no small numbers."""

    template_name = "people/counts.html"
    page_title = gettext_lazy("Figures")
    header_icon = "history"

    def dispatch(self, request, *args, **kwargs):
        if not scope_of(request).can(COUNT):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs):
        lines, sums = contact_counts(scope_of(self.request))
        return super().get_context_data(
            headings=[*(str(each.label) for each in ContactStatus), _("Total")],
            lines=[(line.place, [words_of(cell) for cell in line.cells.values()]) for line in lines],
            total=[words_of(cell) for cell in sums.cells.values()],
            hides=not sums.is_exact,
            few=FEW,
            **kwargs,
        )


class CountsPage(ViewSet):
    """In the menu of contacts, for who may count them."""

    # Which area it belongs to is known by the model (`cms.admin.areas`).
    model = Contact
    name = "contact_counts"
    url_prefix = "contact-counts"
    icon = "history"
    menu_label = gettext_lazy("Figures")

    @cached_property
    def menu_item_class(self):
        def is_shown(_item, request):
            return scope_of(request).can(COUNT)

        return type("CountsMenuItem", (MenuItem,), {"is_shown": is_shown})

    def get_urlpatterns(self):
        return [path("", CountsView.as_view(), name="index")]
