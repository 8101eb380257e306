"""No reading about people without its event: every address of API and admin that shows rows about them.

The addresses are those of every `EntityViewSet` and `ScopedViewSet` whose model is sensitive; a new one is
among them by itself, and needs a maker here that gives a row about somebody.
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.sessions.backends.cache import SessionStore
from django.db import models
from django.test import RequestFactory
from django.urls import get_resolver, reverse
from django.utils import timezone
from wagtail.admin.viewsets import viewsets

from api import urls as api_urls  # noqa: F401 - registers every entity
from api.core.entities import entities
from cms.admin.scoped import ScopedBulkAction, ScopedChooserViewSet, ScopedViewSet
from cms.admin.scoped.views import ScopedCopyView, ScopedIndexView, ScopedObjectMixin
from domain.access.invitations import invite
from domain.access.models import AssociationShare, Invitation, RoleAssignment
from domain.access.rules import assign_role
from domain.access.sharing import share_association
from domain.activities.models import (
    Activity,
    ActivityAttachment,
    ActivityDocument,
    ActivityFlag,
    HomeVisitReport,
)
from domain.assignments.models import (
    Assignment,
    AssignmentConsent,
    AssignmentReadReceipt,
    HonorariumCrossing,
)
from domain.associations.memberships import join_association
from domain.associations.models import LocalAssociation, LocalAssociationMembership, MentorLocation
from domain.associations.rules import create_association
from domain.audit.context import acting
from domain.audit.models import AuditEvent
from domain.audit.queries import READING_VERBS, reads_about
from domain.audit.reading import RecordsReads, Seen, note_seen, sensitive, subject_columns
from domain.certification.models import (
    CertificationReminder,
    ConfidentialityDeclaration,
    MentorCertification,
    MentorStatus,
)
from domain.identity.models import Membership, User, UserSession
from domain.identity.sessions import open_session
from domain.sync.models import SyncDevice, SyncMutation
from tenants.db import connection
from tenants.models import Organization
from tests.support import rows

pytestmark = pytest.mark.django_db
ADMIN, MENTOR = "admin@nhf.example", "mentor@nhf.example"
# Models that refer to a person and aren't about them, or that no page or address shows.
ABOUT_NOBODY = {
    "admin.LogEntry": "not used",
    "access.UserGroup": "follows the roles",
    "access.UserPermission": "follows the roles",
    "activities.ActivityType": "configuration",
    "activities.HomeVisitFollowUp": "shown with the report of the visit it is about",
    "assignments.HonorariumThreshold": "configuration",
    "config.FeatureArea": "configuration",
    "config.OrganizationSettings": "configuration",
    "config.TerminologyOverride": "configuration",
    "associations.LocalAssociation": "a chapter",
    "associations.MunicipalityPosition": "a place",
    "certification.CertificationKind": "configuration",
    "certification.DeclarationText": "what people sign, not who",
    "files.FileUpload": "who sends it, to whom alone it is shown",
    "files.StoredFile": "who uploaded it; whom it tells of is said by what it belongs to",
    "grants.CountingRule": "configuration",
    "grants.RuleSet": "configuration",
    "identity.SupportAccessGrant": "what the platform's staff did here, which the organisation is told of",
    "people.ContactStatusChange": "shown with the contact it is about",
    "people.DiagnosisCategory": "configuration",
    "sales.DemoSlot": "a time",
    "sales.DemoBooking": "a request of someone who asked to be called back; on the platform alone",
    "identity.RefreshToken": "shown nowhere",
    "identity.PasskeyChallenge": "shown nowhere",
    "identity.RecoveryCode": "shown nowhere",
    "identity.KnownDevice": "shown nowhere but to oneself",
    "sync.ClientIdMapping": "what somebody's phone calls its rows; shown to them alone",
    "sync.SyncView": "shown nowhere",
}
# Details that hold another row as it is now, which changes without them.
OPENED = {("sync/inbox", "read")}
# Pages of the admin that nobody opens but who sent it, here the system: tests/assignments open them.
SHOWN_TO_THE_SENDER = {("assignments", "content")}


def make_association() -> LocalAssociation:
    return create_association(name="Grorud", number="101", parent=None, by=None)


def make_invitation(user: User) -> Invitation:
    made = invite(email="somebody@else.example", role="coordinator", local_association=None, by=None)
    Invitation.objects.filter(pk=made.pk).update(accepted_at=timezone.now(), accepted_by=user)
    return made


def by_kind(kind: str) -> Callable[[User], models.Model]:
    """A row of a local association that the administrator coordinates as well: more is shown to them so."""

    def make(user: User) -> models.Model:
        association, reader = make_association(), User.objects.get(email=ADMIN)
        assign_role(reader, "coordinator", local_association=association, by=None)
        return rows.MAKERS[kind](association, user)

    return make


def make_refused(user: User) -> models.Model:
    """Sent by somebody who belongs where the administrator coordinates as well."""
    association, reader = make_association(), User.objects.get(email=ADMIN)
    assign_role(reader, "coordinator", local_association=association, by=None)
    join_association(user=user, association=association, by=None)
    return rows.MAKERS["sync-mutation"](association, user)


MAKERS: dict[type[models.Model], Callable[[User], models.Model]] = {
    User: lambda user: user,
    Membership: lambda user: Membership.objects.here().get(user=user),
    RoleAssignment: lambda user: assign_role(
        user, "coordinator", local_association=make_association(), by=None
    ),
    LocalAssociationMembership: lambda user: join_association(
        user=user, association=make_association(), by=None
    ),
    AssociationShare: lambda user: share_association(
        make_association(), user=user, until=timezone.localdate() + timedelta(days=7), reason="Leave", by=None
    ),
    Invitation: make_invitation,
    SyncMutation: make_refused,
    UserSession: lambda user: open_session(user, Organization.objects.get(schema_name="nhf")).session,
    **{
        model: by_kind(kind)
        for kind, model in {
            "activity": Activity,
            "activity-attachment": ActivityAttachment,
            "activity-document": ActivityDocument,
            "activity-flag": ActivityFlag,
            "assignment": Assignment,
            "certification": MentorCertification,
            "consent": AssignmentConsent,
            "crossing": HonorariumCrossing,
            "declaration": ConfidentialityDeclaration,
            "home-visit-report": HomeVisitReport,
            "mentor-location": MentorLocation,
            "mentor-status": MentorStatus,
            "receipt": AssignmentReadReceipt,
            "reminder": CertificationReminder,
            "sync-device": SyncDevice,
        }.items()
    },
}


@pytest.fixture
def mentor(nhf, person):
    return person(MENTOR)


def of_sensitive_models(kind) -> list:
    assert get_resolver().url_patterns  # They are registered when the addresses are first read.
    return [
        one
        for one in viewsets.viewsets
        if isinstance(one, kind) and sensitive(one.model) and is_here(one.model)
    ]


def is_here(model: type[models.Model]) -> bool:
    """An administrator sees no contacts: that reading them is recorded is held by tests/people."""
    return model._meta.app_label != "people"


def reads() -> list[AuditEvent]:
    """The events of reading so far, oldest first."""
    connection.set_schema("nhf")
    events = AuditEvent.objects.order_by("at", "id")
    return [event for event in events if event.action.rpartition(".")[2] in READING_VERBS]


class Reads:
    """What each request has added to the record of reads."""

    def __init__(self):
        self.known = len(reads())

    def new(self) -> list[AuditEvent]:
        every = reads()
        added, self.known = every[self.known :], len(every)
        return added


def test_every_model_with_a_person_is_about_them_or_says_why_not():
    people = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("domain.")
        and any(field.related_model is User for field in model._meta.concrete_fields)
    }
    about = {model._meta.label for model in apps.get_models() if subject_columns(model)}
    assert people - about <= set(ABOUT_NOBODY)
    assert not about & set(ABOUT_NOBODY)
    for model in apps.get_models():
        for column in subject_columns(model):
            owner = model
            for name in column.removesuffix("_id").split("__"):
                field = owner._meta.get_field(name)
                assert isinstance(field, models.Field), model
                owner = field.related_model


@pytest.mark.parametrize(
    "path",
    sorted(path for path, view in entities.items() if sensitive(view.model()) and is_here(view.model())),
)
def test_whatever_the_api_shows_of_people_is_on_the_record(api_of, mentor, path):
    view = entities[path]
    model = view.model()
    row, client, seen = MAKERS[model](mentor), api_of("nhf", ADMIN), Reads()
    noun = getattr(model, "audit_noun", "") or model._meta.model_name
    urls = {}
    if "list" in view.verbs:
        urls["listed"] = f"/api/v1/{path}/?page_size=200"
    if "retrieve" in view.verbs:
        urls["read"] = f"/api/v1/{path}/{row.pk}/"
    assert urls
    for verb, url in urls.items():
        answer = client.get(url)
        assert answer.status_code == 200, answer.content
        [event] = seen.new()
        assert event.action == f"{noun}.{verb}"
        assert mentor.pk in event.subject_ids
        assert event.actor_id not in event.subject_ids, "what is about oneself is not told"
        assert event.session_id is not None
        if verb == "read":
            assert event.object_id == str(row.pk)
            assert event.subject_ids == [mentor.pk]
            assert event.object_label == (row.email if model is Invitation else str(mentor))
        else:
            assert event.changes["rows"][1] >= 1
        # What the caller has already is not sent, and not recorded; unless it was opened to find that out.
        assert client.get(url, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
        assert [event.action for event in seen.new()] == [f"{noun}.read"] * ((path, verb) in OPENED)


def test_reading_about_oneself_or_what_is_about_nobody_is_not_recorded(api_of, mentor):
    mine = Membership.objects.here().get(user=mentor)
    client, seen = api_of("nhf", MENTOR), Reads()
    for url in (f"/api/v1/memberships/{mine.pk}/", "/api/v1/memberships/", "/api/v1/me/"):
        assert client.get(url).status_code == 200
    assert client.get("/api/v1/local-associations/").status_code == 200
    assert api_of("nhf", ADMIN).get("/api/v1/feature-areas/").status_code == 200
    assert seen.new() == []


def test_a_row_about_someone_who_can_no_longer_be_named_is_read_all_the_same(api_of, nhf, person):
    """As support's session, when the access is over: the policies hide the person, not what they did."""
    with connection.as_owner():
        stranger = User.objects.create(first_name="Sigrid", last_name="Support")
        session = UserSession.objects.create(
            user=stranger, organization=nhf, expires_at=timezone.now() + timedelta(hours=1)
        )
    answer = api_of("nhf", ADMIN).get(f"/api/v1/sessions/{session.pk}/")
    assert (answer.status_code, answer.json()["user"]) == (200, str(stranger.pk))
    event = AuditEvent.objects.get(subject_ids__contains=[stranger.pk])
    assert (event.action.split(".")[-1], event.object_id) == ("read", str(session.pk))
    assert b"Sigrid" not in answer.content


