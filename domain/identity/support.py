"""Support access: platform staff inside an organisation, only as far and as long as it lets them.

Asking happens on the platform, deciding in the organisation; both are on the organisation's record. What a
grant opens while it holds is `domain.access.roles`; that it still holds is asked with every request
(`domain.identity.sessions.live_sessions`).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from domain.audit.rules import record
from domain.config.choices import SupportAccessPolicy
from domain.config.models import OrganizationSettings
from domain.config.rules import check_version
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from tenants.choices import OrganizationKind, OrganizationStatus
from tenants.db import connection
from tenants.jobs import enqueue
from tenants.models import Organization

from .choices import SupportAccess, SupportArea
from .models import Membership, SupportAccessGrant, User, UserSession
from .models.support import LONGEST

CHANGE = "identity.change_supportaccessgrant"
MAIL = "support_access.mail"
SOONEST = timedelta(minutes=5)


class SupportAccessRequired(NotAllowed):
    """One of the platform's staff, whom the organisation doesn't let in, or not this far."""

    code = "support-access-required"

    def __init__(self):
        super().__init__(_("The organisation must let you in first: ask for support access."), code=self.code)


@transaction.atomic
def request_grant(
    organization: Organization,
    *,
    areas: Iterable[str],
    reason: str,
    ends_at: datetime,
    by: User,
    starts_at: datetime | None = None,
    access: str = SupportAccess.READ,
) -> SupportAccessGrant:
    """Ask an organisation to let one of the platform's staff in; its administrators are told by mail.

    Without `starts_at` from now. What only reads and lies within a period the organisation approved
    beforehand holds at once. Raises NotAllowed for anyone but support staff, InvalidInput naming the field,
    InvalidState where the organisation wants no support or has a request of this person open.
    """
    if not by.may_support:
        raise NotAllowed(_("Only the platform's support may ask for access."), code="not-support")
    if organization.kind != OrganizationKind.ORGANIZATION or organization.status != OrganizationStatus.ACTIVE:
        raise InvalidState(_("This organisation is not in use."), code="organization-not-active")
    now = timezone.now()
    start = max(starts_at, now) if starts_at else now
    chosen, why = _check(areas, access, reason, start, ends_at)
    with tenant_context(organization):
        # One at a time per organisation: of two requests at once the second sees the first.
        settings = OrganizationSettings.objects.select_for_update().get(singleton=True)
        if settings.support_access_policy == SupportAccessPolicy.NEVER:
            raise InvalidState(_("This organisation lets no support in."), code="support-access-never")
        if Membership.objects.here().filter(user=by, status="active").exists():
            raise InvalidState(_("You are a member there: sign in as one."), code="member-already")
        if SupportAccessGrant.objects.open().filter(requested_by=by).exists():
            raise InvalidState(_("You have a request or access there already."), code="already-open")
        beforehand = access == SupportAccess.READ and _within_window(settings, start, ends_at)
        grant = SupportAccessGrant.objects.create(
            organization=organization,
            requested_by=by,
            reason=why,
            areas=chosen,
            access=access,
            starts_at=start,
            ends_at=ends_at,
            approved_at=now if beforehand else None,
            decided_reason=_("Approved beforehand for this period.") if beforehand else "",
            created_by=by,
            updated_by=by,
        )
        terms = {
            "areas": (None, ", ".join(chosen)),
            "access": (None, str(access)),
            "starts_at": (None, start),
            "ends_at": (None, ends_at),
        }
        record("support-access.requested", grant, by=by, reason=why, changes=terms)
        if beforehand:
            record("support-access.approved-beforehand", grant, by=None)
        _mail(grant, "approved-beforehand" if beforehand else "requested")
    return grant


@transaction.atomic
def approve_grant(grant: SupportAccessGrant, *, by: User, version: int | None = None) -> SupportAccessGrant:
    """Let the person in for as long and far as they asked. Raises NotAllowed, InvalidState, StaleVersion."""
    row = _locked(grant, version, by=by)
    _check_pending(row)
    row.approved_at, row.approved_by, row.updated_by = timezone.now(), by, by
    row.save()
    record("support-access.approved", row, by=by, reason=row.reason)
    _mail(row, "approved")
    return row


@transaction.atomic
def decline_grant(
    grant: SupportAccessGrant, *, by: User, reason: str = "", version: int | None = None
) -> SupportAccessGrant:
    """Say no. Raises NotAllowed, InvalidState, StaleVersion."""
    row = _locked(grant, version, by=by)
    _check_pending(row)
    row.declined_at, row.decided_reason, row.updated_by = timezone.now(), reason.strip()[:500], by
    row.save()
    record("support-access.declined", row, by=by, reason=row.decided_reason)
    _mail(row, "declined")
    return row


@transaction.atomic
def revoke_grant(
    grant: SupportAccessGrant, *, by: User, reason: str = "", version: int | None = None
) -> SupportAccessGrant:
    """End access that was approved, at once; whoever was let in may give it back themselves.

    Their sessions there end with this transaction. Raises NotAllowed, InvalidState, StaleVersion.
    """
    row = _locked(grant, version, by=by, or_holder=True)
    if row.approved_at is None or row.revoked_at is not None or row.ends_at <= timezone.now():
        raise InvalidState(_("There is no access to end."), code="not-approved")
    row.revoked_at, row.decided_reason, row.updated_by = timezone.now(), reason.strip()[:500], by
    row.save()
    UserSession.objects.filter(
        user_id=row.requested_by_id, organization_id=row.organization_id, revoked_at=None
    ).update(revoked_at=row.revoked_at, revoked_reason="support-access-revoked")
    record("support-access.revoked", row, by=by, reason=row.decided_reason)
    _mail(row, "revoked")
    return row


def is_refused_support(session_id: UUID, organization_id: UUID) -> bool:
    """Whether a genuine access token that lets nobody in here is one of the platform's staff.

    They are told that they need a grant (403), where others are told to sign in (401): with a token of the
    platform's, or one of a grant that is over.
    """
    here = Organization.objects.filter(pk=organization_id).values_list("schema_name", "kind").first()
    if here is None:
        return False
    schema, kind = here
    if schema != connection.schema_name:
        return kind == OrganizationKind.PLATFORM
    session = UserSession.objects.select_related("user").filter(pk=session_id).first()
    ended = session is not None and session.revoked_reason not in ("", "support-access-revoked")
    return session is not None and not ended and session.user.may_support


# --- What they have in common


def _check(
    areas: Iterable[str], access: str, reason: str, start: datetime, end: datetime
) -> tuple[list[str], str]:
    wanted = set(areas)
    chosen = [area.value for area in SupportArea if area.value in wanted]
    if not chosen or wanted - set(chosen):
        raise InvalidInput(_("Choose at least one area, of those there are."), field="areas")
    if access not in SupportAccess.values:
        raise InvalidInput(_("Choose reading, or reading and writing."), field="access")
    why = " ".join(reason.split())
    if not why or len(why) > 1000:
        raise InvalidInput(_("Say what the access is for, in at most 1000 characters."), field="reason")
    if end <= start + SOONEST:
        raise InvalidInput(_("The access must last longer than five minutes."), field="ends_at")
    if end > start + LONGEST:
        raise InvalidInput(_("Access lasts 72 hours at most."), field="ends_at")
    return chosen, why


def _within_window(settings: OrganizationSettings, start: datetime, end: datetime) -> bool:
    if settings.support_access_policy != SupportAccessPolicy.IN_WINDOW:
        return False
    opened, closed = settings.support_window_start, settings.support_window_end
    return opened is not None and closed is not None and opened <= start and end <= closed


def _locked(
    grant: SupportAccessGrant, version: int | None, *, by: User, or_holder: bool = False
) -> SupportAccessGrant:
    holder = or_holder and by.pk == grant.requested_by_id
    # Nobody lets themselves in; a support role has no such permission either.
    if not holder and (by.pk == grant.requested_by_id or not by.has_perm(CHANGE)):
        raise NotAllowed(_("Only the organisation's administrators decide who is let in."))
    row = (
        SupportAccessGrant.objects.select_for_update(of=("self",))
        .select_related("requested_by", "organization")
        .get(pk=grant.pk)
    )
    check_version(row, version)
    return row


def _check_pending(row: SupportAccessGrant) -> None:
    if row.approved_at is not None or row.declined_at is not None:
        raise InvalidState(_("This request was answered already."), code="already-decided")
    if row.ends_at <= timezone.now():
        raise InvalidState(_("The time this was asked for is over."), code="lapsed")


def _mail(grant: SupportAccessGrant, kind: str) -> None:
    enqueue(MAIL, grant.organization, key=f"{kind}:{grant.pk}", grant=str(grant.pk), kind=kind)
