"""What the record calls assignments, and what happens to them."""

from django.utils.translation import gettext_lazy as _

from domain.audit.actions import register

register(
    nouns={
        "assignment": _("the assignment"),
        "assignment-consent": _("the answer to an assignment"),
        "assignmentconsent": _("the answer to an assignment"),
        "assignment-read-receipt": _("the reading of an assignment"),
        "assignmentreadreceipt": _("the reading of an assignment"),
        "honorarium-threshold": _("the honorarium threshold"),
        "honorariumthreshold": _("the honorarium threshold"),
        "honorarium-crossing": _("the honorarium threshold that was reached:"),
        "honorariumcrossing": _("the honorarium threshold that was reached:"),
    },
    verbs={
        "completed": _("%(who)s completed %(what)s"),
        "withdrawn": _("%(who)s withdrew %(what)s"),
        "read-by-recipient": _("%(who)s read the content of %(what)s"),
        "read-by-sender": _("%(who)s read again what they had written in %(what)s"),
    },
    sentences={
        "assignment.expired": _("%(what)s has expired; its content was destroyed"),
        "honorarium-crossing.reached": _("It is noted: %(what)s"),
        "honorarium-crossing.told": _("Coordinators were told of %(what)s"),
        "assignment.escalated": _("A coordinator is told that nobody has opened %(what)s"),
        "assignment.escalation-repeated": _("%(who)s had coordinators told again: %(what)s"),
        "assignment.escalation-settled": _("It is noted whether a coordinator was told of %(what)s"),
    },
)
