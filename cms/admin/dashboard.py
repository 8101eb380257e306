"""The first page after signing in: what waits for me, and how the content stands."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from domain.access.abilities import ABILITIES, AREAS
from domain.config.queries import is_enabled, locales_in_use
from domain.config.terminology import term
from domain.core.scope import Scope
from domain.identity.models import SupportAccessGrant
from domain.identity.models.support import VIEW_GRANTS
from tenants.choices import JobState, OrganizationKind, OrganizationStatus
from tenants.models import LANGUAGE_CODES, JobRun, Organization

from . import dashboard_queries as queries
from .dashboard_chart import bar_chart
from .dashboard_panels import Entry, Panel
from .dashboard_queries import Kind, Row
from .dashboard_today import today_panels
from .dashboard_year import year_card
from .organizations.figures import behind, job_title, subject_of
from .scoped.access import scope_of


class Dashboard(Component):
    """Everything between the header and the end of the page; takes the place of Wagtail's own panels."""

    name = "dashboard"
    order = 100
    template_name = "dashboard/dashboard.html"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        request = parent_context["request"]
        user, kinds = request.user, queries.kinds_in_use(request.user)
        totals = queries.totals(kinds)
        today = [] if request.tenant.is_platform else today_panels(request)
        return {
            "request": request,
            "waiting": waiting_panels(kinds, user),
            "content": content_table(totals, user),
            "locales": [(code, label) for code, label in LANGUAGE_CODES if code in locales_in_use()],
            "chart": chart(kinds),
            "recent": recent_panel(kinds, user),
            "platform": platform_panels(user) if request.tenant.is_platform else [],
            "start": start_here(totals, user),
            "today": today,
            # What is in order takes a line each, together.
            "calm": [panel for panel in today if not panel.entries],
            "year": None if request.tenant.is_platform else year_card(scope_of(request)),
            "support": support_here_now(user) if not request.tenant.is_platform else [],
            "abilities": abilities_of(scope_of(request)),
        }


# To be here at all, which whoever reads this is.
HERE = "wagtailadmin.access_admin"


def abilities_of(scope: Scope) -> list[tuple[Any, list[Any]]]:
    """What somebody may do, by area, in plain words: for whom nothing waits here."""
    found = []
    for area in AREAS:
        own = [
            each.words
            for each in ABILITIES
            if each.area is area and each.permissions <= scope.permissions - {HERE}
        ]
        if own:
            found.append((area, own))
    return found


def support_here_now(user) -> list[SupportAccessGrant]:
    """Who of the platform's support is let in at this moment, for whoever may see that."""
    if not user.has_perm(VIEW_GRANTS):
        return []
    return list(SupportAccessGrant.objects.here().in_force().select_related("requested_by"))


def replace_panels(request, panels) -> None:
    """Hook: our dashboard instead of Wagtail's panels."""
    panels[:] = [Dashboard()]


# --- What waits


def waiting_panels(kinds: list[Kind], user) -> list[Panel]:
    """What of the content waits for this person; panels that can't concern them are left out."""
    if not kinds:
        return []
    panels = []
    if any(user.has_perm(f"cms.publish_{kind.key}") for kind in kinds):
        panels.append(
            Panel(
                "review",
                _("Waiting for your review"),
                "clipboard-list",
                entries(queries.waiting_for_review(kinds, user), user),
                _("Nothing is waiting for you."),
                when=_("since"),
            )
        )
    panels += [
        Panel(
            "drafts",
            _("Your drafts"),
            "edit",
            entries(queries.my_drafts(kinds, user), user),
            _("You have no unpublished changes."),
            when=_("saved"),
        ),
        Panel(
            "scheduled",
            _("Scheduled to be published"),
            "calendar-alt",
            entries(queries.scheduled(kinds), user),
            _("Nothing is scheduled. Set a time under “Status” when you edit a text."),
            when=_("on"),
        ),
        # An exception: shown only when there is one, like broken links below.
        Panel(
            "locked",
            _("Locked by others"),
            "lock",
            entries(queries.locked_by_others(kinds, user), user),
            when=_("since"),
        ),
    ]
    if any(kind.term == "resource_link" for kind in kinds):
        panels.append(
            Panel(
                "broken",
                _("Links that don't work"),
                "link",
                entries(queries.broken_links(kinds), user),
                when=_("checked"),
                warns=True,
            )
        )
    return [panel for panel in panels if panel.entries or panel.empty]


def recent_panel(kinds: list[Kind], user) -> Panel:
    return Panel(
        "recent",
        _("Recently published"),
        "check",
        entries(queries.recently_published(kinds), user),
        _("Nothing has been published yet."),
    )


def entries(rows: list[Row], user) -> list[Entry]:
    return [
        Entry(
            title=row.title,
            url=edit_url(row.kind, row.pk, user),
            kind=capfirst(term(row.kind.term)),
            note=", ".join(
                part for part in (row.locale and str(dict(LANGUAGE_CODES)[row.locale]), row.who) if part
            ),
            at=row.at,
        )
        for row in rows
    ]


def edit_url(kind: Kind, pk: str, user) -> str:
    """Where the text is edited, for who may; no address for who may only see it."""
    return url_of(kind, "edit", pk) if user.has_perm(f"cms.change_{kind.key}") else ""


