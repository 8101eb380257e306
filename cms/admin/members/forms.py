"""Forms and filters of members, roles, invitations and shares."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from cms.admin.associations.choosers import AssociationWidget
from cms.admin.associations.words import name_lazy
from cms.admin.emails import EmailAddressField
from cms.admin.scoped import ScopedFilterSet, ScopedForm, ScopedModelForm
from domain.access.choices import SCOPED, InvitationState
from domain.access.models import AssociationShare, Invitation, RoleAssignment
from domain.associations.models import LocalAssociation, LocalAssociationMembership
from domain.core.scope import EVERYWHERE, Scope
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User, UserSession
from tenants.db import connection
from tenants.models import LANGUAGE_CODES

from .words import role_choices

WHOLE = gettext_lazy(
    "Empty: the whole organisation. One that is chosen includes those below it; only some roles can hold "
    "for a part."
)


def places_for(form: Any, name: str, scope: Scope, permission: str) -> None:
    """Offer the open associations where the permission holds; must be filled where it holds only there."""
    field = form.fields[name]
    field.queryset = field.queryset.filter(scope.within(permission, "path"), is_active=True)
    field.widget.choices_of_form = field.queryset
    if EVERYWHERE not in scope.reach(permission):
        field.required = True


def place_field(**options: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=name_lazy(),
        queryset=LocalAssociation.objects.filter(is_active=True),
        widget=AssociationWidget,
        required=False,
        help_text=WHOLE,
        **options,
    )


class MemberFilterSet(ScopedFilterSet):
    status = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Status"), choices=MembershipStatus.choices, widget=forms.CheckboxSelectMultiple
    )
    role = django_filters.ChoiceFilter(label=gettext_lazy("Role today"), method="filter_role", choices=[])
    association = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Belongs at or below"),
        queryset=LocalAssociation.objects.all(),
        widget=AssociationWidget,
        method="filter_association",
    )
    signed_in = django_filters.ChoiceFilter(
        label=gettext_lazy("Signed in"),
        method="filter_signed_in",
        choices=[("never", gettext_lazy("Never here")), ("yes", gettext_lazy("At least once"))],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Membership
        fields = ["status", "role", "association", "signed_in"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["role"].extra["choices"] = role_choices()

    def filter_role(self, queryset, name, value):
        held = RoleAssignment.objects.holding().filter(role=value, user=OuterRef("user"))
        return queryset.filter(Exists(held))

    def filter_association(self, queryset, name, value):
        belongs = LocalAssociationMembership.objects.current().filter(
            association__path__startswith=value.path, user=OuterRef("user")
        )
        return queryset.filter(Exists(belongs))

    def filter_signed_in(self, queryset, name, value):
        sessions = UserSession.objects.filter(user=OuterRef("user"), organization=OuterRef("organization"))
        return queryset.filter(Exists(sessions) if value == "yes" else ~Exists(sessions))


class MembershipForm(ScopedModelForm):
    """What the organisation writes; name, e-mail and password are the person's own."""

    class Meta:
        model = Membership
        fields = ["display_title", "external_reference"]


