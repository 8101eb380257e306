"""Asking an organisation to be let in, and giving that back."""

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tenants.utils import tenant_context

from cms.admin.support.forms import RequestForm
from domain.core.errors import InvalidInput
from domain.identity.models import SupportAccessGrant
from domain.identity.support import request_grant, revoke_grant

from .access import VIEW
from .actions import ConfirmForm, OrganizationFormView


class RequestSupportView(OrganizationFormView):
    form_class = RequestForm
    permission = VIEW
    question = gettext_lazy("Ask %(name)s for support access")
    explanation = gettext_lazy(
        "Its administrators get a mail and decide. Once let in you sign in to its admin with your own "
        "account, see the areas you asked for, and everything you open is on its record."
    )
    button = gettext_lazy("Send the request")

    def apply(self, form):
        try:
            self.grant = request_grant(self.organization, by=self.request.user, **form.terms())
        except InvalidInput as refusal:
            field = "hours" if refusal.field == "ends_at" else refusal.field
            raise ValidationError({field: str(refusal.message)}) from refusal

    def success_message(self):
        if self.grant.approved_at is not None:
            return _("You are let in at once: %(name)s approved this beforehand.") % {
                "name": self.organization.name
            }
        return _("The administrators of %(name)s have been asked.") % {"name": self.organization.name}


class GiveBackView(OrganizationFormView):
    form_class = ConfirmForm
    permission = VIEW
    question = gettext_lazy("Give back your access to %(name)s?")
    explanation = gettext_lazy("You are signed out there at once. To get in again you must ask again.")
    button = gettext_lazy("Give back")

    @cached_property
    def grant(self) -> SupportAccessGrant:
        found = SupportAccessGrant.objects.filter(
            organization=self.organization, requested_by=self.request.user
        )
        return get_object_or_404(found, pk=self.kwargs["grant"])

    def apply(self, form):
        grant = self.grant.pk
        with tenant_context(self.organization):
            revoke_grant(SupportAccessGrant.objects.get(pk=grant), by=self.request.user)

    def success_message(self):
        return _("Your access to %(name)s has ended.") % {"name": self.organization.name}