def url_of(kind: Kind, view: str, *arguments: str) -> str:
    viewset = getattr(kind.model, "snippet_viewset", None)
    return reverse(viewset.get_url_name(view), args=arguments) if viewset else ""


# --- How the content stands


def content_table(totals: list[queries.Totals], user) -> list[dict[str, Any]]:
    codes = locales_in_use()
    return [
        {
            "name": capfirst(term(row.kind.term, "plural")),
            "url": url_of(row.kind, "list"),
            "totals": row,
            "missing": [(code, row.missing(code)) for code in codes],
        }
        for row in totals
    ]


def start_here(totals: list[queries.Totals], user) -> list[Entry]:
    """First steps, where there is no content at all yet."""
    if any(row.published or row.drafts for row in totals):
        return []
    return [
        Entry(
            title=_("Add %(term)s") % {"term": term(row.kind.term)},
            url=url_of(row.kind, "add"),
        )
        for row in totals
        if user.has_perm(f"cms.add_{row.kind.key}")
    ]


def chart(kinds: list[Kind]) -> dict[str, Any]:
    """The year's first publications, as bars and as the table that says the same."""
    months = queries.published_by_month(kinds)
    return {
        "svg": bar_chart([(date_format(month, "M"), sum(counts.values())) for month, counts in months]),
        "kinds": [capfirst(term(kind.term, "plural")) for kind in kinds],
        "rows": [
            (date_format(month, "F Y"), [counts[kind.key] for kind in kinds], sum(counts.values()))
            for month, counts in months
        ],
        "total": sum(sum(counts.values()) for _month, counts in months),
    }


# --- The platform's own


def platform_panels(user) -> list[Panel]:
    """What waits for the platform's staff: new demo bookings, organisations in trouble, jobs that gave up."""
    panels = []
    if user.has_perm("sales.view_demobooking") and is_enabled("demo_bookings"):
        panels.append(bookings_panel(user))
    if user.has_perm("tenants.view_organization"):
        panels += [behind_panel(), organizations_panel(), jobs_panel()]
    return [panel for panel in panels if panel.entries or panel.empty]


def bookings_panel(user) -> Panel:
    from domain.sales.choices import BookingStatus
    from domain.sales.models import DemoBooking

    new = DemoBooking.objects.filter(status=BookingStatus.NEW).order_by("created_at")[: queries.SHOWN]
    return Panel(
        "bookings",
        _("New demo bookings"),
        "mail",
        [
            Entry(
                booking.organization_name,
                first_url("demo-bookings:inspect", booking.pk),
                note=booking.name,
                at=booking.created_at,
            )
            for booking in new
        ],
        _("No booking is waiting for an answer."),
        when=_("received"),
    )


def organizations_panel() -> Panel:
    waiting = (
        Organization.objects.exclude(status=OrganizationStatus.ACTIVE)
        .filter(kind=OrganizationKind.ORGANIZATION)
        # What is deleted next comes first, then what has waited longest.
        .order_by(F("drop_after").asc(nulls_last=True), "status_changed_at")[: queries.SHOWN]
    )
    return Panel(
        "organizations",
        _("Organisations that aren't active"),
        "lock",
        [
            Entry(
                row.name,
                reverse("organizations:detail", args=[row.pk]),
                note=status_note(row),
                at=row.status_changed_at,
            )
            for row in waiting
        ],
        _("All organisations are active."),
        when=_("since"),
    )


def status_note(row: Organization) -> str:
    """The status, and of a closed one the day its data is deleted."""
    status = str(row.get_status_display())
    if row.drop_after is None:
        return status
    day = date_format(timezone.localtime(row.drop_after), "DATE_FORMAT")
    return _("%(status)s, data deleted after %(day)s") % {"status": status, "day": day}


def behind_panel() -> Panel:
    """Organisations whose schema lacks a migration: an exception, shown only when there is one."""
    rows = list(Organization.objects.exclude(kind=OrganizationKind.TEMPLATE).order_by("name"))
    late = behind(rows)
    return Panel(
        "behind",
        _("Organisations behind on migrations"),
        "warning",
        [
            Entry(row.name, reverse("organizations:detail", args=[row.pk]), note=row.schema_name)
            for row in rows
            if row.schema_name in late
        ][: queries.SHOWN],
        warns=True,
    )


def jobs_panel() -> Panel:
    gave_up = (
        JobRun.objects.filter(state__in=[JobState.PARKED, JobState.FAILED])
        .select_related("organization")
        .order_by("-created_at")
    )
    return Panel(
        "jobs",
        _("Jobs that gave up"),
        "history",
        [
            Entry(
                job_title(run),
                reverse("organizations:run", args=[run.pk]),
                kind=str(run.get_state_display()),
                note=f"{subject_of(run)} – {last_line(run.error)}",
                at=run.finished_at or run.created_at,
            )
            for run in gave_up[: queries.SHOWN]
        ],
        _("No job has given up."),
        when=_("on"),
        warns=True,
    )


def last_line(error: str) -> str:
    """What a traceback says in the end."""
    return next(reversed(error.strip().splitlines()), "")[:120]


def first_url(name: str, pk: object) -> str:
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""
