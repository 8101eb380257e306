"""Every address of every ScopedViewSet: own rows open, those of a sibling chapter or elsewhere don't exist.

A model that gets a ScopedViewSet gets a maker in `MAKERS` (tests/support/rows.py has them): one row is made
in Øst, where the coordinator sees it, and one in Vest, where they don't. Every role, and what is no
ScopedViewSet: tests/rights.
"""

import io
import json
from uuid import uuid4

import pytest
from django.urls import get_resolver, reverse
from django_tenants.utils import schema_context
from openpyxl import load_workbook
from wagtail.admin.viewsets import viewsets

from cms.admin.scoped import ScopedChooserViewSet, ScopedViewSet
from domain.access.models import AssociationShare, Invitation, RoleAssignment
from domain.activities.models import (
    Activity,
    ActivityDocument,
    ActivityFlag,
    ActivityType,
    HomeVisitFollowUp,
)
from domain.assignments.models import Assignment, HonorariumThreshold
from domain.associations import rules
from domain.associations.models import (
    LocalAssociation,
    LocalAssociationMembership,
    MentorLocation,
    MunicipalityPosition,
)
from domain.certification.models import (
    CertificationKind,
    CertificationReminder,
    ConfidentialityDeclaration,
    DeclarationText,
    MentorCertification,
    MentorStatus,
)
from domain.grants.models import RuleSet
from domain.identity.models import Membership, User
from domain.people.models import (
    Caregiver,
    Contact,
    ContactNote,
    ContactRelative,
    ContactShare,
    DiagnosisCategory,
    Note,
    NoteRequest,
    RegisteredRelative,
)
from domain.sync.models import SyncDevice, SyncMutation
from tests.support.location_rows import make_mentor_location, make_municipality_position
from tests.support.rows import (
    make_certification,
    make_contact,
    make_declaration,
    make_flag,
    make_local_membership,
    make_membership,
    make_mentor_status,
    make_relative,
    make_role,
    make_share,
)

pytestmark = pytest.mark.django_db
ADMIN, KARIM = "admin@nhf.example", "coordinator@nhf.example"
FOREIGN_ADMIN = "admin@blindeforbundet.example"


MAKERS = {
    ActivityFlag: make_flag,
    MentorCertification: make_certification,
    MentorStatus: make_mentor_status,
    MentorLocation: make_mentor_location,
    MunicipalityPosition: make_municipality_position,
    ConfidentialityDeclaration: make_declaration,
    Membership: make_membership,
    Contact: make_contact,
    RegisteredRelative: make_relative,
    User: lambda association, user: user,
    AssociationShare: make_share,
    LocalAssociation: lambda association, user: association,
    LocalAssociationMembership: make_local_membership,
    RoleAssignment: make_role,
}
# Of these every member sees every row: there is none of a sibling's to hide.
SEEN_BY_ALL = {LocalAssociation, MunicipalityPosition}


def make(model, tree, person):
    """A row in Øst, and one in Vest."""
    own = MAKERS[model](tree.grorud, person("mentor@nhf.example"))
    if model in SEEN_BY_ALL:
        return own, None
    return own, MAKERS[model](tree.bergen, person("both@meander.example"))


# Tested where they are at home: no coordinator sees any (tests/members, tests/sync), or no administrator
# (tests/people, tests/assignments).
ELSEWHERE: set[type] = {
    Assignment,
    HonorariumThreshold,
    Invitation,
    CertificationKind,
    CertificationReminder,
    DeclarationText,
    Caregiver,
    Contact,
    ContactNote,
    ContactRelative,
    ContactShare,
    DiagnosisCategory,
    Note,
    NoteRequest,
    RegisteredRelative,
    SyncDevice,
    SyncMutation,
    ActivityType,
    Activity,
    ActivityDocument,
    HomeVisitFollowUp,
    RuleSet,
}


def scoped_viewsets(kind):
    assert get_resolver().url_patterns  # They are registered when the addresses are first read.
    return [viewset for viewset in viewsets.viewsets if isinstance(viewset, kind)]


def names():
    return [viewset.name for viewset in scoped_viewsets(ScopedViewSet) if viewset.model not in ELSEWHERE]


def viewset_of(name):
    return next(viewset for viewset in scoped_viewsets(ScopedViewSet) if viewset.name == name)


def addresses(viewset, pk) -> dict[str, str]:
    """Every address that names a row."""
    return {
        pattern.name: reverse(viewset.get_url_name(pattern.name), args=[pk])
        for pattern in viewset.get_urlpatterns()
        if "pk" in pattern.pattern.converters
    }


def lists(viewset) -> dict[str, str]:
    return {
        pattern.name: reverse(viewset.get_url_name(pattern.name))
        for pattern in viewset.get_urlpatterns()
        if not pattern.pattern.converters
    }


@pytest.fixture
def rows(tree, east_coordinator, person, request):
    """{model: (row in Øst, row in Vest or None)}, of the model that is tested."""
    asked = viewset_of(request.getfixturevalue("name")).model
    return {asked: make(asked, tree, person)}