def test_what_is_not_found_or_refused_was_not_read(api_of, browser_of, mentor, person):
    theirs = Membership.objects.here().get(user=person(ADMIN))
    seen = Reads()
    assert api_of("nhf", MENTOR).get(f"/api/v1/memberships/{theirs.pk}/").status_code == 404
    assert browser_of("nhf", MENTOR).get(f"/admin/members/inspect/{theirs.pk}/").status_code != 200
    assert seen.new() == []


@pytest.mark.parametrize("name", [one.name for one in of_sensitive_models(ScopedViewSet)])
def test_whatever_the_admin_shows_of_people_is_on_the_record(browser_of, mentor, name):
    viewset = next(one for one in of_sensitive_models(ScopedViewSet) if one.name == name)
    row, client, seen = MAKERS[viewset.model](mentor), browser_of("nhf", ADMIN), Reads()
    tried = []
    for pattern in viewset.get_urlpatterns():
        shown = pattern.callback.view_class
        if issubclass(shown, ScopedObjectMixin | ScopedCopyView):
            urls = [reverse(viewset.get_url_name(pattern.name), args=[row.pk])]
        elif issubclass(shown, ScopedIndexView):
            url = reverse(viewset.get_url_name(pattern.name))
            urls = [url, f"{url}?export=csv", f"{url}?export=xlsx"] if pattern.name == "index" else [url]
        else:
            continue
        for url in urls:
            answer = client.get(url)
            if (name, pattern.name) in SHOWN_TO_THE_SENDER:
                assert (answer.status_code, seen.new()) == (404, []), url
                continue
            assert answer.status_code == 200, (url, answer)
            [event] = seen.new()
            assert mentor.pk in event.subject_ids, url
            tried.append(event.action.rpartition(".")[2])
    # A list whose rows have no page of their own leads to pages of others.
    has_pages = any("pk" in pattern.pattern.converters for pattern in viewset.get_urlpatterns())
    assert {"listed", "exported", *(["read"] if has_pages else [])} <= set(tried)


