"""What phones have sent in the demo: taken, refused, and changed on both sides, for the inbox to show."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone, translation

from api.sync.taking import Push
from domain.access.queries import scope_for
from domain.activities.models import ActivityType
from domain.identity.models import User
from domain.people.models import Contact
from domain.people.rules import change_contact
from domain.sync.models import SyncDevice, SyncMutation
from domain.sync.receiving import Call, device_that_pushes

# Organisation → whose phone, and who changes the same meanwhile.
PHONES = {"nhf": ("mentor@nhf.example", "coordinator@nhf.example")}
MINE, THEIRS = "Parkveien 21 B", "Parkveien 12"


def seed_phones() -> bool:
    """Let a phone send in the organisation that is selected; False where one has, or none is to."""
    schema = getattr(connection, "schema_name", "")
    if schema not in PHONES or SyncMutation.objects.exists():
        return False
    person, coordinator = (User.objects.get(email=email) for email in PHONES[schema])
    scope = scope_for(person)
    contact = Contact.objects.changeable_by(scope).present().order_by("name_key", "pk").first()
    if contact is None:
        return False
    now = timezone.now()
    call = Call(sent_at=now, queued=2, oldest_queued_at=now - timedelta(hours=9))
    device = device_that_pushes(person, "demo-telefon", call)
    SyncDevice.objects.filter(pk=device.pk).update(name="Telefon", platform="android", app_version="1.4.0")
    may = Contact.objects.changeable_by(scope_for(coordinator)).filter(pk=contact.pk).exists()
    change_contact(contact, changes={"address": THEIRS}, by=coordinator if may else None)
    request: Any = RequestFactory(HTTP_HOST=f"{schema}.localhost").post("/")
    request.user = person
    with translation.override(settings.LANGUAGE_CODE):
        Push(request, scope, device).take(_sent(contact))
    return True


def _sent(contact: Contact) -> list[dict[str, Any]]:
    """As the app sends it: a note, an address that another has changed, a visit in the wrong century."""
    yesterday = timezone.localtime() - timedelta(days=1)
    kind = ActivityType.objects.filter(is_active=True).order_by("position", "key").first()
    address = {"address": MINE, "city": contact.city or "Oslo"}
    note = {"title": "Spør om kurs i mai", "body": "Ville høre mer om samlingen."}
    visit = {
        "type": str(kind.pk) if kind is not None else None,
        "theme": "Besøk hjemme",
        "started_at": yesterday.replace(year=1926, day=1).isoformat(),
        "duration_minutes": 90,
        "contact_ids": [str(contact.pk)],
    }
    return [
        _change("notes", "create", yesterday, client_id="demo-notat", data=note),
        _change(
            "contacts", "update", yesterday, id=str(contact.pk), base_version=contact.version, data=address
        ),
        _change("activities", "create", yesterday, client_id="demo-besok", data=visit),
    ]


def _change(resource: str, op: str, at: Any, **given: Any) -> dict[str, Any]:
    return {
        "mutation_id": str(uuid4()),
        "resource": resource,
        "op": op,
        "occurred_at": at.isoformat(),
        **given,
    }
