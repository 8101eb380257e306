"""Where one is signed in, and one's recovery codes: the account pages of the admin."""

from django.contrib.auth import logout
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from domain.identity.ending import end_other_sessions, end_own_session, own_sessions
from domain.identity.recovery import codes_left, make_recovery_codes
from domain.identity.verification import is_recent

from .confirmation import redirect_to_confirmation

_signed_in = method_decorator([never_cache, require_admin_access], name="dispatch")


class AccountPage(WagtailAdminTemplateMixin, TemplateView):
    """A page below the account page."""

    def get_breadcrumbs_items(self):
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("wagtailadmin_account"), "label": _("Account")},
            {"url": "", "label": self.page_title},
        ]


@_signed_in
class SessionsView(AccountPage):
    """One's own open sessions in all organisations, in apps and browsers."""

    template_name = "sign_in/sessions.html"
    page_title = gettext_lazy("Where you are signed in")
    header_icon = "mobile-alt"

    def get_context_data(self, **kwargs):
        current = self.request.auth.pk
        # This one first: whoever looks for a stranger begins below it.
        sessions = sorted(own_sessions(self.request.user), key=lambda session: session.pk != current)
        return super().get_context_data(sessions=sessions, current=current, **kwargs)


@_signed_in
class EndSessionView(View):
    def post(self, request, id):
        if id == request.auth.pk:
            logout(request)
            return redirect("wagtailadmin_login")
        if end_own_session(request.user, id):
            messages.success(request, _("The session has ended."))
        else:
            messages.warning(request, _("This session had ended already."))
        return redirect("account_sessions")


@_signed_in
class EndOthersView(View):
    def post(self, request):
        ended = end_other_sessions(request.user, keep=request.auth, reason="ended-by-owner", by=request.user)
        messages.success(
            request,
            ngettext("%(count)d other session has ended.", "%(count)d other sessions have ended.", ended)
            % {"count": ended},
        )
        return redirect("account_sessions")


@_signed_in
class RecoveryCodesView(AccountPage):
    """How many codes there are; making new ones shows them this once."""

    template_name = "sign_in/recovery_codes.html"
    page_title = gettext_lazy("Recovery codes")
    header_icon = "key"

    def get_context_data(self, **kwargs):
        left, made_at = codes_left(self.request.user)
        return super().get_context_data(left=left, made_at=made_at, **kwargs)

    def post(self, request):
        if not is_recent(request.auth):
            return redirect_to_confirmation(request)
        codes = make_recovery_codes(request.auth)
        return self.render_to_response(self.get_context_data(codes=codes))