def test_a_form_that_was_refused_has_been_read(browser_of, mentor):
    row = Membership.objects.here().get(user=mentor)
    client, seen = browser_of("nhf", ADMIN), Reads()
    assert client.post(reverse("members:edit", args=[row.pk]), {"version": "999"}).status_code == 200
    assert [event.object_id for event in seen.new()] == [str(row.pk)]


def test_an_empty_list_tells_of_nobody(browser_of, mentor):
    seen = Reads()
    assert browser_of("nhf", ADMIN).get(f"{reverse('members:index')}?q=nobodyiscalledthis").status_code == 200
    assert seen.new() == []


def test_who_belongs_to_an_association_is_read_on_its_page(browser_of, mentor):
    place = join_association(user=mentor, association=make_association(), by=None).association
    seen = Reads()
    url = reverse("local_associations:inspect", args=[place.pk])
    assert browser_of("nhf", ADMIN).get(url).status_code == 200
    assert [(event.action, event.subject_ids) for event in seen.new()] == [
        ("localassociationmembership.listed", [mentor.pk])
    ]


def test_choosing_among_sensitive_rows_is_on_the_record(browser_of, mentor):
    [chooser] = of_sensitive_models(ScopedChooserViewSet)
    client, seen = browser_of("nhf", ADMIN), Reads()
    for name in ("choose", "choose_results", "chosen", "chosen_multiple"):
        url = reverse(chooser.get_url_name(name), args=[mentor.pk] if name == "chosen" else [])
        assert client.get(url, {"id": str(mentor.pk)}).status_code == 200
        [event] = seen.new()
        assert mentor.pk in event.subject_ids, name


