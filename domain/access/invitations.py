"""Inviting people by e-mail. Part of the area's rules.

The link's secret (256 bits) exists in the mail alone: the job that sends it makes it and keeps its SHA-256.
Until someone accepts, nothing depends on whether the address has an account, so nobody learns it; whoever
holds the link has shown that the mailbox is theirs.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.associations.models import LocalAssociation
from domain.audit.rules import record
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.core.scope import EVERYWHERE
from domain.identity.choices import MembershipStatus
from domain.identity.elsewhere import person_by_email
from domain.identity.emails import canonical
from domain.identity.guessing import account_of, begin_attempt
from domain.identity.limits import Limit, count
from domain.identity.models import Membership, User
from tenants.db import connection
from tenants.jobs import enqueue
from tenants.models import Organization

from .backends import is_active_member
from .choices import FOR_A_PURPOSE, InvitationState, Role
from .giving import require_right_to_give, warn_administrators
from .memberships import resume_member
from .models import Invitation
from .queries import scope_for
from .rules import assign_role, check_version

# Guesses at links, and at passwords with one, from one address of the network.
LINK_ATTEMPTS = Limit("invitation-address", attempts=60, seconds=15 * 60)
# Of a text that could be a link's secret: what `secrets.token_urlsafe(32)` gives.
TOKEN_LENGTH = 43


class InvitationOver(InvalidState):
    """No such invitation, or it has expired, was withdrawn or used: never told apart."""

    code = "invitation-over"

    def __init__(self) -> None:
        super().__init__(
            _("This invitation can't be used any more. Ask the organisation for a new one."), code=self.code
        )


@dataclass(frozen=True)
class Acceptance:
    """What the invited person says: their password, and their name where they have no account yet."""

    password: str
    first_name: str = ""
    last_name: str = ""
    has_account: bool = False


@transaction.atomic
def invite(
    *,
    email: str,
    role: str,
    by: User | None,
    first_name: str = "",
    last_name: str = "",
    local_association: LocalAssociation | None = None,
    language: str = "",
    message: str = "",
) -> Invitation:
    """Invite an address to join with a role; the mail goes out when this is committed.

    Whether the address has an account makes no difference. Raises NotAllowed, or InvalidInput for values that
    won't do, for someone who is a member here already and where an invitation to that address is open.
    """
    _require_right(role, by=by, local_association=local_association)
    if role in FOR_A_PURPOSE:
        raise InvalidInput(
            _("This role is given to somebody who is here, for a purpose: invite them to another one."),
            code="role-not-invited",
            field="role",
        )
    try:
        email = canonical(email)
    except ValidationError as error:
        raise InvalidInput(error.message, code=error.code or "", field="email") from error
    if Membership.objects.here().filter(user__email=email, status__in=_WITHIN).exists():
        raise InvalidInput(_("This person is a member already."), code="member-already", field="email")
    _one_at_a_time(email)
    open_one = Invitation.objects.in_state(InvitationState.OPEN).filter(email=email)
    if open_one.exists():
        raise InvalidInput(
            _("An invitation to this address is open: send that one again, or withdraw it first."),
            code="invited-already",
            field="email",
        )
    invitation = Invitation(
        email=email,
        first_name=" ".join(first_name.split()),
        last_name=" ".join(last_name.split()),
        role=role,
        local_association=local_association,
        language=language,
        message=message.strip(),
        digest=_unusable(),
        expires_at=_expiry(),
        created_by=by,
        updated_by=by,
    )
    try:
        invitation.clean_fields(exclude=["accepted_by"])
        invitation.validate_constraints()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(messages[0], field="" if field == "__all__" else field) from error
    invitation.save()
    record(
        "invitation.created",
        invitation,
        by=by,
        changes={
            "role": (None, invitation.role),
            "local_association": (None, str(local_association) if local_association else None),
        },
    )
    _send(invitation)
    warn_administrators(role, by=by, invitation=str(invitation.pk))
    return invitation


@transaction.atomic
def resend(invitation: Invitation, *, by: User | None, version: int | None = None) -> Invitation:
    """Send a new link, good for as long as the first; the old one stops working at once.

    Raises NotAllowed, StaleVersion, or InvalidState where it was accepted or withdrawn.
    """
    row = _locked(invitation, version)
    _require_right(row.role, by=by, local_association=row.local_association)
    _check_undecided(row)
    row.digest, row.expires_at, row.sent_at = _unusable(), _expiry(), None
    # Whoever sends it answers for the role that it gives.
    row.created_by = row.updated_by = by
    row.save()
    record("invitation.resent", row, by=by)
    _send(row)
    return row


@transaction.atomic
def revoke(invitation: Invitation, *, by: User | None, version: int | None = None) -> Invitation:
    """Withdraw an invitation: its link stops working. Raises NotAllowed, StaleVersion, InvalidState."""
    row = _locked(invitation, version)
    _require_right(row.role, by=by, local_association=row.local_association)
    _check_undecided(row)
    row.revoked_at, row.updated_by = timezone.now(), by
    row.save()
    record("invitation.revoked", row, by=by)
    return row


def find(token: str, *, address: str) -> Invitation:
    """The open invitation of a link. Every call counts against the caller's network address.

    Raises TooManyAttempts and InvitationOver.
    """
    count(LINK_ATTEMPTS, address)
    return _open(token)


def accept(token: str, given: Acceptance, *, address: str) -> User:
    """Become a member: with a new account, or with one's own, which its password confirms. Once.

    Raises TooManyAttempts, InvitationOver, or InvalidInput at `password`, `first_name` or `last_name`. Only
    whoever holds the link learns whether the address has an account, and only by their own password.
    """
    invitation = find(token, address=address)
    # Counted with the sign-ins, outside the transaction: a count that is rolled back is none.
    account = account_of(invitation.email)
    attempt = begin_attempt(account, address=address) if given.has_account else None

    def person(invitation: Invitation) -> User:
        user = person_by_email(invitation.email)
        if given.has_account:
            known = user is not None and user.is_active and check_password(given.password, user.password)
            if user is None or not known:
                raise InvalidInput(
                    _("This is not the password of an account with this e-mail address."),
                    code="wrong-password",
                    field="password",
                )
            return user
        if user is not None:
            raise InvalidInput(
                _("You have an account with this e-mail address already: sign in with its password."),
                code="account-exists",
                field="password",
            )
        return _new_account(invitation, given)

    user = let_in(token, person)
    if attempt is not None:
        attempt.succeeded()
    return user


@transaction.atomic
def let_in(token: str, person: Callable[[Invitation], User]) -> User:
    """Make whoever `person` names, of the open invitation of a link, a member with its role. Once.

    The caller has proof that it is they. Raises InvitationOver, and what `person` raises.
    """
    invitation = _open(token, lock=True)
    # Two invitations to one address at once, here or in another organisation, make one account.
    _one_at_a_time(invitation.email)
    user = person(invitation)
    _join(user, invitation)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.digest, invitation.updated_by = _unusable(), user
    invitation.save()
    record("invitation.accepted", invitation, by=user, subject_ids=[user.pk])
    return user


def new_link_secret(invitation: Invitation) -> str:
    """Make the secret of an invitation's link and keep its digest; called by the job that sends it."""
    token = secrets.token_urlsafe(32)
    invitation.digest, invitation.sent_at = _digest(token), timezone.now()
    Invitation.objects.filter(pk=invitation.pk).update(digest=invitation.digest, sent_at=invitation.sent_at)
    return token


