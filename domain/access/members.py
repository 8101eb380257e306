"""Letting a person into an organisation."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from domain.audit.rules import record
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User
from tenants.models import Organization

from .choices import Role
from .rules import assign_role


@transaction.atomic
def add_member(
    organization: Organization,
    *,
    email: str,
    role: Role,
    by: User | None,
    first_name: str = "",
    last_name: str = "",
    password: str | None = None,
) -> User:
    """Give a person membership and a role; the account is made where the address has none.

    An account that exists keeps its name and password, whatever is passed. Raises ValidationError for an
    address or password that won't do, and for a new account without password: nobody could sign in to it.
    """
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        if password is None:
            raise ValidationError(_("There is no account with this address: a new one needs a password."))
        validate_password(password, User(email=email, first_name=first_name, last_name=last_name))
        user = User.objects.create_user(email, password, first_name=first_name, last_name=last_name)
    with tenant_context(organization):
        membership, created = Membership.objects.get_or_create(user=user, organization=organization)
        if membership.status != MembershipStatus.ACTIVE:
            raise ValidationError(
                _("This person's membership is “%(status)s”: it is not changed from here."),
                params={"status": membership.get_status_display()},
            )
        if created:
            record("membership.created", user, by=by, changes={"status": (None, membership.status)})
        assign_role(user, role, by=by)
    return user
