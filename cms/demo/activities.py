"""Two years of activities in the demo organisations: in every state, some doubtful, some that don't count."""

import random
from datetime import datetime, time, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.activities.bulk import ManyJudged
from domain.activities.choices import ActivityStatus, CourseInterest
from domain.activities.deciding import (
    approve_activity,
    confirm_flag,
    dismiss_flag,
    override_verdict,
    reject_activity,
)
from domain.activities.evidence import add_document, attach
from domain.activities.models import Activity, ActivityContact, ActivityLeader, ActivityType
from domain.activities.rules import create_activity
from domain.activities.visits import write_report
from domain.associations.models import LocalAssociation, LocalAssociationMembership
from domain.audit.rules import write
from domain.certification.queries import zone_here
from domain.files.choices import FileKind
from domain.files.rules import accept_file
from domain.identity.models import User
from domain.people.models import Contact, ContactMentor
from tenants.db import connection

from .pictures import draw

# So many through the years' bulk; some twenty more by the rules.
SIZES = {"nhf": 420, "blindeforbundet": 60}
DAYS = 730
SEED = 20260301
THEMES = ("Hverdagen", "Hjelpemidler", "Rettigheter", "Mestring", "Tur i marka", "Pårørende")
PLACES = ("Frivilligsentralen", "Biblioteket", "Hjemme", "Sykehuset", "Lagets lokale")
# Type, and how often of twenty; minutes there usually are.
MIX = (
    *(("talk", 60),) * 6,
    *(("home-visit", 75),) * 4,
    *(("phone-call", 30),) * 3,
    *(("group-meeting", 90),) * 4,
    *(("walk", 120),) * 2,
    ("course-day", 240),
)


@transaction.atomic
def seed_activities() -> bool:
    """Make them in the organisation that is selected; False where they are, or don't belong."""
    schema = connection.schema_name
    if schema not in SIZES or Activity.objects.exists():
        return False
    return _Year(schema).run()