# --- What they have in common

_WITHIN = (MembershipStatus.ACTIVE, MembershipStatus.SUSPENDED)


def _require_right(role: str, *, by: User | None, local_association: LocalAssociation | None) -> None:
    path = local_association.path if local_association else EVERYWHERE
    if by is not None and not scope_for(by).can("access.add_invitation", path):
        raise NotAllowed(_("You may not invite people there."))
    require_right_to_give(role, by=by, local_association=local_association)


def _locked(invitation: Invitation, version: int | None) -> Invitation:
    invitation.check_schema()
    row = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("local_association")
        .get(pk=invitation.pk)
    )
    check_version(row, version)
    return row


def _check_undecided(row: Invitation) -> None:
    if row.state in (InvitationState.ACCEPTED, InvitationState.REVOKED):
        raise InvalidState(_("This invitation is “%(state)s” already.") % {"state": row.state.label})


def _open(token: str, *, lock: bool = False) -> Invitation:
    if len(token) != TOKEN_LENGTH or not token.isascii():
        raise InvitationOver
    rows = Invitation.objects.in_state(InvitationState.OPEN).select_related("local_association", "created_by")
    if lock:
        rows = rows.select_for_update(of=("self",))
    invitation = rows.filter(digest=_digest(token)).first()
    if invitation is None or not _still_stands(invitation):
        raise InvitationOver
    return invitation


def _still_stands(invitation: Invitation) -> bool:
    """Whether whoever invited may still give what they offered."""
    inviter = invitation.created_by
    place = invitation.local_association
    if place is not None and not place.is_active:
        return False
    if inviter is None:
        return True
    if not inviter.is_active or not is_active_member(inviter):
        return False
    try:
        _require_right(invitation.role, by=inviter, local_association=place)
    except NotAllowed:
        return False
    return True


def _new_account(invitation: Invitation, given: Acceptance) -> User:
    names = {name: " ".join(getattr(given, name).split()) for name in ("first_name", "last_name")}
    for name, value in names.items():
        if not value:
            raise InvalidInput(_("Write your name."), code="required", field=name)
    try:
        validate_password(given.password, User(email=invitation.email, **names))
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), code="weak-password", field="password") from error
    try:
        return User.objects.create_user(
            invitation.email, given.password, language=invitation.language, **names
        )
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(messages[0], field=field) from error


def _join(user: User, invitation: Invitation) -> None:
    membership, created = Membership.objects.get_or_create(
        user=user, organization=Organization.objects.get(schema_name=connection.schema_name)
    )
    if membership.status == MembershipStatus.SUSPENDED:
        raise InvitationOver
    if created:
        record(
            "membership.created",
            user,
            by=user,
            changes={"status": (None, membership.status)},
            subject_ids=[user.pk],
        )
    elif membership.status != MembershipStatus.ACTIVE:
        resume_member(membership, by=None)
    # The right to give it was asked of whoever invited.
    assign_role(user, Role(invitation.role), by=None, local_association=invitation.local_association)


def _send(invitation: Invitation) -> None:
    organization = Organization.objects.get(schema_name=connection.schema_name)
    enqueue(
        "invitations.send",
        organization,
        key=f"{invitation.pk}:{invitation.version}",
        invitation_id=str(invitation.pk),
    )


def _one_at_a_time(email: str) -> None:
    """Until the transaction ends nobody else invites this address or makes its account."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"account {email.casefold()}"]
        )


def _expiry():
    return timezone.now() + timedelta(days=settings.INVITATION_DAYS)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _unusable() -> bytes:
    """A digest of no secret that anyone has ever had."""
    return secrets.token_bytes(32)
