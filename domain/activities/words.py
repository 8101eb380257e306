"""What the record calls activities, and what happens to them."""

from django.utils.translation import gettext_lazy as _

from domain.audit.actions import register

register(
    nouns={
        "activity": _("the activity"),
        "activity-type": _("the type of activity"),
        "activitytype": _("the type of activity"),
        "activity-flag": _("the flag of an activity"),
        "activityflag": _("the flag of an activity"),
        "activity-attachment": _("the attachment of an activity"),
        "activityattachment": _("the attachment of an activity"),
        "activity-document": _("the document of an activity"),
        "activitydocument": _("the document of an activity"),
        "home-visit-report": _("the report of a home visit"),
        "homevisitreport": _("the report of a home visit"),
        "homevisitfollowup": _("the follow-up of a home visit"),
        "activityleader": _("the leaders of an activity"),
        "activitycontact": _("the participants of an activity"),
    },
    verbs={
        "withdrawn": _("%(who)s withdrew %(what)s"),
        "rejected": _("%(who)s rejected %(what)s"),
        "overridden": _("%(who)s decided whether it counts: %(what)s"),
        "flagged": _("%(who)s flagged %(what)s"),
        "dismissed": _("%(who)s dismissed %(what)s"),
        "confirmed": _("%(who)s confirmed %(what)s"),
        "verified": _("%(who)s verified %(what)s"),
        "refused": _("%(who)s refused %(what)s"),
        "reminded": _("%(who)s reminded the coordinators of %(what)s"),
        "reminder-repeated": _("%(who)s had coordinators told again: %(what)s"),
        "joined": _("%(who)s added leaders to %(what)s"),
    },
)
