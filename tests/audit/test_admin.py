"""The record in the admin: readable, narrowed down, per person and object, with its proof, exported."""

import io
import zipfile
from uuid import uuid4

import pytest
from django.urls import reverse

from domain.audit import verify_audit
from domain.audit.context import acting
from domain.audit.models import AuditEvent
from domain.audit.rules import record, record_read
from tenants.db import connection
from tests.audit.sealed import seal_alone, seal_and_anchor
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(nhf, person):
    return person("admin@nhf.example")


@pytest.fixture
def mentor(nhf, person):
    return person("mentor@nhf.example")


@pytest.fixture
def page(browser_of, admin):
    browser = browser_of("nhf", "admin@nhf.example")

    def get(name: str, *arguments, **query) -> str:
        address = reverse(f"audit:{name}", args=arguments)
        answer = browser.get(address, query, headers={"accept-language": "en"})
        assert answer.status_code == 200
        connection.set_schema("nhf")
        return answer.content.decode()

    return get


def test_the_timeline_says_in_sentences_what_happened(page, admin, mentor):
    record(
        "membership.suspended",
        mentor,
        by=admin,
        changes={"status": ("active", "suspended")},
        reason="Left us",
    )
    shown = page("index")
    assert f"{admin} suspended the membership of “{mentor}”" in shown
    assert "Left us" in shown
    assert "Waits" in shown


def test_it_says_whom_something_was_done_for_and_that_support_did_it(page, admin, mentor):
    with acting(grant_id=uuid4(), on_behalf_of=mentor):
        record("membership.suspended", mentor, by=admin)
    shown = page("index")
    assert f"on behalf of {mentor}" in shown
    assert "under support access" in shown


def test_what_support_does_is_done_on_behalf_of_the_organisation(page, nhf, admin, mentor):
    with acting(grant_id=uuid4()):
        event = record("membership.suspended", mentor, by=admin)
    assert (event.on_behalf_of_id, event.on_behalf_of_label) == (nhf.pk, str(nhf))
    for shown in (page("index"), page("event", event.pk)):
        assert str(nhf) in shown
    assert f"on behalf of {nhf}" in page("index", kind="support")


def test_it_is_narrowed_down_by_day_kind_person_and_object(page, admin, mentor):
    record("membership.suspended", mentor, by=admin)
    record_read(mentor, by=None)
    suspended, read = "suspended the membership of", "read the person"
    assert suspended in page("index", kind="changes")
    assert read not in page("index", kind="changes")
    assert read in page("index", kind="reads")
    assert suspended not in page("index", kind="reads")
    assert suspended not in page("index", kind="support")
    assert suspended in page("index", actor=admin.last_name[:3])
    assert read not in page("index", actor=admin.last_name[:3])
    assert suspended in page("index", label=mentor.last_name)
    assert suspended not in page("index", label="nobody of that name")
    assert suspended not in page("index", at_from="2001-01-01", at_to="2001-01-02")


def test_who_has_read_about_a_person_is_told_without_what_they_did(page, admin, mentor):
    record_read(mentor, by=None, reason="Nightly letter")
    record_read([mentor, admin], by=admin, verb="listed")
    record("membership.suspended", mentor, by=admin, subject_ids=[mentor.pk])
    shown = page("person_read", mentor.pk)
    assert "Nightly letter" in shown
    assert "looked through" in shown
    assert "suspended the membership of" not in shown
    assert "suspended the membership of" in page("person_about", mentor.pk)
    assert "suspended the membership of" in page("person_did", admin.pk)


def test_looking_at_a_person_is_recorded_too(page, admin, mentor):
    page("person_did", mentor.pk)
    event = AuditEvent.objects.get(action="audit-event.read")
    assert (event.actor_id, event.subject_ids) == (admin.pk, [mentor.pk])


def test_a_person_of_another_organisation_does_not_exist(browser_of, admin, person):
    connection.set_schema("platform")
    stranger = person("owner@meander.example")
    answer = browser_of("nhf", "admin@nhf.example").get(reverse("audit:person_did", args=[stranger.pk]))
    assert answer.status_code == 404


def test_what_support_did_is_shown_though_they_are_no_members(page, admin, person):
    connection.set_schema("platform")
    staff = person("owner@meander.example")
    connection.set_schema("nhf")
    with acting(grant_id=uuid4()):
        record("settings.changed", admin, by=staff)
    shown = page("person_did", staff.pk)
    assert f"What {staff} did" in shown
    assert "changed the settings of" in shown