class _Year:
    def __init__(self, schema: str):
        self.schema = schema
        self.chance = random.Random(f"{SEED} {schema}")  # noqa: S311 - a demo is no secret
        self.coordinator = User.objects.get(email=f"coordinator@{schema}.example")
        self.admin = User.objects.get(email=f"admin@{schema}.example")
        self.mentor = User.objects.get(email=f"mentor@{schema}.example")
        self.types = {row.key: row for row in ActivityType.objects.all()}
        self.today = timezone.localdate(timezone=zone_here())

    def run(self) -> bool:
        # Whoever is a mentor today has been one all the time.
        long_ago = self.today - timedelta(days=DAYS + 20)
        RoleAssignment.objects.filter(role=Role.PEER_MENTOR, valid_from=self.today).update(
            valid_from=long_ago
        )
        self.past()
        self.recent()
        return True

    def at(self, days: int, hour: int) -> datetime:
        """So many days ago, at that hour of the organisation's clocks."""
        return datetime.combine(self.today - timedelta(days=days), time(hour), tzinfo=zone_here())

    def past(self) -> None:
        """What is decided on, in one go: somewhat more in the second year, and less in summer."""
        homes: dict[Any, Any] = {}
        for row in LocalAssociationMembership.objects.current().select_related("association"):
            homes.setdefault(row.user_id, row.association)
        held = RoleAssignment.objects.filter(role=Role.PEER_MENTOR).holding()
        mentors = [
            row.user for row in held.select_related("user").order_by("user__pk") if row.user_id in homes
        ]
        supported: dict[Any, list[Any]] = {}
        for link in ContactMentor.objects.holding():
            supported.setdefault(link.user_id, []).append(link.contact_id)
        judged = ManyJudged([mentor.pk for mentor in mentors])
        rows, leaders, links = [], [], []
        for at in range(SIZES[self.schema]):
            key, minutes = MIX[self.chance.randrange(len(MIX))]
            mentor = mentors[at % len(mentors)]
            row = self.row(key, minutes, mentor, homes[mentor.pk], days=self.some_day())
            rows.append(row)
            leader = ActivityLeader(activity=row, user=mentor)
            leaders.append(leader)
            known = supported.get(mentor.pk, [])
            named = bool(row.type.needs_contact and known)
            if named:
                links.append(ActivityContact(activity=row, contact_id=self.chance.choice(known)))
            elif row.type.needs_contact:
                row.further_participants = 1
            judged.of(row, [leader], contacts=int(named))
        Activity.objects.bulk_create(rows)
        ActivityLeader.objects.bulk_create(leaders)
        ActivityContact.objects.bulk_create(links)
        write(
            "activity.created",
            Activity._meta.label_lower,
            "",
            "",
            by=self.coordinator,
            changes={"rows": (None, len(rows))},
            reason="Register of the demo organisation",
        )

    def some_day(self) -> int:
        """How many days ago."""
        while True:
            days = 20 + int((DAYS - 20) * self.chance.random() ** 1.2)
            if (self.today - timedelta(days=days)).month != 7 or self.chance.randrange(2):
                return days

    def row(self, key: str, minutes: int, mentor: User, place: LocalAssociation, *, days: int) -> Activity:
        kind = self.types[key]
        start = self.at(days, self.chance.randrange(9, 19))
        offset = start.utcoffset() or timedelta(0)
        others = 0 if kind.needs_contact else self.chance.randrange(2, 12)
        rejected = days % 29 == 0
        return Activity(
            type=kind,
            mentor=mentor,
            local_association=place,
            theme=self.chance.choice(THEMES) if others else "",
            further_participants=others,
            participants=others,
            started_at=start,
            utc_offset_minutes=int(offset.total_seconds() // 60),
            day=start.date(),
            # Now and then somebody stopped early.
            duration_minutes=minutes if days % 11 else 40,
            place=self.chance.choice(PLACES),
            mode={"phone-call": "phone"}.get(key, "digital" if days % 13 == 0 else "physical"),
            country="SE" if key == "course-day" and days % 2 else "NO",
            registered_by=self.coordinator if days % 5 == 0 else mentor,
            is_proxy=days % 5 == 0,
            status=ActivityStatus.REJECTED if rejected else ActivityStatus.APPROVED,
            submitted_at=start + timedelta(days=1),
            decided_at=start + timedelta(days=3),
            decided_by=self.coordinator,
            decision_reason="Dagen stemmer ikke med lista" if rejected else "",
            stamped_path="" if rejected else place.path,
            created_by=self.coordinator,
            updated_by=self.coordinator,
        )

    def recent(self) -> None:
        """The last weeks, by the rules: waiting, doubtful, sent back, with evidence and reports of visits."""
        mine = ContactMentor.objects.holding().filter(user=self.mentor).select_related("contact")
        contacts = [link.contact for link in mine.order_by("contact__name_key")[:4]]
        visits = [
            self.log("home-visit", days, 11, contacts=[contact], duration_minutes=70)
            for days, contact in zip((12, 9, 6), contacts, strict=False)
        ]
        self.reports(visits)
        for days in (11, 8, 5, 4, 3):
            self.log("talk", days, 15, contacts=contacts[:1])
        self.log("phone-call", 2, 9, contacts=contacts[1:2], mode="phone", duration_minutes=25)
        self.log("talk", 2, 12, contacts=contacts[:1], submit=False, by=self.mentor)
        group = self.log(
            "group-meeting", 7, 18, further_participants=6, theme="Mestring", duration_minutes=90
        )
        self.log("group-meeting", 14, 18, further_participants=2, theme="Rettigheter", duration_minutes=90)
        long = self.log("walk", 10, 8, further_participants=5, theme="Tur i marka", duration_minutes=13 * 60)
        dismiss_flag(long.flags.get(), by=self.coordinator, note="Helgetur, stemmer med programmet")
        # The talk of eight days ago once more.
        twice = self.log("talk", 8, 15, contacts=contacts[:1], theme="Hverdagen")
        confirm_flag(twice.flags.get(), by=self.coordinator, note="Registrert to ganger")
        self.log("talk", 5, 15, contacts=contacts[:1], theme="Mestring")
        abroad = self.log("course-day", 15, 10, further_participants=8, country="SE", duration_minutes=240)
        override_verdict(
            abroad,
            counts=True,
            reason="Nordisk kurs, avklart på forhånd",
            evidence="Brev fra Bufdir, sak 26/101",
            by=self.admin,
        )
        self.evidence(group)
        approve_activity(visits[0], by=self.coordinator)
        reject_activity(visits[-1], reason="Skriv hvor lenge besøket varte", by=self.coordinator)

    def log(self, key: str, days: int, hour: int, *, by: User | None = None, **values: Any) -> Activity:
        given = {
            "by": by or self.coordinator,
            "leaders": [self.mentor],
            "started_at": self.at(days, hour),
            "duration_minutes": 60,
            "place": self.chance.choice(PLACES),
            "submit": True,
            **values,
        }
        named: list[Contact] = given.pop("contacts", [])
        if self.types[key].needs_contact and not named:
            given["further_participants"] = 1
        given.setdefault("summary", "Vi snakket om hverdagen og avtalte å møtes igjen.")
        return create_activity(type=self.types[key], contacts=named, **given)

    def reports(self, visits: list[Activity]) -> None:
        words = (
            ("Sover bedre, men er urolig for trappene.", "Venter på rullator.", CourseInterest.MAYBE),
            ("Har falt én gang siden sist.", "Trygghetsalarmen virker ikke.", CourseInterest.NO),
            ("Frisk og glad i selskap.", "Trenger ingenting nå.", CourseInterest.YES),
        )
        for visit, (health, devices, interest) in zip(visits, words, strict=False):
            write_report(
                visit,
                by=self.coordinator,
                health_status=health,
                assistive_devices=devices,
                course_interest=interest,
                is_urgent=interest == CourseInterest.NO,
                follow_ups=[
                    {"what": "Ring hjelpemiddelsentralen", "due_on": self.today + timedelta(days=5)},
                    {"what": "Avtal neste besøk", "due_on": self.today - timedelta(days=1)},
                ],
            )

    def evidence(self, activity: Activity) -> None:
        for number, motif in enumerate(("cups", "path")):
            upload = SimpleUploadedFile(f"{motif}.png", draw(motif, ("#f4efe6", "#c9b79c", "#5b4a3a")))
            file = accept_file(
                upload, by=self.coordinator, kinds=[FileKind.PHOTO], alt_text="Fra gruppemøtet"
            )
            if number:
                add_document(activity, file, by=self.coordinator, document_type="attendance_list")
            else:
                attach(activity, file, by=self.coordinator, caption="Kaffe før vi begynte")
