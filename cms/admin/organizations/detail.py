"""One organisation on one page: what it is, its hosts and relations, what was done to it, its jobs."""

from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from domain.audit.models import AuditEvent
from tenants.choices import JobState, OrganizationKind, OrganizationStatus
from tenants.jobs import registry
from tenants.models import JobRun, Organization, OrganizationHierarchy

from .access import ADD_RELATION, CHANGE, CHANGE_RELATION, SEE_RELATIONS, PlatformOnly
from .figures import JOB_ICONS, STATUS_ICONS, decorate, job_title, organizations
from .listing import status_tone
from .support_list import asked_of

EVENTS_SHOWN, RUNS_SHOWN = 20, 10
# Audit actions as people read them; tenants.events announces them.
EVENT_NAMES = {
    "organization.created": _("Set up"),
    "organization.suspended": _("Suspended"),
    "organization.resumed": _("Resumed"),
    "organization.closed": _("Closed"),
    "organization.reopened": _("Reopened"),
    "organization.edited": _("Edited"),
    "organization.sessions-ended": _("All sessions ended"),
    "organization.linked": _("Relation added"),
    "organization.unlinked": _("Relation ended"),
    "host.added": _("Host added"),
    "host.removed": _("Host removed"),
    "host.made_primary": _("Main host changed"),
    "job.retried": _("Job tried again"),
}


FIELD_NAMES = {
    "host": _("Host"),
    "primary_host": _("Main host"),
    "status": _("Status"),
    "drop_after": _("Data deleted after"),
    "dump": _("Dump"),
    "parent": _("Parent"),
    "valid_from": _("Valid from"),
    "valid_to": _("Last day"),
    "job": _("Job"),
    "sessions": _("Sessions"),
}


def _shown(field: str, value: Any) -> str:
    if field == "status" and value in OrganizationStatus.values:
        return str(OrganizationStatus(value).label)
    if field == "job" and value in registry:
        return str(registry[value].title)
    moment = parse_datetime(value) if field == "drop_after" and isinstance(value, str) else None
    return date_format(timezone.localtime(moment)) if moment else str(value)


def _line(field: str, old: Any, new: Any) -> str:
    """One changed field of an audit event, in words: “Status: Active → Suspended”."""
    values = [_shown(field, value) for value in (old, new) if value not in (None, "")]
    return f"{FIELD_NAMES.get(field, field)}: {' → '.join(values)}"


@dataclass(frozen=True)
class ActionButton:
    """An action that is possible now."""

    label: Any
    url: str
    serious: bool = False


class ConsolePage(PlatformOnly, WagtailAdminTemplateMixin, TemplateView):
    """A page below the list, with a path of links back to it."""

    header_icon = "site"

    def get_parents(self) -> list[dict[str, str]]:
        """Breadcrumbs between the list and this page."""
        return []

    def get_breadcrumbs_items(self):
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("organizations:index"), "label": _("Organisations")},
            *self.get_parents(),
            {"url": "", "label": self.get_page_title()},
        ]


class OrganizationPage(ConsolePage):
    """A page about one organisation; the template is nobody's and has none."""

    @cached_property
    def organization(self) -> Organization:
        return get_object_or_404(
            Organization.objects.exclude(kind=OrganizationKind.TEMPLATE), pk=self.kwargs["pk"]
        )

    def get_parents(self):
        return [
            {
                "url": reverse("organizations:detail", args=[self.organization.pk]),
                "label": self.organization.name,
            }
        ]


class DetailView(OrganizationPage):
    template_name = "organizations/detail.html"

    @cached_property
    def organization(self) -> Organization:
        return decorate([get_object_or_404(organizations(), pk=self.kwargs["pk"])])[0]

    def get_page_title(self):
        return self.organization.name

    def get_parents(self):
        return []

    def actions(self) -> list[ActionButton]:
        organization = self.organization
        if organization.kind != OrganizationKind.ORGANIZATION or not self.request.user.has_perm(CHANGE):
            return []
        from .actions import ACTIONS

        return [
            ActionButton(
                action.label,
                reverse("organizations:action", args=[organization.pk, name]),
                serious=action.serious,
            )
            for name, action in ACTIONS.items()
            if organization.status in action.states
        ]

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        organization, user = self.organization, self.request.user
        return {
            **context,
            "organization": organization,
            "status_icon": STATUS_ICONS[OrganizationStatus(organization.status)],
            "status_tone": status_tone(organization),
            "actions": self.actions(),
            "domains": sorted(
                organization.domains.all(), key=lambda domain: (not domain.is_primary, domain.domain)
            ),
            "may_change": user.has_perm(CHANGE),
            "sees_relations": user.has_perm(SEE_RELATIONS),
            "may_add_relation": self.organization.kind == OrganizationKind.ORGANIZATION
            and user.has_perm(ADD_RELATION),
            "may_end_relation": user.has_perm(CHANGE_RELATION),
            "relations": self.relations(),
            "events": self.events(),
            "runs": self.runs(),
            "may_ask_support": user.may_support and organization.kind == OrganizationKind.ORGANIZATION,
            "grants": asked_of(organization),
        }

    def relations(self) -> list[dict[str, Any]]:
        today = timezone.localdate()
        edges = OrganizationHierarchy.objects.select_related("parent", "child")
        rows = edges.filter(parent=self.organization) | edges.filter(child=self.organization)
        return [
            {
                "edge": edge,
                "other": edge.child if edge.parent_id == self.organization.pk else edge.parent,
                "is_parent": edge.child_id == self.organization.pk,
                "has_ended": edge.valid_to is not None and edge.valid_to < today,
            }
            for edge in rows.order_by("valid_to", "-valid_from")
        ]

    def events(self) -> list[AuditEvent]:
        """What the platform's record says of the organisation, newest first."""
        events = list(
            AuditEvent.objects.filter(
                object_type=Organization._meta.label_lower, object_id=str(self.organization.pk)
            )[:EVENTS_SHOWN]
        )
        for event in events:
            event.title = EVENT_NAMES.get(event.action, event.action)
            event.lines = [_line(name, old, new) for name, (old, new) in event.changes.items()]
        return events

    def runs(self) -> list[JobRun]:
        runs = list(JobRun.objects.filter(organization=self.organization)[:RUNS_SHOWN])
        for run in runs:
            run.title, run.icon = job_title(run), JOB_ICONS[JobState(run.state)]
        return runs
