"""The year in figures: charts by month and by county beside the year before, each with its table and file."""

import csv
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.formats import date_format, number_format
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.auth import require_admin_access
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from domain.associations.choices import COUNTIES
from domain.config.choices import Term
from domain.config.terminology import term
from domain.core.scope import Scope
from domain.reporting.small_cells import FEW, Shown, total
from domain.reporting.year import (
    NOWHERE,
    Asked,
    Chart,
    Line,
    ask,
    by_county,
    by_month,
    charts_for,
    is_about_few,
    years,
)

from .dashboard_chart import Groups, Stack, column_chart, row_chart
from .importing.escaping import escape
from .scoped.access import scope_of

MONTHS, PLACES = "by-month", "by-county"


@dataclass(frozen=True)
class Column:
    """A column of a table, and how its number is read from a line."""

    label: str
    cell: Callable[[Line], Shown]
    is_before: bool = False


@dataclass(frozen=True)
class Card:
    """A chart as the page shows it."""

    key: str
    title: str
    about: str
    drawing: Groups | None
    # Word of each series, in the order of how they are filled; and of the line of the year before.
    legend: list[str]
    before: str
    heading: str
    columns: list[str]
    rows: list[tuple[str, list[str]]]
    sums: tuple[str, list[str]] | None
    file_url: str
    hides: bool
    empty: str = ""


def title_of(key: str, cut: str) -> str:
    words = {name: capfirst(term(name, "plural")) for name in (Term.ACTIVITY, Term.CONTACT, Term.ASSIGNMENT)}
    mentors = term(Term.PEER_MENTOR, "plural")
    titles = {
        "activities": words[Term.ACTIVITY],
        "mentors": _("Active %(mentors)s") % {"mentors": mentors},
        "contacts": words[Term.CONTACT],
        "assignments": words[Term.ASSIGNMENT],
    }
    pattern = _("%(what)s by month") if cut == MONTHS else _("%(what)s by county")
    return pattern % {"what": titles[key]}


def about(key: str) -> str:
    return {
        "activities": _("Approved ones, by the day on which they took place."),
        "mentors": _("Who led at least one approved activity. Whoever did in two months stands in both."),
        "contacts": _("When they were registered, and when the support was closed."),
        "assignments": _("By the month in which they were sent; answers count there as well."),
    }[key]


def series_words(key: str) -> dict[str, str]:
    return {
        "activities": {"counting": _("Count for the grant"), "not_counting": _("Don't count")},
        "mentors": {"mentors": capfirst(term(Term.PEER_MENTOR, "plural"))},
        "contacts": {"new": _("New"), "closed": _("Closed")},
        "assignments": {
            "sent": _("Sent"),
            "opened": _("Opened"),
            "accepted": _("Accepted"),
            "declined": _("Declined"),
        },
    }[key]


def words_of(cell: Shown) -> str:
    """A number as people read it."""
    if cell.number is None:
        return "–" if cell.is_least else _("fewer than %(few)d") % {"few": FEW}
    number = number_format(cell.number, force_grouping=True)
    if cell.is_about:
        return _("about %(number)s") % {"number": number}
    return _("at least %(number)s") % {"number": number} if cell.is_least else number


def short(cell: Shown) -> str:
    """The same above a bar or in a file, where there is no room for words."""
    if cell.number is None:
        return "–" if cell.is_least else f"<{FEW}"
    return f"~{cell.number}" if cell.is_about else str(cell.number)


# --- What is drawn


def _together(cells: dict[str, Shown]) -> Shown:
    return total(cells.values())


def _value(cell: Shown) -> int:
    return cell.number or 0