class RegisterForm(MembershipForm):
    """A member without e-mail, who never signs in."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=100)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=100)
    role = forms.ChoiceField(label=gettext_lazy("Role"), required=False)
    local_association = place_field()
    field_order = ["first_name", "last_name", "role", "local_association"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices(empty=_("None"), begin=True)  # type: ignore[attr-defined]
        places_for(self, "local_association", self.scope, "identity.add_membership")
        self.fields["local_association"].help_text = _(
            "Where they belong, and have the role if one is chosen."
        )


class NewRoleForm(ScopedForm):
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    local_association = place_field()
    valid_from = forms.DateField(
        label=gettext_lazy("From"), widget=AdminDateInput, initial=timezone.localdate
    )
    valid_to = forms.DateField(
        label=gettext_lazy("To"),
        widget=AdminDateInput,
        required=False,
        help_text=gettext_lazy("The last day. Empty: until further notice."),
    )
    is_deputy = forms.BooleanField(label=gettext_lazy("As a deputy"), required=False)
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Needed for a role that shows names and health of others."),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices()  # type: ignore[attr-defined]
        places_for(self, "local_association", self.scope, "access.add_roleassignment")

    def clean(self):
        data = super().clean()
        if data.get("local_association") and data.get("role") not in SCOPED:
            self.add_error(
                "local_association",
                _("This role holds for the whole organisation: leave the local association empty."),
            )
        return data


class RoleForm(ScopedModelForm):
    class Meta:
        model = RoleAssignment
        fields = ["valid_from", "valid_to", "is_deputy"]
        widgets = {"valid_from": AdminDateInput, "valid_to": AdminDateInput}


class RoleFilterSet(ScopedFilterSet):
    role = django_filters.ChoiceFilter(label=gettext_lazy("Role"), choices=[])
    when = django_filters.ChoiceFilter(
        label=gettext_lazy("When"),
        method="filter_when",
        choices=[
            ("now", gettext_lazy("Holds now")),
            ("coming", gettext_lazy("Not yet")),
            ("over", gettext_lazy("Over")),
        ],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )

    class Meta:
        model = RoleAssignment
        fields = ["when", "role"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["role"].extra["choices"] = role_choices()

    def filter_when(self, queryset, name, value):
        today = timezone.localdate()
        if value == "now":
            return queryset.holding()
        return (
            queryset.filter(valid_from__gt=today)
            if value == "coming"
            else queryset.filter(valid_to__lt=today)
        )


class InvitationForm(ScopedModelForm):
    class Meta:
        model = Invitation
        fields = [
            "email",
            "first_name",
            "last_name",
            "role",
            "local_association",
            "language",
            "message",
        ]
        field_classes = {"email": EmailAddressField}
        widgets = {"local_association": AssociationWidget, "message": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices(begin=True)  # type: ignore[attr-defined]
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            ("", _("The organisation's")),
            *LANGUAGE_CODES,
        ]
        self.fields["local_association"].label = name_lazy()
        self.fields["message"].help_text = _("Stands in the mail, above the link.")
        places_for(self, "local_association", self.scope, "access.add_invitation")


class InvitationFilterSet(ScopedFilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        method="filter_state",
        choices=InvitationState.choices,
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Invitation
        fields = ["state"]

    def filter_state(self, queryset, name, value):
        return queryset.in_state(value)


class ShareForm(ScopedModelForm):
    class Meta:
        model = AssociationShare
        fields = ["user", "content_object", "valid_to", "reason"]
        widgets = {"content_object": AssociationWidget, "valid_to": AdminDateInput}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["user"].label = _("Share with")
        self.fields["valid_to"].label = _("Until")
        self.fields["reason"].help_text = _("Kept on the record.")
        places_for(self, "content_object", self.scope, "access.change_roleassignment")

    def _get_validation_exclusions(self):
        # Sharing again with the same person moves the day: no conflict.
        return super()._get_validation_exclusions() | {"user"}


class ReasonForm(ScopedForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Kept on the record."),
    )


class NeededReasonForm(ScopedForm):
    """For what nobody should do without being able to say why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, help_text=gettext_lazy("Kept on the record.")
    )


class EraseForm(ScopedForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Kept on the record: don't name the person."),
    )
    sure = forms.BooleanField(label=gettext_lazy("I know that this can't be undone"))


def open_sessions(user: User) -> list[UserSession]:
    """Where a member is signed in to this organisation, the latest used first."""
    return list(
        UserSession.objects.filter(
            user=user,
            organization__schema_name=connection.schema_name,
            revoked_at__isnull=True,
            expires_at__gt=timezone.now(),
        ).order_by("-last_seen_at")
    )


class SessionsForm(ScopedForm):
    """Which of a member's sessions to end."""

    session = forms.ChoiceField(label=gettext_lazy("Which"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        choices = [(str(session.pk), described(session)) for session in open_sessions(user)]
        self.fields["session"].choices = [  # type: ignore[attr-defined]
            ("all", _("All (%(count)d)") % {"count": len(choices)}),
            *choices,
        ]


def described(session: UserSession) -> str:
    """ "Karims iPhone · Mobile app · last used 03.11.2026 09:12"."""
    used = timezone.localtime(session.last_seen_at).strftime("%d.%m.%Y %H:%M")
    name = session.device_name or session.platform or _("Unknown device")
    return f"{name} · {session.get_origin_display()} · " + _("last used %(when)s") % {"when": used}
