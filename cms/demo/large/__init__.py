"""NHF as large as it may become: 500 mentors, 5,000 contacts, 100,000 activities and 3,000 assignments.

What is made is the same on every machine (fixed seeds), but for keys and the day it is counted from. Each
step is one transaction that leaves an event on the record, and by that knows that it was taken: run again, or
after it was interrupted, only what is missing is made.

Mentors are made by the rules, one by one. The rest is inserted in bulk, with what the rules would have done:
names get their keys, sealed columns are sealed with a key of each row's own, verdicts are judged by the
counting rules of the day, thresholds are crossed once, and what was destroyed has no key.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django_tenants.utils import schema_context

from domain.audit.guard import recorded
from tenants.db import connection

from .activities import seed_many_activities
from .assignments import seed_many_assignments
from .contacts import seed_many_contacts
from .mentors import seed_many_mentors
from .record import is_made

SCHEMA = "nhf"


@dataclass(frozen=True)
class Size:
    """How many there are in the end (activities and assignments: how many are added)."""

    mentors: int = 500
    contacts: int = 5_000
    activities: int = 100_000
    assignments: int = 3_000


def seed_large(tell: Callable[[str], None], size: Size | None = None) -> bool:
    """Make what is missing, in the organisation of the demo that has 1,400 chapters; False if nothing is."""
    size = size or Size()
    steps: list[tuple[str, str, Callable[[int], None], int]] = [
        ("mentors", "membership", seed_many_mentors, size.mentors),
        ("contacts", "contact", seed_many_contacts, size.contacts),
        ("activities", "activity", seed_many_activities, size.activities),
        ("assignments", "assignment", seed_many_assignments, size.assignments),
    ]
    made = False
    with schema_context(SCHEMA):
        for name, noun, step, number in steps:
            if is_made(noun):
                continue
            begin = time.monotonic()
            # The owner's: keys are destroyed as well.
            with connection.as_owner(), recorded(what=f"the large demo's {name}"):
                step(number)
            tell(f"{number:,} {name}: {time.monotonic() - begin:.0f} s")
            made = True
        if made:
            # What is looked for next is planned by how much there is now.
            with connection.as_owner(), connection.cursor() as cursor:
                cursor.execute("ANALYZE")
    return made
