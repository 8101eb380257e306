"""One event with what proves it, as a small file that the stand-alone verifier checks.

It holds the event with its parts, the signed head it is under and the few hashes between them (RFC 9162,
2.1.3), but nothing of any other event: it can be shown to somebody who may not see the record.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from domain.core.errors import InvalidState
from tenants.models import Organization

from . import payload
from .export import key_list, parts_with_salts
from .models import AuditDetail, AuditEvent
from .rules import write
from .tree import event_payload, inclusion_proof, standing

FORMAT = "meander-audit-proof/1"


def export_proof(event: AuditEvent, organization: Organization, *, by: Any) -> dict[str, Any]:
    """The proof of an event of the selected organisation. That it was taken is itself recorded.

    Raises InvalidState for an event that isn't sealed yet.
    """
    place = standing(event)
    if place.seq is None or place.head is None:
        raise InvalidState(
            _("The event isn't sealed yet. That usually happens within a minute."), code="not-sealed"
        )
    detail = AuditDetail.objects.filter(pk=event.pk).first()
    write(
        "event-proof.exported",
        AuditEvent._meta.label_lower,
        str(event.pk),
        detail.object_label if detail else "",
        by=by,
        subject_ids=[person for person in event.subject_ids if person != getattr(by, "pk", None)],
    )
    return {
        "format": FORMAT,
        "organization": organization.name,
        "seq": place.seq,
        "event": event_payload(event),
        "parts": parts_with_salts(detail),
        "path": [step.hex() for step in inclusion_proof(place.seq, place.head)],
        "checkpoint": place.head.checkpoint,
        "keys": key_list(),
    }


def as_file(proof: dict[str, Any]) -> bytes:
    """The proof as it is kept: canonical JSON."""
    return payload.canonical(proof) + b"\n"
