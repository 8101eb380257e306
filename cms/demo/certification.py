"""Certifications of the large demo organisation in every state, declarations signed, two mentors paused."""

from datetime import timedelta

from django.db import connection, transaction

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.certification import declarations, kinds, pausing, rules
from domain.certification.choices import RoleContext
from domain.certification.models import (
    CertificationKind,
    DeclarationText,
    MentorCertification,
)
from domain.certification.queries import current_text, today_here
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User

SCHEMA = "nhf"
ADMIN = "admin@nhf.example"
# Member number of a mentor → days that are left of the certificate; all others have plenty.
ENDS_IN = {"1012": 60, "1013": -20, "1020": 6}
# So long it is valid: whoever is certified now was for most of the two years that the demo shows.
MONTHS = 36
# Has begun, and lacks half of it; had one that was taken back; has a break.
UNDER_WAY, REVOKED, PAUSED = "1014", "1015", "1016"
# Haven't signed the declaration yet, so that theirs can't be issued.
UNSIGNED = ("1014", "1018")


@transaction.atomic
def seed_certification() -> bool:
    """Make them in the organisation that is selected; False where there are some, or none to be."""
    if getattr(connection, "schema_name", "") != SCHEMA or MentorCertification.objects.exists():
        return False
    admin = User.objects.get(email=ADMIN)
    kind = _kinds(admin)
    _publish(admin)
    numbers = {
        row.user_id: row.external_reference
        for row in Membership.objects.here().filter(status=MembershipStatus.ACTIVE)
    }
    mentors = RoleAssignment.objects.filter(role=Role.PEER_MENTOR).values("user")
    for user in User.objects.filter(pk__in=mentors).filter(pk__in=numbers).order_by("email", "pk"):
        _certify(user, numbers[user.pk], kind, admin)
    today = today_here()
    pausing.greet_mentors(today)
    rules.follow_dates(today)
    holder = Membership.objects.here().get(external_reference=PAUSED).user
    pausing.pause_self(
        pausing.status_of(holder),
        returns_on=today + timedelta(days=21),
        reason="Ferie og litt pusterom",
        by=holder,
    )
    return True


def _kinds(admin: User) -> CertificationKind:
    """The one that every mentor needs, and one more."""
    kind = CertificationKind.objects.get(key="peer-mentor")
    kind = kinds.change_kind(kind, changes={"is_required": True, "validity_months": MONTHS}, by=admin)
    kinds.create_kind(
        key="home-visits",
        name_nb="Hjemmebesøk",
        name_nn="Heimebesøk",
        name_en="Home visits",
        validity_months=36,
        requirements=["course", "police_certificate"],
        by=admin,
    )
    return kind


def _publish(admin: User) -> None:
    """The first version as it came, then one with a sentence more; drivers' words are still a draft."""
    first = DeclarationText.objects.get(role_context=RoleContext.MENTOR)
    declarations.publish_text(first, by=admin)
    extra = {
        "nb": "\n\nBilder av andre tar jeg bare med deres samtykke.",
        "nn": "\n\nBilete av andre tek eg berre med samtykket deira.",
        "en": "\n\nI take pictures of others with their consent alone.",
    }
    written = {
        f"{part}_{code}": getattr(first, f"{part}_{code}") + (more if part == "body" else "")
        for code, more in extra.items()
        for part in ("title", "body")
    }
    second = declarations.write_text(by=admin, role_context=RoleContext.MENTOR, **written)
    declarations.publish_text(second, by=admin)


def _certify(user: User, number: str, kind: CertificationKind, admin: User) -> None:
    if number not in UNSIGNED:
        text = current_text(RoleContext.MENTOR)
        if text is not None:
            shown = declarations.render(text, user.language or "nb")
            declarations.sign_declaration(
                user=user, text=text, language=shown.language, text_sha256=shown.sha256, by=user
            )
    held = rules.start_certification(user=user, kind=kind, by=admin)
    today = today_here()
    # So that it ends in as many days: three years are 1,095 of them, or 1,096.
    issued = today + timedelta(days=ENDS_IN.get(number, 420)) - timedelta(days=1095)
    asked = ["course", "yearly_talk"] if number == UNDER_WAY else kind.requirements
    for requirement in asked:
        if requirement != "declaration":
            held = rules.tick(held, requirement=requirement, done_on=issued - timedelta(days=9), by=admin)
    if number in UNSIGNED:
        return
    held = rules.issue(held, issued_on=issued, by=admin)
    if number == REVOKED:
        rules.revoke(held, reason="Sluttet i lokallaget", by=admin)
