"""The permissions in plain words, grouped as people think of them.

An ability is one or more permissions that every role has together or not at all (a test holds it); it is what
the page “What may this person do?” and docs/permissions.md show.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from .roles import CONTENT_MODELS

PEOPLE, ASSOCIATIONS, CONTENT = _("People"), _("Local associations"), _("Content")
CONTACTS = _("Contacts")
CERTIFICATION = _("Certification of mentors")
ACTIVITIES = _("Activities")
ASSIGNMENTS = _("Assignments")
ORGANIZATION, RECORD, PLATFORM = _("The organisation"), _("Record and support"), _("The platform")


@dataclass(frozen=True)
class Ability:
    """What may be done: `words` follow “may …”; `permissions` are "app.codename"."""

    area: Any
    words: Any
    permissions: frozenset[str]


def _of(area, words, *permissions: str) -> Ability:
    return Ability(area, words, frozenset(permissions))


def _all(app: str, verbs: tuple[str, ...], models: tuple[str, ...]) -> list[str]:
    return [f"{app}.{verb}_{model}" for verb in verbs for model in models]


ITEMS = ("faqentry", "resourcelink", "conversationcard")
HEADINGS = ("faqcategory", "resourcecategory", "carddeck")

ABILITIES: list[Ability] = [
    _of(ORGANIZATION, _("open the admin"), "wagtailadmin.access_admin"),
    _of(PEOPLE, _("see members, with name, e-mail, phone and status"), "identity.view_membership"),
    _of(
        PEOPLE,
        _("add members, change title and member number, suspend and end memberships"),
        "identity.add_membership",
        "identity.change_membership",
    ),
    _of(PEOPLE, _("erase what is kept about a person"), "identity.delete_membership"),
    _of(PEOPLE, _("see roles, and what was shared with whom"), "access.view_roleassignment"),
    _of(
        PEOPLE,
        _("give, change and end roles, and share a local association for a time"),
        "access.add_roleassignment",
        "access.change_roleassignment",
    ),
    _of(
        PEOPLE,
        _("invite people, and see and withdraw invitations"),
        *_all("access", ("view", "add", "change"), ("invitation",)),
    ),
    _of(
        PEOPLE,
        _("see where members are signed in, and end it"),
        "identity.view_usersession",
        "identity.change_usersession",
    ),
    _of(
        PEOPLE,
        _("see which phones keep something of the organisation, and end them"),
        "sync.view_syncdevice",
        "sync.change_syncdevice",
    ),
    _of(
        PEOPLE,
        _("decide about what members' phones sent and could not be taken"),
        "sync.view_syncmutation",
        "sync.change_syncmutation",
    ),
    _of(
        ASSOCIATIONS,
        _("open the pages of local associations"),
        "associations.view_localassociation",
    ),
    _of(
        ASSOCIATIONS,
        _("see who belongs to a local association"),
        "associations.view_localassociationmembership",
    ),
    _of(
        ASSOCIATIONS,
        _("let people join and leave local associations"),
        "associations.add_localassociationmembership",
        "associations.change_localassociationmembership",
    ),
    _of(
        ASSOCIATIONS,
        _("add, change, move, merge and close local associations"),
        "associations.add_localassociation",
        "associations.change_localassociation",
    ),
    _of(
        ASSOCIATIONS,
        _("say where they are themselves, or take it back"),
        "associations.locate_self",
    ),
    _of(
        ASSOCIATIONS,
        _("see where mentors are, as roughly as these allow, and find one near a contact"),
        "associations.view_mentorlocation",
    ),
    _of(
        ASSOCIATIONS,
        _("note and withdraw positions of mentors, and keep those of municipalities"),
        "associations.change_mentorlocation",
        *_all("associations", ("view", "add", "change", "delete"), ("municipalityposition",)),
    ),
    _of(
        CONTACTS,
        _("see and keep up the contacts that are assigned to them, with what the team writes"),
        "people.meet_contact",
    ),
    _of(CONTACTS, _("register contacts"), "people.add_contact"),
    _of(CONTACTS, _("see contacts, with name, address and relatives"), "people.view_contact"),
    _of(CONTACTS, _("read diagnoses and notes of the team"), "people.read_health"),
    _of(
        CONTACTS,
        _("change, assign, close and merge contacts"),
        "people.change_contact",
    ),
    _of(CONTACTS, _("see how many contacts there are, without their names"), "people.count_contact"),
    _of(
        CONTACTS,
        _("hand out and erase all that is kept about a contact"),
        "people.export_contact",
        "people.delete_contact",
    ),
    _of(
        CONTACTS,
        _("confirm, as the second of two people, that a private note is handed out sealed"),
        "people.confirm_noterequest",
    ),
    _of(
        CONTACTS,
        _("keep the list of diagnosis categories"),
        *_all("people", ("view", "add", "change"), ("diagnosiscategory",)),
    ),
    _of(
        CERTIFICATION,
        _("see certifications, declarations and pauses of mentors, and what they were reminded of"),
        *_all(
            "certification",
            ("view",),
            (
                "mentorcertification",
                "certificationreminder",
                "mentorstatus",
                "confidentialitydeclaration",
            ),
        ),
    ),
    _of(
        CERTIFICATION,
        _("certify mentors, pause them, and note what they signed on paper"),
        *_all("certification", ("add", "change"), ("mentorcertification", "confidentialitydeclaration")),
        "certification.change_mentorstatus",
    ),
    _of(
        CERTIFICATION,
        _("decide what a certification asks for, and which declarations are signed"),
        *_all("certification", ("view", "add", "change"), ("certificationkind", "declarationtext")),
    ),
    _of(ACTIVITIES, _("log activities of their own, and see and correct them"), "activities.log_activity"),
    _of(
        ACTIVITIES,
        _("see activities with their verdict, flags, evidence and whether a home visit was written about"),
        *_all(
            "activities",
            ("view",),
            ("activity", "activityflag", "activityattachment", "activitydocument", "homevisitreport"),
        ),
    ),
    _of(
        ACTIVITIES,
        _("review activities: approve, send back, and answer what was flagged"),
        "activities.approve_activity",
        "activities.change_activityflag",
    ),
    _of(
        ACTIVITIES,
        _("log and change activities for a mentor, and read their summaries"),
        "activities.add_activity",
        "activities.change_activity",
        "activities.read_summary",
    ),
    _of(
        ACTIVITIES,
        _("decide against the rules that an activity counts, or doesn't"),
        "activities.override_activity",
    ),
    _of(
        ACTIVITIES,
        _("decide which types of activity there are"),
        *_all("activities", ("view", "add", "change"), ("activitytype",)),
    ),
    _of(
        ASSIGNMENTS,
        _("see which assignments were sent, opened and answered, without their content; see honoraria"),
        *_all("assignments", ("view",), ("assignment", "assignmentconsent", "assignmentreadreceipt")),
        "assignments.view_honorariumthreshold",
    ),
    _of(
        ASSIGNMENTS,
        _("write, send and withdraw assignments"),
        *_all("assignments", ("add", "change"), ("assignment",)),
    ),
    _of(
        ASSIGNMENTS,
        _("decide from which assignment on which honorarium is paid"),
        *_all("assignments", ("add", "change"), ("honorariumthreshold",)),
    ),
    _of(
        CONTENT,
        _("read all questions, links and conversation cards, drafts included"),
        *_all("cms", ("view",), CONTENT_MODELS),
    ),
    _of(CONTENT, _("write questions, links and cards as drafts"), *_all("cms", ("add", "change"), ITEMS)),
    _of(
        CONTENT,
        _("publish, lock and delete questions, links and cards"),
        *_all("cms", ("publish", "lock", "unlock", "delete"), ITEMS),
    ),
    _of(
        CONTENT,
        _("add, change and delete categories and card decks"),
        *_all("cms", ("add", "change", "delete"), HEADINGS),
    ),
    _of(CONTENT, _("copy content to be translated"), "simple_translation.submit_translation"),
    _of(
        CONTENT,
        _("choose images and documents, and upload images"),
        *_all("cms", ("choose",), ("customimage", "customdocument")),
        "cms.add_customimage",
    ),
    _of(
        CONTENT,
        _("upload documents, and change and delete images and documents"),
        "cms.add_customdocument",
        *_all("cms", ("change", "delete"), ("customimage", "customdocument")),
    ),
    _of(
        CONTENT,
        _("decide how content is reviewed before it is published"),
        *_all("wagtailcore", ("add", "change", "delete"), ("workflow", "task")),
    ),
    _of(ORGANIZATION, _("see the organisation's own words"), "config.view_terminologyoverride"),
    _of(ORGANIZATION, _("change the organisation's own words"), "config.change_terminologyoverride"),
    _of(
        ORGANIZATION,
        _("see and change the organisation's settings and branding"),
        "config.view_organizationsettings",
        "config.change_organizationsettings",
    ),
    _of(
        ORGANIZATION,
        _("switch parts of Meander on and off"),
        "config.view_featurearea",
        "config.change_featurearea",
    ),
    _of(RECORD, _("read the audit record"), "audit.view_auditevent"),
    _of(RECORD, _("see the support's access to the organisation"), "identity.view_supportaccessgrant"),
    _of(
        RECORD,
        _("approve and revoke the support's access to the organisation"),
        "identity.change_supportaccessgrant",
    ),
    _of(
        PLATFORM,
        _("see and follow up demo bookings"),
        "sales.view_demobooking",
        "sales.change_demobooking",
    ),
    _of(
        PLATFORM,
        _("offer times for demos"),
        *_all("sales", ("view", "add", "change", "delete"), ("demoslot",)),
    ),
    _of(
        PLATFORM,
        _("see and change what counts for the grant, in all organisations"),
        *_all("grants", ("view", "add", "change"), ("ruleset",)),
    ),
    _of(
        PLATFORM,
        _("set up organisations and change how they relate"),
        *_all("tenants", ("view", "add", "change"), ("organization",)),
        *_all("tenants", ("view", "add", "change", "delete"), ("organizationhierarchy",)),
    ),
]
AREAS = [
    PEOPLE,
    ASSOCIATIONS,
    CONTACTS,
    CERTIFICATION,
    ACTIVITIES,
    ASSIGNMENTS,
    CONTENT,
    ORGANIZATION,
    RECORD,
    PLATFORM,
]