def is_refused(response) -> bool:
    """Wagtail refuses a page by a message on the admin's first page."""
    return response.status_code == 403 or (
        response.status_code == 302 and response["Location"] in ("/admin/", reverse("wagtailadmin_home"))
    )


def test_every_scoped_viewset_is_tested_here_or_where_it_is_at_home():
    assert {viewset.model for viewset in scoped_viewsets(ScopedViewSet)} <= set(MAKERS) | ELSEWHERE


@pytest.mark.parametrize("name", names())
def test_an_administrator_opens_every_page_of_a_row(rows, browser_of, name):
    viewset = viewset_of(name)
    client = browser_of("nhf", ADMIN)
    for row in rows[viewset.model]:
        for view, address in addresses(viewset, row.pk).items() if row else ():
            assert client.get(address).status_code == 200, view


@pytest.mark.parametrize("name", names())
def test_a_coordinator_opens_rows_of_the_region_or_is_refused_and_finds_no_others(rows, browser_of, name):
    viewset = viewset_of(name)
    client = browser_of("nhf", KARIM)
    own, sibling = rows[viewset.model]
    for view, address in addresses(viewset, own.pk).items():
        response = client.get(address)
        assert response.status_code == 200 or is_refused(response), view
    if sibling is None:
        return
    for view, address in addresses(viewset, sibling.pk).items():
        unknown = address.replace(str(sibling.pk), str(uuid4()))
        for method in (client.get, client.post):
            found, missing = method(address), method(unknown)
            assert found.status_code == missing.status_code == 404, view


@pytest.mark.parametrize("name", names())
def test_rows_of_another_organisation_do_not_exist(rows, browser_of, name):
    viewset = viewset_of(name)
    client = browser_of("blindeforbundet", FOREIGN_ADMIN)
    for row in rows[viewset.model]:
        for view, address in addresses(viewset, row.pk).items() if row else ():
            assert client.get(address).status_code == 404, view
            assert client.post(address).status_code == 404, view


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("pk", ["x", "1", "999999", "0", "../../etc", "00000000-0000-0000-0000-000000000000"])
def test_an_id_that_is_none_is_not_found(rows, browser_of, name, pk):
    viewset = viewset_of(name)
    client = browser_of("nhf", ADMIN)
    own = rows[viewset.model][0]
    for view, address in addresses(viewset, own.pk).items():
        assert client.get(address.replace(str(own.pk), pk)).status_code == 404, view


@pytest.mark.parametrize("name", names())
def test_what_a_viewset_does_not_offer_has_no_address(rows, browser_of, name):
    viewset = viewset_of(name)
    client = browser_of("nhf", ADMIN)
    row = rows[viewset.model][0]
    offered = set(addresses(viewset, row.pk))
    for view in {"usage", "reorder", "copy", "delete", "edit", "history"} - offered:
        assert client.get(f"/admin/{viewset.url_prefix}/{view}/{row.pk}/").status_code == 404, view


