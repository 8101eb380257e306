"""Accepting an invitation without a password: by passkey, or signed in to another organisation.

Part of the area's rules; with a password or a new account: `domain.access.invitations`. Only the account with
the address that was invited can accept: whoever forwards a link gives nothing away.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from domain.core.errors import InvalidInput
from domain.identity import passkeys
from domain.identity.elsewhere import person_by_email
from domain.identity.models import User, UserSession
from domain.identity.passkey_questions import Asker
from tenants.choices import OrganizationStatus
from tenants.models import Organization

from .invitations import InvitationOver, find, let_in
from .models import Invitation


def passkey_asker(organization: Organization, token: str, *, address: str) -> Asker:
    """Whom the question is put to: whoever holds the link."""
    return Asker(organization, f"invitation {token}", address=address)


def passkey_options(token: str, *, organization: Organization, address: str) -> dict[str, Any]:
    """The question for the passkey of an invited person. Nobody is named: a link tells nothing of accounts.

    Raises TooManyAttempts and InvitationOver.
    """
    find(token, address=address)
    return passkeys.sign_in_options(asker=passkey_asker(organization, token, address=address))


def accept_with_passkey(
    token: str, *, credential: Mapping[str, Any], organization: Organization, address: str
) -> User:
    """Become a member with an account of one's own, which its passkey proves. Once.

    Raises TooManyAttempts, InvitationOver, or PasskeySignInRefused; an account with another address than the
    invited one is `passkey-owner`.
    """
    invitation = find(token, address=address)
    use = passkeys.recognise_invited(
        credential=credential,
        asker=passkey_asker(organization, token, address=address),
        email=invitation.email,
    )

    def person(invitation: Invitation) -> User:
        # It may have been sent anew, to the same address: what was proved holds.
        return use.person

    user = let_in(token, person)
    # From now on the passkey is seen here, and its use can be noted.
    passkeys.note_invited(use, organization)
    return user


def accept_signed_in(session: UserSession, token: str, *, organization: Organization, address: str) -> User:
    """Become a member of another organisation than the one that one is signed in to. Once.

    The first one learns nothing. Raises TooManyAttempts, InvitationOver, or InvalidInput where the invitation
    is to another address than that of the account.
    """
    if organization.status != OrganizationStatus.ACTIVE:
        raise InvitationOver
    with tenant_context(organization):
        invitation = find(token, address=address)
        own = person_by_email(invitation.email)
        if own is None or own.pk != session.user_id or not own.is_active:
            raise InvalidInput(
                _("This invitation is to another e-mail address than that of your account."),
                code="another-address",
                field="token",
            )
        return let_in(token, lambda _invitation: own)
