"""Fresh proof of who one is, for what a forgotten open session must not do.

require_recent(session)           in a rule or view: raises StepUpRequired
mark_verified(session)            after a passkey ceremony or a password was right
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.audit.rules import record
from domain.core.errors import InvalidInput

from .errors import StepUpRequired
from .guessing import CONFIRMATION_ATTEMPTS
from .limits import count, forgive
from .models import UserSession


def is_recent(session: UserSession | None) -> bool:
    """Whether the person proved who they are within the last STEP_UP_SECONDS, in this session."""
    if session is None or session.verified_at is None:
        return False
    return timezone.now() - session.verified_at < timedelta(seconds=settings.STEP_UP_SECONDS)


def require_recent(session: UserSession | None) -> None:
    """Raises StepUpRequired unless `is_recent`."""
    if not is_recent(session):
        raise StepUpRequired


@transaction.atomic
def mark_verified(session: UserSession, *, method: str = "passkey") -> None:
    """Note that the person has just proved who they are in this session, and by what."""
    session.verified_at = timezone.now()
    UserSession.objects.filter(pk=session.pk).update(verified_at=session.verified_at)
    record(
        "session.confirmed",
        session,
        by=session.user,
        changes={"method": (None, method)},
        session_id=session.pk,
        subject_ids=[session.user_id],
    )


def confirm_with_password(session: UserSession, *, password: str) -> None:
    """Mark the session verified if the password is right. Guesses are counted per session.

    Raises TooManyAttempts, or InvalidInput for a wrong password (or a person who has none).
    """
    count(CONFIRMATION_ATTEMPTS, session.pk)
    if not check_password(password, session.user.password):
        raise InvalidInput(_("That is not your password."), code="wrong-password", field="password")
    forgive(CONFIRMATION_ATTEMPTS, session.pk)
    mark_verified(session, method="password")