def shown(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    if response.get("Content-Type", "").startswith("application/vnd"):
        book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
        return json.dumps([[str(cell.value) for cell in row] for row in book.active], ensure_ascii=False)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode()


@pytest.mark.parametrize("name", names())
def test_lists_and_exports_show_rows_of_the_region_only(rows, browser_of, name):
    viewset = viewset_of(name)
    own, sibling = rows[viewset.model]
    client = browser_of("nhf", KARIM)
    pages = [address for view, address in lists(viewset).items() if view in ("index", "index_results")]
    if is_refused(client.get(pages[0])):
        return
    index = lists(viewset)["index"]
    pages += [f"{index}?export={kind}" for kind in ("csv", "xlsx")] if viewset.list_export else []
    own_mark, sibling_mark = marks(own), marks(sibling) if sibling else None
    for page in pages:
        text = shown(client, page)
        assert own_mark in text, page
        if sibling_mark:
            assert sibling_mark not in text, page
            assert str(sibling.pk) not in text, page


def marks(row) -> str:
    """A word that stands in a list for this row and for no other."""
    row = getattr(row, "activity", row)
    user = row if isinstance(row, User) else getattr(row, "user", None) or getattr(row, "mentor", None)
    return user.last_name if user else getattr(row, "name", "") or row.last_name


@pytest.mark.parametrize("name", [v.name for v in scoped_viewsets(ScopedChooserViewSet)])
def test_choosers_offer_and_accept_what_the_caller_sees(tree, person, browser_of, name):
    viewset = next(v for v in scoped_viewsets(ScopedChooserViewSet) if v.name == name)
    own, _sibling = make(viewset.model, tree, person)
    # An administrator sees no contacts.
    client = browser_of("nhf", KARIM if viewset.model in ELSEWHERE else ADMIN)
    foreign = browser_of("blindeforbundet", FOREIGN_ADMIN)
    url = lambda view, *args: reverse(viewset.get_url_name(view), args=args)  # noqa: E731
    assert marks(own) in client.get(url("choose_results")).content.decode()
    assert client.get(url("choose")).status_code == 200
    assert json.loads(client.get(url("chosen", own.pk)).content)["result"]["id"] == str(own.pk)
    assert str(own.pk) in client.get(f"{url('chosen_multiple')}?id={own.pk}&id=x").content.decode()
    for pk in (uuid4(), "x", "1'"):
        assert client.get(url("chosen", pk)).status_code == 404
    assert marks(own) not in foreign.get(url("choose_results")).content.decode()
    assert foreign.get(url("chosen", own.pk)).status_code in (302, 404)
    assert str(own.pk) not in foreign.get(f"{url('chosen_multiple')}?id={own.pk}").content.decode()
    nobody = browser_of("nhf").get(url("choose"))
    assert "/admin/login/" in nobody["Location"]


def test_a_form_offers_and_names_choices_in_scope_only(tree, east_coordinator, browser_of, person):
    client = browser_of("nhf", KARIM)
    add = reverse("local_memberships:add")
    mentor = person("mentor@nhf.example")
    assert str(mentor) not in client.get(add).content.decode()
    response = client.post(
        add, {"user": mentor.pk, "association": tree.bergen.pk, "valid_from": "2026-01-01"}
    )
    assert response.status_code == 200
    assert "Bergen" not in response.content.decode()
    assert not LocalAssociationMembership.objects.exists()


def test_a_filter_offers_no_row_out_of_scope(tree, east_coordinator, browser_of):
    client = browser_of("nhf", KARIM)
    with schema_context("blindeforbundet"):
        elsewhere = rules.create_association(name="Langtvekkistan", number="1", by=None)
    page = client.get(f"{reverse('local_memberships:index')}?association={elsewhere.pk}")
    assert page.status_code == 200
    assert "Langtvekkistan" not in page.content.decode()


def edit_data(row, **values):
    fields = ("name", "number", "kind", "organization_number", "municipality", "county", "email", "phone")
    return {
        **{name: getattr(row, name) for name in fields},
        "paying_entity": "",
        "account_dimension": "",
        "version": row.version,
        **values,
    }


def test_a_stale_form_says_what_changed_and_keeps_what_was_typed(tree, browser_of, person):
    client = browser_of("nhf", ADMIN)
    edit = reverse("local_associations:edit", args=[tree.grorud.pk])
    data = edit_data(tree.grorud, name="Grorud lag")
    rules.change_association(tree.grorud, changes={"name": "Grorud Øst"}, by=person(ADMIN))
    response = client.post(edit, data)
    said = " ".join(response.context["form"].non_field_errors())
    assert "Astrid Moen" in said
    assert "“Grorud Øst”" in said or "«Grorud Øst»" in said
    assert 'value="Grorud lag"' in response.content.decode()
    assert LocalAssociation.objects.get(pk=tree.grorud.pk).name == "Grorud Øst"
    # Saving once more is done knowingly: the page now carries the present version.
    again = response.context["form"]
    assert client.post(edit, {**data, "version": again["version"].value()}).status_code == 302
    assert LocalAssociation.objects.get(pk=tree.grorud.pk).name == "Grorud lag"


def test_a_form_without_version_is_refused(tree, browser_of):
    client = browser_of("nhf", ADMIN)
    data = edit_data(tree.grorud, name="Uten")
    del data["version"]
    client.post(reverse("local_associations:edit", args=[tree.grorud.pk]), data)
    assert LocalAssociation.objects.get(pk=tree.grorud.pk).name == "Grorud"


def test_what_a_rule_refuses_stands_at_its_field(tree, browser_of):
    client = browser_of("nhf", ADMIN)
    response = client.post(
        reverse("local_associations:edit", args=[tree.grorud.pk]), edit_data(tree.grorud, phone="ring meg")
    )
    assert response.context["form"].errors["phone"]


def test_an_export_is_on_the_record_and_runs_no_formula(tree, browser_of, person):
    from domain.audit.models import AuditEvent

    rules.change_association(tree.grorud, changes={"name": "=1+1"}, by=None)
    client = browser_of("nhf", ADMIN)
    text = shown(client, f"{reverse('local_associations:index')}?export=csv")
    assert "'=1+1" in text
    assert '"=1+1' not in text
    event = AuditEvent.objects.get(action="localassociation.exported")
    assert event.changes["rows"] == [None, 6]


def test_operational_rows_leave_no_trace_in_wagtails_own_log_or_index(tree, browser_of):
    from wagtail.models import ModelLogEntry, ReferenceIndex

    client = browser_of("nhf", ADMIN)
    data = edit_data(tree.grorud, name="Grorud lag", paying_entity=tree.norge.pk)
    assert client.post(reverse("local_associations:edit", args=[tree.grorud.pk]), data).status_code == 302
    assert not ModelLogEntry.objects.filter(object_id=str(tree.grorud.pk)).exists()
    assert not ReferenceIndex.objects.filter(object_id=str(tree.grorud.pk)).exists()
    history = client.get(reverse("local_associations:history", args=[tree.grorud.pk])).content.decode()
    assert "Grorud lag" in history