def test_an_event_shows_its_changes_in_words_and_its_proof(page, nhf, admin, mentor):
    with acting(network="192.0.2.0/24"):
        event = record(
            "settings.changed", mentor, by=admin, changes={"language": ("nb", "nn")}, subject_ids=[mentor.pk]
        )
    shown = page("event", event.pk)
    assert "192.0.2.0/24" in shown
    assert "Waits to be sealed" in shown
    assert reverse("audit:person_read", args=[mentor.pk]) in shown
    assert reverse("audit:object", args=["identity.user", mentor.pk]) in shown


def test_the_history_of_an_object_stands_below_its_last_name(page, admin, mentor):
    record("user.changed", mentor, by=admin)
    shown = page("object", "identity.user", str(mentor.pk))
    assert f"History of {mentor}" in shown


@pytest.mark.parametrize("email", ["coordinator@nhf.example", "mentor@nhf.example"])
def test_others_are_refused(browser_of, nhf, mentor, email):
    browser = browser_of("nhf", email)
    event = record("user.changed", mentor, by=None)
    for address in (
        reverse("audit:index"),
        reverse("audit:results"),
        reverse("audit:event", args=[event.pk]),
        reverse("audit:person_read", args=[mentor.pk]),
        reverse("audit:object", args=["identity.user", mentor.pk]),
        reverse("audit:export"),
    ):
        assert browser.get(address).status_code in {302, 403}
        connection.set_schema("nhf")
    assert not AuditEvent.objects.filter(action="audit-event.read").exists()


def test_another_organisations_record_is_not_shown(browser_of, blindeforbundet, person):
    event = record("user.changed", person("mentor@nhf.example"), by=None, reason="Canary")
    browser = browser_of("nhf", "admin@nhf.example")
    assert "Canary" not in browser.get(reverse("audit:index")).content.decode()
    assert browser.get(reverse("audit:event", args=[event.pk])).status_code == 404


def test_an_export_is_asked_for_written_fetched_and_recorded(browser_of, nhf, admin, settings, tmp_path):
    browser = browser_of("nhf", "admin@nhf.example")
    record("user.changed", admin, by=admin)
    seal_and_anchor(nhf)
    assert browser.post(reverse("audit:export")).status_code == 302
    assert work_off() == ["done"]
    shown = browser.get(reverse("audit:export")).content.decode()
    connection.set_schema("nhf")
    event = AuditEvent.objects.get(action="audit-event.exported")
    assert event.actor_id == admin.pk
    from tenants.models import JobRun

    run = JobRun.objects.get(name="audit.export")
    address = reverse("audit:export_file", args=[run.pk])
    assert address in shown
    assert browser.get(reverse("audit:export_state", args=[run.pk])).json()["ended"] is True
    answer = browser.get(address)
    assert answer["Content-Disposition"].endswith('.zip"')
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert "verify_audit.py" in archive.namelist()
    other = browser_of("blindeforbundet", "both@meander.example")
    assert other.get(address).status_code in {302, 403, 404}


def test_the_proof_of_an_event_is_downloaded_and_checked(browser_of, page, nhf, admin, mentor, tmp_path):
    event = record("membership.suspended", mentor, by=admin, reason="Left us")
    browser, address = browser_of("nhf", "admin@nhf.example"), reverse("audit:proof", args=[event.pk])
    assert browser.get(address)["Location"] == reverse("audit:event", args=[event.pk]), "not sealed yet"
    connection.set_schema("nhf")
    seal_alone(nhf, event)
    assert address in page("event", event.pk)
    answer = browser.get(address)
    assert answer["Content-Disposition"].startswith("attachment")
    file = tmp_path / "proof.json"
    file.write_bytes(answer.content)
    assert verify_audit.main([str(file)]) == 0
    connection.set_schema("nhf")
    taken = AuditEvent.objects.get(action="event-proof.exported")
    assert (taken.actor_id, taken.object_id) == (admin.pk, str(event.pk))


def test_the_menu_leads_to_it_for_whoever_may_read_it(browser_of, nhf):
    address = reverse("audit:index")
    home = "/admin/"
    assert address in browser_of("nhf", "admin@nhf.example").get(home).content.decode()
    assert address not in browser_of("nhf", "coordinator@nhf.example").get(home).content.decode()
