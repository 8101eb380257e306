"""Settings → Support access: what was asked for, who is let in, and whether to let anybody in at all."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from cms.admin.settings import SettingsFormView
from domain.config.queries import current_settings
from domain.config.rules import CHANGE_SETTINGS, change_settings
from domain.core.errors import DomainError
from domain.identity.choices import GrantStatus, SupportArea
from domain.identity.models import SupportAccessGrant
from domain.identity.models.support import VIEW_GRANTS
from domain.identity.support import CHANGE, approve_grant, decline_grant, revoke_grant

from .forms import AnswerForm, FilterForm, PolicyForm

PER_PAGE = 25
# Never colour alone: each has a word and an icon.
ICONS = {
    GrantStatus.PENDING: "time",
    GrantStatus.UPCOMING: "calendar-alt",
    GrantStatus.ACTIVE: "key",
    GrantStatus.ENDED: "check",
    GrantStatus.DECLINED: "cross",
    GrantStatus.REVOKED: "cross",
    GrantStatus.LAPSED: "time",
}
# Name of the action → rule, label, question, and the states it is possible in.
ACTIONS: dict[str, tuple[Any, Any, Any, set[str]]] = {
    "approve": (
        approve_grant,
        pgettext_lazy("support access", "Approve"),
        _("Let support in?"),
        {GrantStatus.PENDING},
    ),
    "decline": (
        decline_grant,
        pgettext_lazy("support access", "Decline"),
        _("Decline the request?"),
        {GrantStatus.PENDING},
    ),
    "revoke": (
        revoke_grant,
        pgettext_lazy("support access", "End access"),
        _("End this access now?"),
        {GrantStatus.ACTIVE, GrantStatus.UPCOMING},
    ),
}


def decorate(grants: list[SupportAccessGrant]) -> list[SupportAccessGrant]:
    """With what the pages show of each."""
    for grant in grants:
        status = GrantStatus(grant.status)  # type: ignore[attr-defined]
        grant.status_label, grant.icon = status.label, ICONS[status]  # type: ignore[attr-defined]
        grant.area_labels = [SupportArea(area).label for area in grant.areas]  # type: ignore[attr-defined]
    return grants


def grants():
    return SupportAccessGrant.objects.here().with_status().select_related("requested_by", "approved_by")


class SupportPage(WagtailAdminTemplateMixin):
    permission = VIEW_GRANTS
    header_icon = "key"

    def dispatch(self, request, *args, **kwargs):
        # The platform has nobody to let in: its staff are members there.
        if request.tenant.is_platform:
            raise Http404
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def get_breadcrumbs_items(self):
        here = {"url": "", "label": self.get_page_title()}
        above = {"url": reverse("support_access:index"), "label": _("Support access")}
        first = isinstance(self, GrantsView)
        return [*super().get_breadcrumbs_items(), *([] if first else [above]), here]

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**context, "may_decide": self.request.user.has_perm(CHANGE)}  # type: ignore[attr-defined]


class GrantsView(SupportPage, TemplateView):
    template_name = "support/index.html"
    page_title = _("Support access")

    def get_context_data(self, **kwargs):
        form = FilterForm(self.request.GET)
        status = form.cleaned_data["status"] if form.is_valid() else ""
        found = grants().filter(status=status) if status else grants()
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(
            filter_form=form,
            status=status,
            page=page,
            grants=decorate(list(page.object_list)),
            policy=current_settings(),
            may_set=self.request.user.has_perm(CHANGE_SETTINGS),
            **kwargs,
        )


class OfGrant(SupportPage):
    @cached_property
    def grant(self) -> SupportAccessGrant:
        return decorate([get_object_or_404(grants(), pk=self.kwargs["pk"])])[0]  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs):
        return super().get_context_data(grant=self.grant, **kwargs)


class GrantView(OfGrant, TemplateView):
    template_name = "support/grant.html"

    def get_page_title(self):
        return str(self.grant.requested_by)

    def get_context_data(self, **kwargs):
        buttons = [
            {
                "label": label,
                "url": reverse("support_access:action", args=[self.grant.pk, name]),
                "serious": name != "approve",
            }
            for name, (_rule, label, _question, states) in ACTIONS.items()
            if self.grant.status in states and self.request.user.has_perm(CHANGE)
        ]
        return super().get_context_data(buttons=buttons, **kwargs)


class GrantActionView(OfGrant, FormView):
    """Asks once more, with room for a reason, then does it."""

    template_name = "support/action.html"
    permission = CHANGE
    form_class = AnswerForm

    @cached_property
    def action(self):
        try:
            return ACTIONS[self.kwargs["action"]]
        except KeyError:
            raise Http404 from None

    def get_page_title(self):
        return self.action[2]

    def form_valid(self, form):
        rule, reason = self.action[0], form.cleaned_data["reason"]
        given = {} if rule is approve_grant else {"reason": reason}
        try:
            rule(self.grant, by=self.request.user, **given)
        except DomainError as refusal:
            messages.error(self.request, str(refusal.message))
        else:
            messages.success(self.request, _("Done. Whoever asked is told by mail."))
        return redirect("support_access:grant", self.grant.pk)

    def get_context_data(self, **kwargs):
        name = self.kwargs["action"]
        return super().get_context_data(
            label=self.action[1], asks_reason=name != "approve", serious=name != "approve", **kwargs
        )


class PolicyView(SettingsFormView):
    form_class = PolicyForm
    permission_required = CHANGE_SETTINGS
    url_name = "support_access:index"
    page_title = _("Whether support is let in")
    intro = _(
        "Support never gets in by itself: somebody here approves each request, or you approve reading for a "
        "period beforehand. It lasts 72 hours at most, and everything support opens is on your record."
    )

    def dispatch(self, request, *args, **kwargs):
        if request.tenant.is_platform:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        row = current_settings()
        return {name: getattr(row, name) for name in PolicyForm.base_fields}

    def apply(self, form):
        values = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        change_settings(changes=values, by=self.request.user, version=form.cleaned_data["version"])


class SupportMenuItem(MenuItem):
    def is_shown(self, request):
        return not request.tenant.is_platform and request.user.has_perm(VIEW_GRANTS)


class SupportAccessPage(ViewSet):
    name = "support_access"
    url_prefix = "support-access"
    icon = "key"
    menu_label = _("Support access")
    menu_name = "support-access"
    menu_order = 500
    add_to_settings_menu = True
    menu_item_class = SupportMenuItem

    def get_urlpatterns(self):
        return [
            path("", GrantsView.as_view(), name="index"),
            path("policy/", PolicyView.as_view(), name="policy"),
            path("<uuid:pk>/", GrantView.as_view(), name="grant"),
            path("<uuid:pk>/<slug:action>/", GrantActionView.as_view(), name="action"),
        ]
