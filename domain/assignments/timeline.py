"""What a contact's page tells of assignments: that there were some, and what became of them."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from domain.core.scope import Scope
from domain.people.models import Contact
from domain.people.timeline import Moment

from .models import Assignment
from .queries import is_in_use

ICON = "mail"


def assignment_moments(contact: Contact, scope: Scope) -> Iterable[Moment]:
    if not is_in_use():
        return
    rows = Assignment.objects.visible_to(scope).filter(contact=contact, sent_at__isnull=False)
    for row in rows.select_related("recipient", "sender"):
        assert row.sent_at is not None
        words = _("Assignment to %(name)s – %(status)s") % {
            "name": row.recipient or _("nobody any more"),
            "status": row.get_status_display(),
        }
        yield Moment(row.sent_at, ICON, words, str(row.sender or ""), row._meta.label_lower, row.pk)