def stacks_of(key: str, line: Line) -> list[Stack]:
    """The bars of a month or county."""
    now, before = line.now, line.before
    if key == "activities":
        values = (_value(now["counting"]), _value(now["not_counting"]))
        return [Stack(values, _blank(line, str(sum(values))), _value(_together(before)))]
    if key == "assignments":
        sent, opened, accepted, declined = (
            _value(now[name]) for name in ("sent", "opened", "accepted", "declined")
        )
        # Whoever declines without opening is among the declined; what is left was opened, or wasn't.
        unanswered = max(0, opened - accepted - declined)
        parts = (accepted, declined, unanswered, max(0, sent - accepted - declined - unanswered))
        return [Stack(parts, _blank(line, str(sent)), _value(before["sent"]))]
    return [
        Stack(
            (_value(now[name]),),
            _blank(line, short(now[name])),
            None if before[name].is_hidden else _value(before[name]),
            is_hidden=now[name].is_hidden,
        )
        for name in now
    ]


def _blank(line: Line, text: str) -> str:
    return "" if line.is_to_come else text


def legend_of(key: str) -> list[str]:
    if key == "assignments":
        return [_("Accepted"), _("Declined"), _("Opened, not answered"), _("Not opened")]
    return list(series_words(key).values())


def columns_of(key: str, year: int) -> list[Column]:
    """Of the table: the year's series, then what is compared with the year before."""
    words = series_words(key)

    def now(name: str) -> Column:
        return Column(words[name], lambda line: line.now[name])

    def before(name: str) -> Column:
        return Column(f"{words[name]} {year - 1}", lambda line: line.before[name], is_before=True)

    columns = [now(name) for name in words]
    if key == "activities":
        columns.append(Column(_("Together"), lambda line: _together(line.now)))
        columns.append(
            Column(f"{_('Together')} {year - 1}", lambda line: _together(line.before), is_before=True)
        )
    elif key == "assignments":
        columns.append(before("sent"))
    else:
        columns += [before(name) for name in words]
    return columns


# --- A card


def name_of(line: Line, cut: str) -> str:
    if cut == MONTHS:
        return capfirst(date_format(line.name, "F"))
    return COUNTIES.get(line.name, line.name) if line.name != NOWHERE else _("Without a county")


def card(key: str, cut: str, asked: Asked) -> Card:
    chart = by_month(key, asked) if cut == MONTHS else by_county(key, asked)
    columns = columns_of(key, asked.year)
    bars = [(_short_name(line, cut), stacks_of(key, line)) for line in chart.lines]
    query = f"year={asked.year}&county={asked.county}&export={key}-{cut}"
    return Card(
        key=f"{key}-{cut}",
        title=title_of(key, cut),
        about=_about(key, cut, asked),
        drawing=None if chart.is_empty else (column_chart(bars) if cut == MONTHS else row_chart(bars)),
        legend=legend_of(key),
        before=str(asked.year - 1),
        heading=_("Month") if cut == MONTHS else _("County"),
        columns=[column.label for column in columns],
        rows=[(name_of(line, cut), [_read(line, column) for column in columns]) for line in chart.lines],
        sums=_sums(chart, cut, asked, columns),
        file_url=f"{reverse('year:index')}?{query}",
        hides=is_about_few(key, asked.scope),
        empty=_("There is nothing to count in these two years.") if chart.is_empty else "",
    )


def _about(key: str, cut: str, asked: Asked) -> str:
    if cut == PLACES:
        return _to_the_same_day(asked)
    if asked.county and is_about_few(key, asked.scope):
        return _("Of all counties: the months of one would be too small to show.")
    return about(key)


def _short_name(line: Line, cut: str) -> str:
    return date_format(line.name, "M") if cut == MONTHS else name_of(line, cut)


def _read(line: Line, column: Column) -> str:
    """A number of a line; of a month to come only the year before has one."""
    return "–" if line.is_to_come and not column.is_before else words_of(column.cell(line))


def _to_the_same_day(asked: Asked) -> str:
    if not asked.is_present:
        return _("The whole of both years.")
    day = date_format(asked.today, "MONTH_DAY_FORMAT")
    return _("Both years until %(day)s.") % {"day": day}


