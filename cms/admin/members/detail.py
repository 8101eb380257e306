"""The page of a member: who, roles, places, sessions, what happened; and what they may do, and why."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets import AdminDateInput

from cms.admin.scoped import ScopedRowView
from cms.admin.scoped.views import ScopedInspectView
from domain.access.erasing import ERASE as ERASURE
from domain.access.erasure_jobs import ERASE
from domain.access.explaining import Explanation, Ground, explain
from domain.access.models import AssociationShare, Invitation, RoleAssignment
from domain.associations.models import LocalAssociationMembership
from domain.audit.models import AuditEvent
from domain.audit.queries import without_reads
from domain.audit.words import said as said_of
from domain.identity.models import Membership, User
from tenants.choices import JobState
from tenants.models import JobRun

from .forms import described, open_sessions
from .words import (
    icon_of_role,
    place_of,
    role_name,
    status_icon,
    status_tone,
    tone_of_role,
    when_name,
    when_of,
)

# So many events stand on the page; the rest is in the audit record.
SHOWN = 15


class MemberInspectView(ScopedInspectView):
    template_name = "members/member.html"

    def get_page_title(self):
        return _("Member")

    def get_context_data(self, **kwargs):
        row: Membership = self.object
        sees_sessions = self.scope.can("identity.view_usersession")
        sees_record = self.scope.can("audit.view_auditevent")
        return super().get_context_data(
            facts=self.facts(),
            status_icon=status_icon(row),
            status_tone=status_tone(row),
            roles=[self.role(each) for each in self.roles()],
            add_role_url=self.url("add_role") if self.scope.can("access.add_roleassignment") else "",
            shares=AssociationShare.objects.visible_to(self.scope)
            .holding()
            .filter(user=row.user_id)
            .select_related("content_object"),
            places=LocalAssociationMembership.objects.visible_to(self.scope)
            .filter(user=row.user_id)
            .select_related("association")
            .order_by("-is_primary", "-valid_from"),
            today=timezone.localdate(),
            sees_sessions=sees_sessions,
            sessions=[
                (described(each), f"{self.url('end_sessions')}?session={each.pk}")
                for each in (open_sessions(row.user) if sees_sessions else [])
            ],
            may_end_sessions=self.scope.can("identity.change_usersession"),
            invitations=Invitation.objects.visible_to(self.scope).of(row.user),
            erasure=self.erasure(),
            may_url=self.url("may"),
            events=[(each, said_of(each)) for each in (self.events() if sees_record else [])],
            sees_record=sees_record,
            record_url=reverse("audit:person_about", args=[row.user_id]) if sees_record else "",
            **kwargs,
        )

    def erasure(self) -> JobRun | None:
        """Where it was asked for: the person is here until it is done."""
        if not self.scope.can(ERASURE):
            return None
        key = str(self.object.user_id)
        runs = JobRun.objects.filter(organization=self.request.tenant, name=ERASE, key=key)
        return runs.exclude(state=JobState.DONE).order_by("-created_at").first()

    def url(self, name: str) -> str:
        return reverse(self.viewset.get_url_name(name), args=[self.object.pk])

    def facts(self) -> list[tuple[str, Any]]:
        row = self.object
        facts: list[tuple[str, Any]] = [
            (_("E-mail"), row.user.email or _("None: this person doesn't sign in.")),
            (_("Phone"), row.user.phone),
            (_("Title"), row.display_title),
            (_("Member number"), row.external_reference),
            (_("Language"), row.user.get_language_display()),
            (_("Joined"), timezone.localtime(row.joined_at).date()),
            (_("Left"), timezone.localtime(row.left_at).date() if row.left_at else ""),
        ]
        return [(label, value) for label, value in facts if value not in ("", None)]

    def roles(self) -> list[RoleAssignment]:
        """Those that hold first, then those to come, then those that are over."""
        rows = RoleAssignment.objects.visible_to(self.scope).filter(user=self.object.user_id)
        order = ["now", "coming", "over"]
        found = rows.select_related("local_association").order_by("-valid_from")
        return sorted(found, key=lambda row: order.index(when_of(row)))

    def role(self, row: RoleAssignment) -> dict[str, Any]:
        path = row.local_association.path if row.local_association else ""
        may = self.scope.can("access.change_roleassignment", path)
        return {
            "row": row,
            "name": role_name(row.role),
            "place": place_of(row),
            "when": when_name(row),
            "icon": icon_of_role(row),
            "tone": tone_of_role(row),
            "change_url": reverse("roles:edit", args=[row.pk]) if may else "",
            "end_url": reverse("roles:end", args=[row.pk]) if may and when_of(row) != "over" else "",
        }

    def events(self):
        person = self.object.user_id
        about = Q(object_type="identity.user", object_id=str(person)) | Q(subject_ids__contains=[person])
        return without_reads(AuditEvent.objects.filter(about)).order_by("-at")[:SHOWN]


class DayForm(forms.Form):
    day = forms.DateField(label=gettext_lazy("On the day"), widget=AdminDateInput, required=False)


class Explains:
    """What a person may do and see on the day that is asked for, and why."""

    request: Any

    def explained(self, user: User) -> dict[str, Any]:
        form = DayForm(self.request.GET if "day" in self.request.GET else None)
        day = (form.cleaned_data["day"] if form.is_valid() else None) or timezone.localdate()
        if form.is_bound and not form.data.get("day"):
            form = DayForm()
        said = explain(user, day)
        return {
            "day_form": form if form.is_bound else DayForm(initial={"day": day}),
            "media": form.media,
            "day": day,
            "is_today": day == timezone.localdate(),
            "person": user,
            "said": said,
            "grounds": [ground_in_words(ground) for ground in said.grounds],
            "areas": [
                (
                    area,
                    [
                        {"words": may.ability.words, "where": [ground_in_words(g) for g in may.grounds]}
                        for may in mays
                    ],
                )
                for area, mays in said.areas
            ],
            "sees": counts_in_words(said),
        }


def counts_in_words(said: Explanation) -> list[tuple[str, int]]:
    return [
        (_("Members, with name and e-mail"), said.sees["members"]),
        (_("Local associations whose members they see"), said.sees["local_associations"]),
        (_("Memberships of local associations"), said.sees["local_memberships"]),
    ]


def ground_in_words(ground: Ground) -> dict[str, Any]:
    """Where, because of what, from when to when."""
    if ground.role:
        reason = role_name(ground.role)
        if ground.is_deputy:
            reason = _("%(role)s (deputy)") % {"role": reason}
    elif ground.reason:
        reason = _("shared: %(reason)s") % {"reason": ground.reason}
    else:
        reason = _("given to this person alone")
    return {
        "reason": reason,
        "place": (
            _("%(name)s and those below it") % {"name": ground.place}
            if ground.place
            else _("The whole organisation")
        ),
        "period": period(ground.valid_from, ground.valid_to),
    }


def period(begin: date | None, end: date | None) -> str:
    if begin is None:
        return ""
    values = {"begin": begin.strftime("%d.%m.%Y"), "end": end.strftime("%d.%m.%Y") if end else ""}
    if end is None:
        return _("since %(begin)s") % values
    return _("from %(begin)s to %(end)s") % values


class MayView(Explains, ScopedRowView):
    """What may this person do and see, and why?"""

    template_name = "members/may.html"
    page_title = gettext_lazy("What may this person do?")
    header_icon = "key"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**self.explained(self.object.user), **kwargs)


@method_decorator([never_cache, require_admin_access], name="dispatch")
class OwnMayView(Explains, WagtailAdminTemplateMixin, TemplateView):
    """The same for oneself, whatever one's role."""

    template_name = "members/may.html"
    page_title = gettext_lazy("What I may do")
    header_icon = "key"

    def get_breadcrumbs_items(self):
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("wagtailadmin_account"), "label": _("Account")},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs):
        user = self.request.user
        if not isinstance(user, User):
            raise PermissionDenied
        return super().get_context_data(**self.explained(user), is_own=True, **kwargs)
