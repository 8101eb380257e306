"""Two years of activities of the large demo: decided, waiting, drafts; some doubtful or without effect."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from domain.activities.bulk import ManyJudged
from domain.activities.choices import (
    ActivityStatus,
    CourseInterest,
    FlagKind,
    FlagSource,
    FlagStatus,
    Mode,
)
from domain.activities.models import (
    Activity,
    ActivityContact,
    ActivityFlag,
    ActivityLeader,
    ActivityType,
    HomeVisitReport,
)
from domain.certification.queries import today_here
from domain.encryption.entities import prepare
from domain.identity.models import User
from domain.people.models import ContactMentor

from .mentors import Mentor, many_mentors
from .record import at, chance_of, coordinator, note_rows

DAYS = 730
# Days within which decisions are still to be made.
UNDECIDED = 21
AT_ONCE = 5000
# Hours at which something begins: nothing here lasts longer than what is between them.
HOURS = (9, 13, 18)
# Type, usual minutes, and how often of a hundred.
MIX = (
    ("talk", 60, 30),
    ("home-visit", 75, 18),
    ("phone-call", 30, 16),
    ("hospital-visit", 60, 6),
    ("group-meeting", 90, 17),
    ("walk", 120, 8),
    ("course-day", 210, 3),
    ("other", 60, 2),
)
THEMES = ("Hverdagen", "Hjelpemidler", "Rettigheter", "Mestring", "Tur i marka", "Pårørende", "Arbeidsliv")
PLACES = ("Frivilligsentralen", "Biblioteket", "Hjemme", "Sykehuset", "Lagets lokale", "Kafé Solsiden")
SUMMARIES = (
    "Vi snakket om hverdagen og avtalte å møtes igjen.",
    "Gikk gjennom søknaden om hjelpemidler sammen.",
    "En tung uke. Vi ringes på torsdag.",
    "Fin prat om jobb og fritid.",
)
REJECTIONS = ("Dagen stemmer ikke med lista", "Skriv hvor lenge det varte", "Registrert på feil lag")
# Of a thousand: registered twice; much too long; decided otherwise.
TWICE, TOO_LONG, OVERRIDDEN = 5, 2, 1


@dataclass
class Batch:
    """Rows that are inserted together."""

    rows: list[Activity] = field(default_factory=list)
    leaders: list[ActivityLeader] = field(default_factory=list)
    links: list[ActivityContact] = field(default_factory=list)
    flags: list[ActivityFlag] = field(default_factory=list)
    reports: list[HomeVisitReport] = field(default_factory=list)

    def insert(self, by: User) -> None:
        prepare(self.rows)
        prepare(self.reports)
        for model, rows in (
            (Activity, self.rows),
            (ActivityLeader, self.leaders),
            (ActivityContact, self.links),
            (ActivityFlag, self.flags),
            (HomeVisitReport, self.reports),
        ):
            model._base_manager.bulk_create(rows, batch_size=1000)
        people: dict[Any, list[Any]] = defaultdict(list)
        for leader in self.leaders:
            people[leader.activity_id].append(leader.user_id)
        for link in self.links:
            people[link.activity_id].append(link.contact_id)
        note_rows(self.rows, (people[row.pk] for row in self.rows), by=by)
        note_rows(self.flags, (people[row.activity_id] for row in self.flags), by=by)
        note_rows(self.reports, (people[row.activity_id] for row in self.reports), by=by)


@transaction.atomic
def seed_many_activities(number: int) -> None:
    """So many more."""
    mentors = many_mentors()
    if not mentors:
        return
    plan = _Plan(mentors)
    batch = Batch()
    for moment, mentor in plan.slots(number):
        plan.add(batch, moment, mentor)
        if len(batch.rows) >= AT_ONCE:
            batch.insert(plan.by)
            batch = Batch()
    batch.insert(plan.by)


class _Plan:
    def __init__(self, mentors: list[Mentor]):
        self.chance = chance_of("activities")
        self.today, self.now, self.by = today_here(), timezone.now(), coordinator()
        self.mentors = mentors
        self.types = {row.key: row for row in ActivityType.objects.all()}
        self.judged = ManyJudged([mentor.user.pk for mentor in mentors])
        self.supported: dict[Any, list[Any]] = defaultdict(list)
        for link in ContactMentor.objects.order_by("contact__name_key", "contact__phone"):
            self.supported[link.user_id].append(link.contact_id)

    def slots(self, number: int) -> Iterator[tuple[datetime, Mentor]]:
        """When and by whom: each mentor once at a time, from when they began, in the order of time."""
        open_days = [min(DAYS, (self.today - mentor.since).days) for mentor in self.mentors]
        chosen = self.chance.choices(range(len(self.mentors)), weights=open_days, k=number)
        taken: set[tuple[int, int, int]] = set()
        for who in chosen:
            slot = (0, 0, who)
            while slot[0] == 0 or slot in taken:
                slot = (self.chance.randint(1, max(2, open_days[who])), self.chance.choice(HOURS), who)
                if len(taken) > 3 * sum(open_days) // 2:
                    raise ValueError("there are too few mentors to lead so many")
            taken.add(slot)
        for days, hour, who in sorted(taken, key=lambda slot: (-slot[0], slot[1], slot[2])):
            minute = (0, 15, 30)[(days + who) % 3]
            yield at(self.today - timedelta(days=days), hour, minute), self.mentors[who]

    def add(self, batch: Batch, moment: datetime, mentor: Mentor) -> None:
        key, minutes, _often = self.chance.choices(MIX, weights=[often for _k, _m, often in MIX])[0]
        row = self.row(self.types[key], minutes, moment, mentor)
        lot = self.chance.randrange(1000)
        if lot < TOO_LONG:
            row.duration_minutes = 13 * 60
        known = self.supported.get(mentor.user.pk, [])
        contact = self.chance.choice(known) if row.type.needs_contact and known else None
        if row.type.needs_contact and contact is None:
            row.further_participants = 1
        flag = self.flag(row, FlagKind.TOO_LONG) if lot < TOO_LONG else None
        self.put(batch, row, mentor, contact, flag)
        if TOO_LONG <= lot < TOO_LONG + TWICE:
            again = self.row(row.type, minutes, moment, mentor)
            again.further_participants, again.duration_minutes = (
                row.further_participants,
                row.duration_minutes,
            )
            self.put(batch, again, mentor, contact, self.flag(again, FlagKind.DUPLICATE, other=row))

    def row(self, kind: ActivityType, minutes: int, start: datetime, mentor: Mentor) -> Activity:
        chance = self.chance
        others = 0 if kind.needs_contact else chance.randrange(2, 14)
        offset = start.utcoffset() or timedelta(0)
        proxy = chance.randrange(10) == 0
        status = self.status((self.today - start.date()).days)
        row = Activity(
            type=kind,
            mentor=mentor.user,
            local_association=mentor.home,
            theme=chance.choice(THEMES) if others else "",
            further_participants=others,
            started_at=start,
            utc_offset_minutes=int(offset.total_seconds() // 60),
            day=start.date(),
            # Now and then somebody stopped early.
            duration_minutes=minutes if chance.randrange(12) else 40,
            place=chance.choice(PLACES),
            mode=Mode.PHONE if kind.key == "phone-call" else self.mode(),
            country="SE" if kind.key == "course-day" and chance.randrange(8) == 0 else "NO",
            registered_by=self.by if proxy else mentor.user,
            is_proxy=proxy,
            status=status,
            created_by=self.by if proxy else mentor.user,
            updated_by=self.by,
        )
        if chance.randrange(3) == 0:
            row.summary = chance.choice(SUMMARIES)
        self.decide(row)
        return row

    def mode(self) -> str:
        return self.chance.choices((Mode.PHYSICAL, Mode.DIGITAL, Mode.PHONE), weights=(90, 8, 2))[0]

    def status(self, days_ago: int) -> str:
        recent = (ActivityStatus.SUBMITTED, ActivityStatus.APPROVED, ActivityStatus.DRAFT)
        if days_ago <= UNDECIDED:
            return self.chance.choices((*recent, ActivityStatus.REJECTED), weights=(60, 25, 12, 3))[0]
        past = (ActivityStatus.APPROVED, ActivityStatus.REJECTED, ActivityStatus.DRAFT)
        return self.chance.choices(past, weights=(955, 30, 15))[0]

    def decide(self, row: Activity) -> None:
        """The times and stamps of its status."""
        if row.status == ActivityStatus.DRAFT:
            return
        row.submitted_at = min(self.now, row.ended_at + self.chance.random() * timedelta(days=4))
        if row.status == ActivityStatus.SUBMITTED:
            return
        row.decided_at = min(self.now, row.submitted_at + self.chance.random() * timedelta(days=12))
        row.decided_by = self.by
        if row.status == ActivityStatus.APPROVED:
            row.stamped_path = row.local_association.path
        else:
            row.decision_reason = self.chance.choice(REJECTIONS)

    def flag(self, row: Activity, kind: FlagKind, other: Activity | None = None) -> ActivityFlag | None:
        """Open while the activity waits; a draft was never looked at; what was approved was found right."""
        if row.status == ActivityStatus.DRAFT or (other and other.status == ActivityStatus.DRAFT):
            return None
        waits = row.status == ActivityStatus.SUBMITTED
        right = row.status == ActivityStatus.APPROVED and self.chance.randrange(3)
        return ActivityFlag(
            activity=row,
            kind=kind,
            source=FlagSource.RULE,
            other=other,
            status=FlagStatus.OPEN if waits else FlagStatus.DISMISSED if right else FlagStatus.CONFIRMED,
            decided_by=None if waits else self.by,
            decided_at=row.decided_at,
            note="" if waits or not right else "Stemmer med programmet",
            created_by=self.by,
            updated_by=self.by,
        )

    def put(
        self, batch: Batch, row: Activity, mentor: Mentor, contact: Any, flag: ActivityFlag | None
    ) -> None:
        leaders = [ActivityLeader(activity=row, user=mentor.user)]
        batch.rows.append(row)
        batch.leaders += leaders
        if contact is not None:
            batch.links.append(ActivityContact(activity=row, contact_id=contact))
        if flag is not None:
            batch.flags.append(flag)
        confirmed = flag is not None and flag.status == FlagStatus.CONFIRMED
        self.override(row)
        self.judged.of(row, leaders, contacts=int(contact is not None), is_flagged=confirmed)
        visited = row.type.key == "home-visit" and row.status != ActivityStatus.DRAFT
        if visited and self.chance.randrange(4) == 0:
            batch.reports.append(self.report(row, self.chance))

    def override(self, row: Activity) -> None:
        if row.status == ActivityStatus.APPROVED and self.chance.randrange(1000) < OVERRIDDEN:
            row.override, row.overridden_at, row.overridden_by = True, row.decided_at, self.by
            row.override_reason, row.override_evidence = "Avklart på forhånd", "Brev fra Bufdir"

    def report(self, row: Activity, chance: random.Random) -> HomeVisitReport:
        return HomeVisitReport(
            activity=row,
            health_status=chance.choice(("Sover bedre enn sist.", "Har falt én gang siden sist.", "Frisk.")),
            assistive_devices=chance.choice(("Venter på rullator.", "Trenger ingenting nå.")),
            course_interest=chance.choice(CourseInterest.values),
            created_by=row.mentor,
            updated_by=row.mentor,
        )