def _sums(chart: Chart, cut: str, asked: Asked, columns: list[Column]) -> tuple[str, list[str]] | None:
    if chart.sums is None:
        return None
    label = _("Total")
    if cut == MONTHS and asked.last_month < 12:
        last = date_format(chart.lines[asked.last_month - 1].name, "F")
        label = _("Until %(month)s") % {"month": last}
    return label, [words_of(column.cell(chart.sums)) for column in columns]


def year_card(scope: Scope) -> Card | None:
    """The first chart of the year, for the dashboard of whoever may see it."""
    if "activities" not in charts_for(scope):
        return None
    return card("activities", MONTHS, ask(scope))


# --- The page


@method_decorator(require_admin_access, name="dispatch")
class YearView(WagtailAdminTemplateMixin, TemplateView):
    """`?year=` and `?county=` choose; `?export=activities-by-month` gives a chart's numbers as a file."""

    template_name = "dashboard/year.html"
    page_title = gettext_lazy("The year in figures")
    header_icon = "calendar-alt"

    def dispatch(self, request, *args, **kwargs):
        if not charts_for(scope_of(request)):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.get_page_title()}]

    @cached_property
    def asked(self) -> Asked:
        year, county = self.request.GET.get("year", ""), self.request.GET.get("county", "")
        number = int(year) if len(year) == 4 and year.isascii() and year.isdigit() else None
        return ask(scope_of(self.request), year=number, county=county if county in COUNTIES else "")

    def get(self, request, *args, **kwargs):
        wanted = request.GET.get("export", "")
        if wanted:
            return self.file(wanted)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        asked = self.asked
        keys = charts_for(asked.scope)
        cuts = [MONTHS] if asked.county else [MONTHS, PLACES]
        return super().get_context_data(
            asked=asked,
            years=years(asked.today),
            counties=COUNTIES.items(),
            cards=[card(key, cut, asked) for key in keys for cut in cuts],
            hides=any(is_about_few(key, asked.scope) for key in keys),
            few=FEW,
            **kwargs,
        )

    def file(self, wanted: str) -> HttpResponse:
        """All series of both years; what is hidden on the page is hidden here."""
        asked = self.asked
        for key in charts_for(asked.scope):
            for cut in (MONTHS, PLACES):
                if wanted == f"{key}-{cut}":
                    return self.written(key, cut, asked)
        raise Http404

    def written(self, key: str, cut: str, asked: Asked) -> HttpResponse:
        chart = by_month(key, asked) if cut == MONTHS else by_county(key, asked)
        response = HttpResponse(
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{asked.year}-{key}-{cut}.csv"',
                "Cache-Control": "no-store",
            },
        )
        words = series_words(key)
        writer = csv.writer(response)
        writer.writerow(
            [
                _("Month") if cut == MONTHS else _("County"),
                *(f"{words[name]} {asked.year}" for name in chart.series),
                *(f"{words[name]} {asked.year - 1}" for name in chart.series),
            ]
        )
        for line in chart.lines:
            name = f"{line.name:%m}" if cut == MONTHS else escape(name_of(line, cut))
            now = ["" if line.is_to_come else short(line.now[each]) for each in chart.series]
            writer.writerow([name, *now, *(short(line.before[each]) for each in chart.series)])
        return response


class YearPage(ViewSet):
    """In the menu, for who may see one of its charts."""

    name = "year"
    url_prefix = "year"
    icon = "calendar-alt"
    menu_label = gettext_lazy("The year in figures")
    menu_order = 105
    add_to_admin_menu = True

    @cached_property
    def menu_item_class(self):
        def is_shown(_item, request):
            return not request.tenant.is_platform and bool(charts_for(scope_of(request)))

        return type("YearMenuItem", (MenuItem,), {"is_shown": is_shown})

    def get_urlpatterns(self):
        return [path("", YearView.as_view(), name="index")]