def test_ticking_several_people_is_on_the_record(nhf, mentor, person):
    [members] = [one for one in of_sensitive_models(ScopedViewSet) if one.model is Membership]
    row = Membership.objects.here().get(user=mentor)

    class Nothing(ScopedBulkAction):
        display_name = action_type = aria_label = "nothing"
        viewset = members

    request = RequestFactory().get("/", {"id": str(row.pk)})
    request.user, request.tenant, request.session = person(ADMIN), nhf, SessionStore()
    seen = Reads()
    assert Nothing(request, Membership).get(request).status_code == 200
    assert [event.subject_ids for event in seen.new()] == [[mentor.pk]]


def test_under_support_access_what_was_read_is_recorded_once(nhf, mentor, person):
    class View(RecordsReads):
        request = type("Request", (), {"user": person(ADMIN)})

    grant = UUID(int=7)
    with acting(grant_id=grant):
        event = View().note_list([Membership.objects.here().get(user=mentor)])
    assert (event.grant_id, event.on_behalf_of_id, event.on_behalf_of_label) == (grant, nhf.pk, str(nhf))
    assert list(reads_about(mentor.pk)) == [event]


def test_more_people_than_one_event_may_name_are_in_several(nhf, person):
    rows = [Seen(frozenset({UUID(int=number)})) for number in range(1, 2302)]
    last = note_seen(Membership, rows, by=person(ADMIN), verb="exported", changes={"filters": "none"})
    found = AuditEvent.objects.filter(action="membership.exported")
    assert sorted(len(event.subject_ids) for event in found) == [301, 1000, 1000]
    assert last.changes == {"rows": [None, 301], "filters": [None, "none"]}
