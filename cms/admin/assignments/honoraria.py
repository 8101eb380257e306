"""What mentors are due, per period: a page, and the same as a file."""

import csv
from datetime import date

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.auth import require_admin_access
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets import AdminDateInput

from cms.admin.importing.escaping import escape
from cms.admin.scoped.access import scope_of
from domain.assignments.choices import HonorariumPeriod
from domain.assignments.honorarium import (
    Period,
    crossings_of,
    note_report,
    period_of,
    report,
    this_period,
)
from domain.assignments.models import VIEW_THRESHOLDS, HonorariumCrossing, HonorariumThreshold
from domain.audit.reading import Seen, note_seen
from domain.certification.queries import today_here


class PeriodForm(forms.Form):
    period = forms.ChoiceField(
        label=gettext_lazy("Counted in each"), choices=HonorariumPeriod.choices, required=False
    )
    day = forms.DateField(
        label=gettext_lazy("A day of it"),
        required=False,
        widget=AdminDateInput(attrs={"autocomplete": "off"}),
    )

    def clean_day(self) -> date | None:
        day = self.cleaned_data["day"]
        if day is not None and not 2000 <= day.year <= 2100:
            raise forms.ValidationError(_("Choose a day between 2000 and 2100."))
        return day

    def chosen(self) -> Period:
        """The present year unless something else was asked for."""
        if not self.is_bound or not self.is_valid():
            return this_period()
        kind = self.cleaned_data["period"] or HonorariumPeriod.YEAR
        return period_of(self.cleaned_data["day"] or today_here(), kind)


@method_decorator(require_admin_access, name="dispatch")
class HonorariumView(WagtailAdminTemplateMixin, TemplateView):
    """A line per mentor; `?export=csv` gives the same as a file. Either is on the record."""

    template_name = "assignments/honorarium.html"
    page_title = gettext_lazy("Honorarium due")
    header_icon = "history"

    def dispatch(self, request, *args, **kwargs):
        if not scope_of(request).can(VIEW_THRESHOLDS):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.get_page_title()}]

    def get(self, request, *args, **kwargs):
        form = PeriodForm(request.GET or None)
        period = form.chosen()
        lines = report(period, scope_of(request))
        is_export = request.GET.get("export") == "csv"
        note_report(lines, by=request.user, verb="exported" if is_export else "listed")
        if is_export:
            return self.file(period, lines)
        crossings = crossings_of(period, scope_of(request))
        note_seen(
            HonorariumCrossing,
            [Seen(frozenset([each.mentor_id])) for each in crossings],
            by=request.user,
            verb="listed",
        )
        query = request.GET.copy()
        query["export"] = "csv"
        return self.render_to_response(
            self.get_context_data(
                form=form,
                media=form.media,
                period=period,
                lines=[(line, number_format(line.amount, 2)) for line in lines],
                crossings=crossings,
                export_url=f"?{query.urlencode()}",
            )
        )

    def file(self, period: Period, lines: list) -> HttpResponse:
        name = f"honorarium-{period.first}-{period.last}.csv"
        response = HttpResponse(
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )
        writer = csv.writer(response)
        writer.writerow([_("Mentor"), _("Completed assignments"), _("Amount"), _("Currency")])
        for line in lines:
            amount = f"{line.amount:.2f}"
            writer.writerow([escape(str(line.mentor)), line.assignments, amount, line.currency])
        return response


class HonorariumPage(ViewSet):
    """In the menu of assignments, for who may see honoraria."""

    # Which area it belongs to is known by the model (`cms.admin.areas`).
    model = HonorariumThreshold
    name = "honorarium"
    url_prefix = "honorarium"
    icon = "history"
    menu_label = gettext_lazy("Honorarium due")

    @cached_property
    def menu_item_class(self):
        def is_shown(_item, request):
            return scope_of(request).can(VIEW_THRESHOLDS)

        return type("HonorariumMenuItem", (MenuItem,), {"is_shown": is_shown})

    def get_urlpatterns(self):
        return [path("", HonorariumView.as_view(), name="index")]
