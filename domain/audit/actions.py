"""Actions as people read them: “Astrid Moen published the question “Hva koster det?””.

An action is "<noun>.<verb>". Each verb has a sentence, each noun a name; an action whose sentence is none of
these has one of its own. Areas add theirs with `register`, most simply in this table. A test holds that every
action recorded anywhere has words.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

# %(who)s is a person or the system, %(what)s the noun with the object's label, %(label)s that alone.
VERBS: dict[str, Any] = {
    "added": _("%(who)s added %(what)s"),
    "approved": _("%(who)s approved %(what)s"),
    "assigned": _("%(who)s assigned %(what)s"),
    "audience-changed": _("%(who)s changed who may see %(what)s"),
    "changed": _("%(who)s changed %(what)s"),
    "closed": _("%(who)s closed %(what)s"),
    "contacted": _("%(who)s noted contact about %(what)s"),
    "copied": _("%(who)s copied %(what)s"),
    "created": _("%(who)s created %(what)s"),
    "declined": _("%(who)s declined %(what)s"),
    "deleted": _("%(who)s deleted %(what)s"),
    "disabled": _("%(who)s switched off %(what)s"),
    "dropped": _("%(who)s deleted the data of %(what)s"),
    "edited": _("%(who)s edited %(what)s"),
    "enabled": _("%(who)s switched on %(what)s"),
    "ended": _("%(who)s ended %(what)s"),
    "erased": _("%(who)s erased %(what)s"),
    "expired": _("%(who)s took %(what)s offline as scheduled"),
    "exported": _("%(who)s exported %(what)s"),
    "handed-over": _("%(who)s handed over %(what)s"),
    "held": _("%(who)s noted that %(what)s was held"),
    "imported": _("%(who)s imported %(what)s"),
    "language-changed": _("%(who)s changed the language of %(what)s"),
    "left": _("%(who)s noted that %(what)s has ended"),
    "linked": _("%(who)s linked %(what)s"),
    "listed": _("%(who)s looked through %(what)s"),
    "locked": _("%(who)s locked %(what)s"),
    "made-primary": _("%(who)s made %(what)s the primary one"),
    "made_primary": _("%(who)s made %(what)s the primary one"),
    "merged": _("%(who)s merged %(what)s into another"),
    "moved": _("%(who)s moved %(what)s"),
    "new": _("%(who)s reopened %(what)s"),
    "no-longer-primary": _("%(who)s made another the primary one than %(what)s"),
    "opened": _("%(who)s opened %(what)s"),
    "overridden": _("%(who)s gave another name to %(what)s"),
    "published": _("%(who)s published %(what)s"),
    "read": _("%(who)s read %(what)s"),
    "received": _("%(who)s received %(what)s"),
    "reinstated": _("%(who)s reinstated %(what)s"),
    "reopened": _("%(who)s reopened %(what)s"),
    "reordered": _("%(who)s reordered %(what)s"),
    "reset": _("%(who)s went back to the usual name of %(what)s"),
    "restored": _("%(who)s restored %(what)s"),
    "resubmitted": _("%(who)s sent %(what)s to review again"),
    "resumed": _("%(who)s resumed %(what)s"),
    "retried": _("%(who)s tried %(what)s again"),
    "reverted": _("%(who)s brought back an earlier version of %(what)s"),
    "review-cancelled": _("%(who)s cancelled the review of %(what)s"),
    "revoked": _("%(who)s revoked %(what)s"),
    "registered": _("%(who)s registered %(what)s"),
    "removed": _("%(who)s removed %(what)s"),
    "scheduled": _("%(who)s scheduled %(what)s"),
    "searched": _("%(who)s searched %(what)s"),
    "sent-back": _("%(who)s sent back %(what)s"),
    "submitted": _("%(who)s sent %(what)s to review"),
    "suspended": _("%(who)s suspended %(what)s"),
    "took-over": _("%(who)s moved members of another to %(what)s"),
    "translated": _("%(who)s translated %(what)s"),
    "unlinked": _("%(who)s ended the link of %(what)s"),
    "unlocked": _("%(who)s unlocked %(what)s"),
    "unpublished": _("%(who)s took %(what)s offline"),
    "unscheduled": _("%(who)s cancelled the schedule of %(what)s"),
    "uploaded": _("%(who)s uploaded %(what)s"),
    "won": _("%(who)s noted an agreement about %(what)s"),
}
NOUNS: dict[str, Any] = {
    "area": _("the area"),
    "associationshare": _("the shared access of"),
    "audit-detail": _("personal details in the record"),
    "audit-event": _("the record about"),
    "auditevent": _("the record"),
    "branding": _("the branding of"),
    "card-deck": _("the card deck"),
    "conversation-card": _("the conversation card"),
    "counting-rule": _("the counting rule"),
    "demo_booking": _("the demo booking"),
    "device-key": _("the device key"),
    "devicekey": _("the device key"),
    "invitation": _("the invitation"),
    "passkey": _("the passkey"),
    "passkeycredential": _("the passkey"),
    "demobooking": _("the demo booking"),
    "demoslot": _("the demo slot"),
    "document": _("the document"),
    "event-proof": _("the proof of the event about"),
    "faq": _("the question"),
    "faq-category": _("the category of questions"),
    "featurearea": _("the area"),
    "host": _("the host of"),
    "image": _("the image"),
    "job": _("the job of"),
    "link-category": _("the category of links"),
    "local-association": _("the local association"),
    "local-membership": _("the local membership"),
    "localassociation": _("the local association"),
    "localassociationmembership": _("the local membership"),
    "membership": _("the membership of"),
    "organization": _("the organisation"),
    "organizationsettings": _("the settings of"),
    "person": _("the person"),
    "resource-link": _("the link"),
    "role": _("a role of"),
    "roleassignment": _("a role of"),
    "rule-set": _("the set of counting rules"),
    "session": _("the session"),
    "settings": _("the settings of"),
    "support-access": _("the support access"),
    "supportaccessgrant": _("the support access"),
    "terminology": _("the term"),
    "terminologyoverride": _("the term"),
    "user": _("the person"),
    "usersession": _("a session of"),
    "workflow-task": _("the review step"),
}
SENTENCES: dict[str, Any] = {
    "session.opened": _("%(who)s signed in"),
    "session.ended": _("%(who)s signed out or ended a session"),
    "demo_booking.received": _("A request for a demo was received: %(what)s"),
    "passkey.refused": _("A sign-in with %(what)s was refused"),
    "person.language-changed": _("%(who)s changed their language"),
    "person.profile-changed": _("%(who)s changed their name or phone"),
    "person.password-changed": _("%(who)s changed their password"),
    "person.password-reset": _("%(who)s set a new password by way of recovery"),
    "recovery-codes.made": _("%(who)s made new recovery codes"),
    "support-access.approved": _("%(who)s let support in: %(what)s"),
    "support-access.approved-beforehand": _("%(who)s let support in, as approved beforehand: %(what)s"),
    "support-access.declined": _("%(who)s declined to let support in: %(what)s"),
    "support-access.requested": _("%(who)s asked for support access: %(what)s"),
    "support-access.revoked": _("%(who)s ended support access: %(what)s"),
    "support-access.used": _("%(who)s opened %(label)s"),
    "session.confirmed": _("%(who)s confirmed who they are"),
}


def register(
    *,
    nouns: Mapping[str, Any] | None = None,
    verbs: Mapping[str, Any] | None = None,
    sentences: Mapping[str, Any] | None = None,
) -> None:
    """Give words to an area's actions; lazily translated. Call it in `AppConfig.ready`."""
    NOUNS.update(nouns or {})
    VERBS.update(verbs or {})
    SENTENCES.update(sentences or {})


