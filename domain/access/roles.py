"""The role table: what each role may do. The one place; groups in the database follow it."""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from domain.identity.choices import SupportArea

from .choices import Role

CONTENT_MODELS = (
    "faqcategory",
    "faqentry",
    "resourcecategory",
    "resourcelink",
    "carddeck",
    "conversationcard",
)
_READ = {f"cms.view_{model}" for model in CONTENT_MODELS}
_WRITE = {f"cms.{verb}_{model}" for model in CONTENT_MODELS for verb in ("view", "add", "change", "delete")}
_PUBLISH = {
    f"cms.{verb}_{model}"
    for model in ("faqentry", "resourcelink", "conversationcard")
    for verb in ("publish", "lock", "unlock")
}
_FILES = {
    f"cms.{verb}_{model}"
    for model in ("customimage", "customdocument")
    for verb in ("add", "change", "delete", "choose")
}
# Every member reads local associations; these open their pages in the admin and allow to change them.
_SEE_ASSOCIATIONS = {"associations.view_localassociation"}
_KEEP_MEMBERSHIPS = {f"associations.{verb}_localassociationmembership" for verb in ("view", "add", "change")}
_KEEP_ASSOCIATIONS = (
    _SEE_ASSOCIATIONS
    | _KEEP_MEMBERSHIPS
    | {"associations.add_localassociation", "associations.change_localassociation"}
)
# Where mentors are, as roughly as they allow; and municipalities, from where one looks for one who is near.
_SEE_LOCATIONS = {"associations.view_mentorlocation"}
_KEEP_LOCATIONS = _SEE_LOCATIONS | {
    "associations.change_mentorlocation",
    *(f"associations.{verb}_municipalityposition" for verb in ("view", "add", "change", "delete")),
}
# Names of those who are supported; what is written about their health is one step more.
SEE_CONTACTS = "people.view_contact"
_SEE_CONTACTS = {SEE_CONTACTS}
# What is written about health, or leads to it: like the names, nobody gives it to themselves.
CONFIDENTIAL = frozenset(
    {SEE_CONTACTS, "people.read_health", "people.export_contact", "activities.read_summary"}
)
_KEEP_CONTACTS = _SEE_CONTACTS | {"people.add_contact", "people.change_contact"}
_COUNT_CONTACTS = {"people.count_contact"}
_KEEP_DIAGNOSES = {f"people.{verb}_diagnosiscategory" for verb in ("view", "add", "change")}

# Whom the certification of mentors is the business of: to see it, to keep it, to decide what it asks for.
_SEE_CERTIFICATION = {
    f"certification.view_{model}"
    for model in (
        "mentorcertification",
        "certificationreminder",
        "mentorstatus",
        "confidentialitydeclaration",
    )
}
_KEEP_CERTIFICATION = _SEE_CERTIFICATION | {
    "certification.add_mentorcertification",
    "certification.change_mentorcertification",
    "certification.change_mentorstatus",
    "certification.add_confidentialitydeclaration",
    "certification.change_confidentialitydeclaration",
}
_DECIDE_CERTIFICATION = {
    f"certification.{verb}_{model}"
    for verb in ("view", "add", "change")
    for model in ("certificationkind", "declarationtext")
}

# What mentors did; who took part is named to those who see contacts.
_LOG_ACTIVITIES = {"activities.log_activity"}
_SEE_ACTIVITIES = {
    f"activities.view_{model}"
    for model in ("activity", "activityflag", "activityattachment", "activitydocument", "homevisitreport")
}
_DECIDE_ACTIVITIES = _SEE_ACTIVITIES | {"activities.approve_activity", "activities.change_activityflag"}
_KEEP_ACTIVITIES = _DECIDE_ACTIVITIES | {
    "activities.add_activity",
    "activities.change_activity",
    "activities.read_summary",
}
_DECIDE_TYPES = {f"activities.{verb}_activitytype" for verb in ("view", "add", "change")}
# What phones of mentors sent and could not be taken, where it is nobody's own.
_KEEP_INBOX = {"sync.view_syncmutation", "sync.change_syncmutation"}
# Who sends assignments sees what becomes of them; the content is nobody's but the recipient's (and the
# sender's until it is opened), whatever the role.
_SEE_ASSIGNMENTS = {
    f"assignments.view_{model}" for model in ("assignment", "assignmentconsent", "assignmentreadreceipt")
} | {"assignments.view_honorariumthreshold"}
_SEND_ASSIGNMENTS = _SEE_ASSIGNMENTS | {"assignments.add_assignment", "assignments.change_assignment"}
_KEEP_HONORARIA = {f"assignments.{verb}_honorariumthreshold" for verb in ("view", "add", "change")}


