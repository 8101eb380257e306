"""What an organisation may learn of people beyond its own: one question each, answered by the database.

An organisation's role sees its own people alone (migrations/0006). Each function here calls one in the
database that runs with the owner's rights; what it can be asked is all there is.
"""

from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects

from .emails import canonical
from .models import Membership, PasskeyCredential, User, UserSession


def person_by_email(email: str) -> User | None:
    """The person with this address, wherever they belong; None also for what is no address.

    To let someone in who has an account already: nothing of it may be shown before they have proved who they
    are, or an administrator of the platform vouches for them.
    """
    try:
        address = canonical(email)
    except ValidationError:
        return None
    found = list(User.objects.raw("SELECT * FROM public.meander_person_by_email(%s)", [address]))
    return found[0] if found else None


def passkey_of_address(credential_id: bytes, email: str) -> PasskeyCredential | None:
    """The passkey with this id, if it is that of the person with exactly this address.

    For whoever accepts an invitation by passkey: it is looked at before they belong here.
    """
    found = PasskeyCredential.objects.raw(
        "SELECT * FROM public.meander_passkey_of_address(%s, %s)", [credential_id, email.strip()]
    )
    return next(iter(found), None)


def memberships_of(session: UserSession) -> list[Membership]:
    """The memberships, active and suspended, of whoever a live session of this organisation belongs to.

    With their organisations and hosts, by name, for the picker of organisations; to open a session in one of
    them, enter it (`tenant_context`) first. Nothing for a session that is over, or of another organisation.
    """
    found = list(Membership.objects.raw("SELECT * FROM public.meander_memberships(%s)", [session.pk]))
    prefetch_related_objects(found, "organization__domains")
    return sorted(found, key=lambda membership: membership.organization.name)


def sessions_of(person: User) -> list[UserSession]:
    """A person's open sessions here, and everywhere if they are an active member here; latest used first.

    With their organisations. To end one of another organisation, enter that (`tenant_context`) first.
    """
    found = list(UserSession.objects.raw("SELECT * FROM public.meander_sessions(%s)", [person.pk]))
    prefetch_related_objects(found, "organization")
    return sorted(found, key=lambda session: (session.last_seen_at, session.created_at), reverse=True)