def is_worded(action: str) -> bool:
    """Whether an action can be said in words."""
    noun, _dot, verb = action.partition(".")
    return action in SENTENCES or (noun in NOUNS and verb in VERBS)


def what(action: str, label: str, several: str = "") -> str:
    """The noun with the object's label: “the question “Hva koster det?””; `several` where it was many."""
    if several and not label:
        return several
    noun = NOUNS.get(action.partition(".")[0])
    quoted = _t("“%(label)s”") % {"label": label} if label else ""
    return " ".join(part for part in (str(noun or ""), quoted) if part) or action


def who(label: str, *, is_system: bool) -> str:
    """Who did it, as a sentence begins with it."""
    if is_system:
        return _t("The system")
    return label or _t("Someone whose name was erased")


def sentence(action: str, *, actor: str, is_system: bool, label: str, several: str = "") -> str:
    """What happened, in words; an action nobody gave words to is shown as it is.

    `several` is what a list that has no label is a list of, in the plural.
    """
    template = SENTENCES.get(action) or VERBS.get(action.partition(".")[2])
    if template is None:
        return f"{who(actor, is_system=is_system)}: {action} {label}".strip()
    return str(template) % {
        "who": who(actor, is_system=is_system),
        "what": what(action, label, several),
        "label": label,
    }
