"""Letting a person into an organisation, and what it notes about them. Part of the area's rules."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from domain.associations.memberships import join_association
from domain.associations.models import LocalAssociation
from domain.audit.rules import differences, record
from domain.core.errors import InvalidInput, NotAllowed
from domain.core.scope import EVERYWHERE
from domain.identity.choices import MembershipStatus
from domain.identity.elsewhere import person_by_email
from domain.identity.models import Membership, User, UserSession
from domain.identity.sessions import end_session
from tenants.db import connection
from tenants.models import Organization

from .choices import Role
from .memberships import locked_membership
from .queries import scope_for
from .rules import assign_role

# Of a membership what an organisation writes; the person's own name, address and password are theirs.
EDITED = ("display_title", "external_reference")


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
    user = person_by_email(email)
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
            _record_created(membership, by=by)
        assign_role(user, role, by=by)
    return user


@transaction.atomic
def register_person(
    *,
    first_name: str,
    last_name: str,
    by: User | None,
    role: str = "",
    local_association: LocalAssociation | None = None,
    display_title: str = "",
    external_reference: str = "",
) -> Membership:
    """Make a member without e-mail, who never signs in: others register what they do.

    With a local association they belong to it; with a role they have it there. Raises NotAllowed, or
    InvalidInput at the field that won't do.
    """
    if by is not None and not scope_for(by).can("identity.add_membership", EVERYWHERE):
        raise NotAllowed(_("You may not add people."))
    names = {"first_name": " ".join(first_name.split()), "last_name": " ".join(last_name.split())}
    for name, value in names.items():
        if not value:
            raise InvalidInput(_("Write the whole name."), code="required", field=name)
    user = User(email=None, **names)
    user.set_unusable_password()
    _clean(user, exclude=["password"])
    user.save()
    membership = Membership(
        user=user,
        organization=Organization.objects.get(schema_name=connection.schema_name),
        display_title=" ".join(display_title.split()),
        external_reference=external_reference.strip(),
        created_by=by,
        updated_by=by,
    )
    _clean(membership, exclude=["user", "organization"])
    membership.save()
    _record_created(membership, by=by)
    if local_association is not None:
        join_association(user=user, association=local_association, by=by)
    if role:
        assign_role(user, role, by=by, local_association=local_association)
    return membership


@transaction.atomic
def change_membership(
    membership: Membership, *, changes: Mapping[str, Any], by: User | None, version: int | None = None
) -> Membership:
    """Change title or member number. Raises NotAllowed, StaleVersion, or InvalidInput at the field."""
    if by is not None and not scope_for(by).can("identity.change_membership", EVERYWHERE):
        raise NotAllowed(_("You may not change memberships."))
    unknown = sorted(set(changes) - set(EDITED))
    if unknown:
        raise InvalidInput(_("This can't be set here."), code="not-editable", field=unknown[0])
    row = locked_membership(membership, version)
    before = {name: getattr(row, name) for name in changes}
    for name, value in changes.items():
        setattr(row, name, " ".join(str(value).split()))
    found = differences(before, {name: getattr(row, name) for name in changes})
    if not found:
        return row
    row.updated_by = by
    _clean(row, exclude=["user", "organization"])
    row.save()
    record("membership.changed", row.user, by=by, changes=found, subject_ids=[row.user_id])
    return row


def _record_created(membership: Membership, *, by: User | None) -> None:
    record(
        "membership.created",
        membership.user,
        by=by,
        changes={"status": (None, membership.status)},
        subject_ids=[membership.user_id],
    )


def _clean(row: Any, *, exclude: list[str]) -> None:
    """Raise InvalidInput where a value won't do; also for a member number that another has."""
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(messages[0], field=field) from error
    if not isinstance(row, Membership) or not row.external_reference:
        return
    others = Membership.objects.filter(
        organization=row.organization_id, external_reference=row.external_reference
    ).exclude(pk=row.pk)
    if others.exists():
        raise InvalidInput(
            _("Another member has this number."), code="number-taken", field="external_reference"
        )


@transaction.atomic
def end_member_sessions(
    membership: Membership, *, by: User | None, session_id: UUID | None = None, reason: str = ""
) -> int:
    """End a member's sessions in this organisation, or one of them; returns how many. Raises NotAllowed."""
    if by is not None and not scope_for(by).can("identity.change_usersession", EVERYWHERE):
        raise NotAllowed(_("You may not end other people's sessions."))
    row = locked_membership(membership)
    sessions = UserSession.objects.filter(
        user=row.user_id, organization=row.organization_id, revoked_at__isnull=True
    )
    if session_id is not None:
        sessions = sessions.filter(pk=session_id)
    ended = 0
    for session in sessions:
        if end_session(session, reason="ended-by-organization"):
            ended += 1
            record(
                "session.ended",
                session,
                by=by,
                reason=reason[:500],
                session_id=session.pk,
                subject_ids=[row.user_id],
            )
    return ended
