"""How an organisation relates to others: parents and children, by date."""

from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from tenants.choices import HierarchyKind, OrganizationKind
from tenants.hierarchy import link_organizations, unlink_organizations
from tenants.models import Organization, OrganizationHierarchy

from .access import ADD_RELATION, CHANGE_RELATION
from .actions import OrganizationFormView


class RelationForm(forms.Form):
    direction = forms.ChoiceField(
        label=gettext_lazy("The other organisation is"),
        choices=[("parent", gettext_lazy("above it (parent)")), ("child", gettext_lazy("below it (child)"))],
        widget=forms.RadioSelect,
        initial="parent",
    )
    other = forms.ModelChoiceField(label=gettext_lazy("Other organisation"), queryset=None)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of relation"), choices=HierarchyKind)
    valid_from = forms.DateField(
        label=gettext_lazy("Valid from"), widget=AdminDateInput, initial=timezone.localdate
    )

    def __init__(self, *args, organization: Organization, **kwargs):
        super().__init__(*args, **kwargs)
        others: Any = self.fields["other"]
        others.queryset = Organization.objects.filter(kind=OrganizationKind.ORGANIZATION).exclude(
            pk=organization.pk
        )


class AddRelationView(OrganizationFormView):
    form_class = RelationForm
    permission = ADD_RELATION
    question = gettext_lazy("Relate %(name)s to another organisation")
    explanation = gettext_lazy("A parent sees figures of its children, never their rows.")
    button = gettext_lazy("Add relation")

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "organization": self.organization}

    def apply(self, form):
        data = form.cleaned_data
        above, below = data["other"], self.organization
        if data["direction"] == "child":
            above, below = below, above
        link_organizations(
            parent=above,
            child=below,
            kind=data["kind"],
            valid_from=data["valid_from"],
            by=self.request.user,
        )

    def success_message(self):
        return _("The relation was added.")


class EndForm(forms.Form):
    last_day = forms.DateField(
        label=gettext_lazy("Last day"), widget=AdminDateInput, initial=timezone.localdate
    )


class EndRelationView(OrganizationFormView):
    form_class = EndForm
    permission = CHANGE_RELATION
    button = gettext_lazy("End relation")

    @cached_property
    def edge(self) -> OrganizationHierarchy:
        edges = OrganizationHierarchy.objects.select_related("parent", "child")
        mine = edges.filter(parent=self.organization) | edges.filter(child=self.organization)
        return get_object_or_404(mine, pk=self.kwargs["edge"])

    def get_page_title(self):
        return _("End the relation %(relation)s?") % {"relation": self.edge}

    def apply(self, form):
        unlink_organizations(self.edge, last_day=form.cleaned_data["last_day"], by=self.request.user)

    def success_message(self):
        return _("The relation ends on the day you named.")
