"""What the record calls certifications, and what happens to them."""

from django.utils.translation import gettext_lazy as _

from domain.audit.actions import register

register(
    nouns={
        "mentor-certification": _("the certification"),
        "mentorcertification": _("the certification"),
        "certification-kind": _("the kind of certification"),
        "certification-reminder": _("the reminder of a renewal"),
        "certificationreminder": _("the reminder of a renewal"),
        "certificationrequirement": _("the checklist of"),
        "mentor-status": _("the status of the mentor"),
        "mentorstatusperiod": _("the earlier statuses of the mentor"),
        "confidentiality-declaration": _("the declaration of confidentiality"),
        "declaration-text": _("the text of a declaration"),
    },
    verbs={
        "issued": _("%(who)s issued %(what)s"),
        "renewed": _("%(who)s renewed %(what)s"),
        "ticked": _("%(who)s ticked a requirement of %(what)s"),
        "unticked": _("%(who)s took back a tick of %(what)s"),
        "paused": _("%(who)s paused: %(what)s"),
        "auto-paused": _("%(who)s paused, because a certificate has run out: %(what)s"),
        "signed": _("%(who)s signed %(what)s"),
        "sent": _("%(who)s sent %(what)s"),
    },
    sentences={
        "mentor-certification.expired": _("%(who)s noted that %(what)s has expired"),
        "mentor-certification.expiring": _("%(who)s noted that %(what)s expires soon"),
        "mentor-certification.valid": _("%(who)s noted that %(what)s is valid"),
        "certification-reminder.repeated": _("%(who)s let a reminder be sent again: %(what)s"),
        "mentor-status.resumed": _("%(who)s ended the pause: %(what)s"),
    },
)