def _support_of(*models: str) -> tuple[frozenset[str], frozenset[str]]:
    """Reading content, and writing it as an editor does, without deleting."""
    names = {permission for permission in _WRITE | _PUBLISH if permission.split("_", 1)[1] in models}
    reads = {name for name in names if name.startswith("cms.view_")}
    return frozenset(reads), frozenset(name for name in names if not name.startswith("cms.delete_"))


_ORG_ADMIN = (
    _WRITE
    | _KEEP_CERTIFICATION
    | _DECIDE_CERTIFICATION
    | _SEE_ASSIGNMENTS
    | _KEEP_HONORARIA
    | _PUBLISH
    | _FILES
    | _KEEP_ASSOCIATIONS
    | _KEEP_LOCATIONS
    # Who administers sees how many contacts there are, not who they are.
    | _COUNT_CONTACTS
    | _KEEP_DIAGNOSES
    # Likewise: what counts and what is doubtful, not with whom.
    | _DECIDE_ACTIVITIES
    | _DECIDE_TYPES
    | {"activities.override_activity"}
    | {
        "wagtailadmin.access_admin",
        "simple_translation.submit_translation",
        "wagtailcore.add_workflow",
        "wagtailcore.change_workflow",
        "wagtailcore.delete_workflow",
        "wagtailcore.add_task",
        "wagtailcore.change_task",
        "wagtailcore.delete_task",
        "config.view_terminologyoverride",
        "config.change_terminologyoverride",
        "config.view_featurearea",
        "config.change_featurearea",
        "config.view_organizationsettings",
        "config.change_organizationsettings",
        "audit.view_auditevent",
        # The second of two people, where a private note is released sealed; they see neither it nor whose.
        "people.confirm_noterequest",
        "identity.view_membership",
        "identity.add_membership",
        "identity.change_membership",
        "identity.delete_membership",
        "identity.view_usersession",
        "identity.change_usersession",
        "sync.view_syncdevice",
        "sync.change_syncdevice",
        "identity.view_supportaccessgrant",
        "identity.change_supportaccessgrant",
        "access.view_roleassignment",
        "access.add_roleassignment",
        "access.change_roleassignment",
        "access.view_invitation",
        "access.add_invitation",
        "access.change_invitation",
    }
)
PERMISSIONS: dict[str, frozenset[str]] = {
    Role.PEER_MENTOR: frozenset(
        _SEE_ASSOCIATIONS
        | _LOG_ACTIVITIES
        | {"people.meet_contact", "people.add_contact", "associations.locate_self"}
    ),
    Role.COORDINATOR: frozenset(
        {
            "wagtailadmin.access_admin",
            "config.view_terminologyoverride",
            "identity.view_membership",
            "access.view_roleassignment",
        }
        | _READ
        | _KEEP_CERTIFICATION
        | _SEND_ASSIGNMENTS
        | _SEE_ASSOCIATIONS
        | _KEEP_MEMBERSHIPS
        | _KEEP_LOCATIONS
        | _KEEP_CONTACTS
        | _COUNT_CONTACTS
        | _KEEP_ACTIVITIES
        | _KEEP_INBOX
        | {"people.read_health"}
        | {f"cms.{verb}_faqentry" for verb in ("add", "change")}
        | {f"cms.{verb}_resourcelink" for verb in ("add", "change")}
        | {f"cms.{verb}_conversationcard" for verb in ("add", "change")}
        | {"cms.choose_customimage", "cms.choose_customdocument", "cms.add_customimage"}
    ),
    Role.ORG_ADMIN: frozenset(_ORG_ADMIN),
    Role.FINANCE: frozenset({"wagtailadmin.access_admin"} | _SEE_ASSOCIATIONS),
    Role.AUDITOR: frozenset({"wagtailadmin.access_admin", "audit.view_auditevent"} | _SEE_ASSOCIATIONS),
    Role.PRIVACY_OFFICER: frozenset(
        {
            "wagtailadmin.access_admin",
            "audit.view_auditevent",
            "identity.view_membership",
            "identity.delete_membership",
            "identity.view_supportaccessgrant",
            "access.view_roleassignment",
            "people.delete_contact",
            "people.export_contact",
            "people.confirm_noterequest",
        }
        | _SEE_ASSOCIATIONS
        | _SEE_CONTACTS
    ),
    Role.PEOPLE_READER: frozenset(
        {"wagtailadmin.access_admin", "people.read_health"}
        | _SEE_ASSOCIATIONS
        | _SEE_CONTACTS
        | _COUNT_CONTACTS
    ),
    Role.PLATFORM_STAFF: frozenset(
        _ORG_ADMIN
        | {
            "sales.view_demobooking",
            # Bookings come from the website and are kept: nobody adds or deletes one by hand.
            "sales.change_demobooking",
            "sales.view_demoslot",
            "sales.add_demoslot",
            "sales.change_demoslot",
            "sales.delete_demoslot",
            # What the grant counts holds for all organisations.
            "grants.view_ruleset",
            "grants.add_ruleset",
            "grants.change_ruleset",
            "tenants.view_organization",
            "tenants.add_organization",
            "tenants.change_organization",
            "tenants.view_organizationhierarchy",
            "tenants.add_organizationhierarchy",
            "tenants.change_organizationhierarchy",
            "tenants.delete_organizationhierarchy",
        }
    ),
}
# What a support access grant opens to staff of the platform, per area: to read, and to write as well. Nothing
# here gives roles, answers requests for support, reads or exports the audit record, or ends sessions.
SUPPORT: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    SupportArea.FAQS: _support_of("faqcategory", "faqentry"),
    SupportArea.RESOURCE_LINKS: _support_of("resourcecategory", "resourcelink"),
    SupportArea.CONVERSATION_CARDS: _support_of("carddeck", "conversationcard"),
    SupportArea.FILES: (
        frozenset({"cms.choose_customimage", "cms.choose_customdocument"}),
        frozenset(_FILES),
    ),
    SupportArea.LOCAL_ASSOCIATIONS: (
        frozenset(_SEE_ASSOCIATIONS),
        frozenset(_KEEP_ASSOCIATIONS - _KEEP_MEMBERSHIPS),
    ),
    SupportArea.MEMBERS: (
        frozenset(
            {
                "identity.view_membership",
                "access.view_roleassignment",
                "associations.view_localassociationmembership",
            }
        ),
        frozenset(_KEEP_MEMBERSHIPS),
    ),
    SupportArea.CONTACTS: (
        frozenset(_SEE_CONTACTS | _COUNT_CONTACTS),
        frozenset(_KEEP_CONTACTS),
    ),
    # What mentors did and when: not with whom, not what they wrote, no files and no reports of visits.
    SupportArea.ACTIVITIES: (
        frozenset(
            {"activities.view_activity", "activities.view_activityflag", "activities.view_activitytype"}
        ),
        frozenset(_DECIDE_TYPES),
    ),
    # Publishing a text would ask every mentor anew: nobody does that from outside.
    SupportArea.CERTIFICATION: (
        frozenset(
            f"certification.view_{model}"
            for model in ("mentorcertification", "certificationreminder", "certificationkind")
        ),
        frozenset({"certification.add_certificationkind", "certification.change_certificationkind"}),
    ),
    # Answers say why in somebody's own words: those are not among it, and nothing here can be written.
    SupportArea.ASSIGNMENTS: (
        frozenset({"assignments.view_assignment", "assignments.view_assignmentreadreceipt"}),
        frozenset(),
    ),
    SupportArea.SETTINGS: (
        frozenset(
            {"config.view_terminologyoverride", "config.view_featurearea", "config.view_organizationsettings"}
        ),
        frozenset({"config.change_terminologyoverride", "config.change_featurearea"}),
    ),
}
_SUPPORT_ALWAYS = frozenset({"wagtailadmin.access_admin"})


def support_permissions(areas: Iterable[str], *, write: bool) -> frozenset[str]:
    """What a support access grant for these areas lets its holder do."""
    found = set(_SUPPORT_ALWAYS)
    for area in areas:
        reads, writes = SUPPORT.get(area, (frozenset(), frozenset()))
        found |= reads | writes if write else reads
    return frozenset(found)


# What a share of a local association lets its receiver do there (domain/access/sharing.py).
SHARED = frozenset({"identity.view_membership", "associations.view_localassociationmembership"})


def sync_groups() -> None:
    """Make the shared groups and their permissions equal to the role table.

    Runs after the public schema was migrated: permissions of new models exist by then. A name that does
    not exist yet (Wagtail makes a few in the template's migrations) is given in the next run.
    """
    known = {
        f"{p.content_type.app_label}.{p.codename}": p
        for p in Permission.objects.select_related("content_type")
    }
    with transaction.atomic():
        for role, names in PERMISSIONS.items():
            group, _created = Group.objects.get_or_create(name=Role(role).value)
            group.permissions.set([known[name] for name in names if name in known])
