"""The pages of the admin: from an open checklist to a printed certificate."""

import pytest

from domain.certification import declarations, pausing, rules
from domain.certification.models import (
    CertificationKind,
    ConfidentialityDeclaration,
    DeclarationText,
    MentorCertification,
    MentorStatus,
)
from domain.certification.queries import today_here
from domain.config.rules import set_area
from tests.certification.conftest import ADMIN, COORDINATOR

pytestmark = pytest.mark.django_db


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_a_coordinator_opens_a_checklist_ticks_it_and_issues(browser_of, karim, solveig, kind):
    client = browser_of("nhf", COORDINATOR)
    answer = client.post("/admin/certifications/new/", {"user": solveig.pk, "kind": kind.pk})
    held = MentorCertification.objects.get(user=solveig)
    assert answer["Location"].endswith(f"/inspect/{held.pk}/")
    refused = client.post(f"/admin/certifications/issue/{held.pk}/", {"version": 1, "day": today_here()})
    assert "mangler fremdeles" in refused.content.decode()
    for requirement in ("course", "yearly_talk"):
        held.refresh_from_db()
        address = f"/admin/certifications/tick/{held.pk}/?requirement={requirement}"
        client.post(address, {"version": held.version, "done_on": today_here()})
    held.refresh_from_db()
    text = page(client, f"/admin/certifications/inspect/{held.pk}/")
    assert f'class="button" href="/admin/certifications/issue/{held.pk}/"' in text
    client.post(f"/admin/certifications/issue/{held.pk}/", {"version": held.version, "day": today_here()})
    held.refresh_from_db()
    assert held.status == "valid"
    text = page(client, f"/admin/certifications/inspect/{held.pk}/")
    assert held.grouped_code in text
    assert "<svg" in text
    sheet = page(client, f"/admin/certifications/print/{held.pk}/")
    assert held.number in sheet
    assert f"/verify/{held.verification_code}/" in sheet


def test_a_line_that_is_not_on_the_checklist_does_not_exist(browser_of, karim, solveig, kind):
    held = rules.start_certification(user=solveig, kind=kind, by=karim)
    client = browser_of("nhf", COORDINATOR)
    for wrong in ("police_certificate", "nothing", "%00"):
        answer = client.get(f"/admin/certifications/tick/{held.pk}/?requirement={wrong}")
        assert answer.status_code == 404
    assert client.get(f"/admin/certifications/print/{held.pk}/").status_code == 404


def test_the_list_is_filtered_by_days_that_are_left_and_exported(browser_of, karim, solveig, kind, certify):
    from datetime import timedelta

    held = certify(solveig, kind, on=today_here() - timedelta(days=690))
    assert (held.valid_until - today_here()).days < 60
    client = browser_of("nhf", COORDINATOR)
    assert solveig.last_name in page(client, "/admin/certifications/?within=60")
    assert solveig.last_name not in page(client, "/admin/certifications/?within=30")
    assert solveig.last_name in page(client, "/admin/certification-reminders/")
    answer = client.get("/admin/certifications/?export=csv")
    assert held.number in b"".join(answer.streaming_content).decode()


def test_a_pause_and_its_end_are_buttons(browser_of, karim, solveig):
    row = pausing.status_of(solveig)
    client = browser_of("nhf", COORDINATOR)
    client.post(
        f"/admin/mentor-statuses/pause/{row.pk}/",
        {"version": row.version, "returns_on": "2031-01-05", "reason": "Rest"},
    )
    row.refresh_from_db()
    assert row.status == "paused"
    text = page(client, f"/admin/mentor-statuses/inspect/{row.pk}/")
    assert "På pause til" in text
    assert "Rest" in text
    client.post(f"/admin/mentor-statuses/resume/{row.pk}/", {"version": row.version})
    assert MentorStatus.objects.get(pk=row.pk).status == "active"


def test_an_administrator_publishes_a_text_and_notes_what_was_signed_on_paper(browser_of, solveig, admin):
    client = browser_of("nhf", ADMIN)
    draft = DeclarationText.objects.get(role_context="mentor")
    values = {
        name: getattr(draft, name)
        for name in ("title_nb", "body_nb", "title_nn", "body_nn", "title_en", "body_en")
    }
    edited = {**values, "title_nb": "Løfte", "version": draft.version, "validity_months": ""}
    assert client.post(f"/admin/declaration-texts/edit/{draft.pk}/", edited).status_code == 302
    draft.refresh_from_db()
    assert draft.title_nb == "Løfte"
    client.post(f"/admin/declaration-texts/publish/{draft.pk}/", {"version": draft.version})
    assert client.get(f"/admin/declaration-texts/edit/{draft.pk}/").status_code in (302, 403)
    body = {"user": solveig.pk, "text": draft.pk, "language": "nb"}
    client.post("/admin/declarations/new/", body)
    row = ConfidentialityDeclaration.objects.get(user=solveig)
    assert (row.method, row.signed_text.splitlines()[0]) == ("paper", "Løfte")
    assert row.text_sha256 in page(client, f"/admin/declarations/inspect/{row.pk}/")
    refused = client.post("/admin/declarations/new/", body)
    assert "allerede undertegnet" in refused.content.decode()


def test_kinds_are_the_administrators(browser_of, karim, kind):
    client = browser_of("nhf", ADMIN)
    body = {"name_nb": "Leseombud", "key": "reader", "validity_months": 12, "requirements": ["course"]}
    assert client.post("/admin/certification-kinds/new/", body).status_code == 302
    made = CertificationKind.objects.get(key="reader")
    assert made.requirements == ["course"]
    edited = {"name_nb": "Leseombod", "validity_months": 12, "version": made.version, "is_active": "on"}
    client.post(f"/admin/certification-kinds/edit/{made.pk}/", edited)
    made.refresh_from_db()
    assert (made.name_nb, made.requirements) == ("Leseombod", [])
    assert "certification-kinds" not in page(browser_of("nhf", COORDINATOR), "/admin/certifications/")


def test_without_the_area_the_menu_and_the_pages_are_gone(browser_of, nhf):
    client = browser_of("nhf", ADMIN)
    assert "/admin/certifications/" in page(client, "/admin/")
    set_area(area="certification", enabled=False, by=None)
    assert "/admin/certifications/" not in page(client, "/admin/")
    for name in ("certifications", "mentor-statuses", "declarations", "declaration-texts"):
        assert client.get(f"/admin/{name}/").status_code == 404


def test_a_contact_is_given_no_mentor_whose_certificate_has_run_out(solveig, kind, certify, tree, admin):
    from datetime import timedelta

    from domain.core.errors import InvalidInput
    from domain.people.mentoring import mentor_checks

    held = certify(solveig, kind, on=today_here())

    def ask(day):
        for check in mentor_checks:
            check(contact=None, user=solveig, day=day)

    ask(today_here())
    with pytest.raises(InvalidInput) as refusal:
        ask(held.valid_until + timedelta(days=1))
    assert refusal.value.code == "certificate-expired"
    draft = DeclarationText.objects.get(role_context="mentor")
    declarations.publish_text(draft, by=admin)
    with pytest.raises(InvalidInput) as refusal:
        ask(today_here())
    assert refusal.value.code == "declaration-not-signed"
