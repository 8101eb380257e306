"""Over the API: who sees and does what; signing; verification by anyone."""

import pytest

from domain.audit.models import AuditEvent
from domain.certification import declarations, pausing, rules
from domain.certification.models import ConfidentialityDeclaration, DeclarationText, MentorCertification
from domain.certification.queries import today_here
from domain.config.rules import set_area
from tests.certification.conftest import ADMIN, COORDINATOR, MENTOR

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
# What differs from answer to answer, whoever asks.
PASSING = ("x-request-id", "server-timing")


@pytest.fixture
def held(solveig, kind, certify):
    return certify(solveig, kind, on=today_here())


def test_a_coordinator_certifies_step_by_step(api_of, karim, solveig, kind):
    client = api_of("nhf", COORDINATOR)
    body = {"user": str(solveig.pk), "kind": str(kind.pk)}
    made = client.post(f"{V1}/mentor-certifications/", body, format="json")
    assert made.status_code == 201, made.content
    url = f"{V1}/mentor-certifications/{made.json()['id']}"
    refused = client.post(f"{url}/issue/", {}, format="json")
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["code"] == "incomplete"
    for requirement in ("course", "yearly_talk"):
        assert client.post(f"{url}/tick/", {"requirement": requirement}, format="json").status_code == 200
    issued = client.post(f"{url}/issue/", {}, format="json").json()
    assert issued["status"] == "valid"
    assert {line["requirement"] for line in issued["requirements"]} == {"course", "yearly_talk"}
    seen = client.get(f"{url}/?expand=allowed_actions,kind").json()["expanded"]
    assert seen["allowed_actions"] == ["tick", "untick", "renew", "revoke"]
    assert seen["kind"]["key"] == "visitor"
    stale = client.post(f"{url}/revoke/", {"reason": "x"}, format="json", HTTP_IF_MATCH='"1"')
    assert stale.status_code == 412
    revoked = client.post(f"{url}/revoke/", {"reason": "Broke a promise"}, format="json")
    assert revoked.json()["status"] == "revoked"


def test_a_mentor_reads_their_own_and_changes_nothing(api_of, held, person, kind, karim):
    client = api_of("nhf", MENTOR)
    listed = client.get(f"{V1}/mentor-certifications/").json()["results"]
    assert [row["id"] for row in listed] == [str(held.pk)]
    url = f"{V1}/mentor-certifications/{held.pk}"
    assert client.post(f"{url}/revoke/", {"reason": "x"}, format="json").status_code == 403
    assert client.get(f"{V1}/certification-reminders/").json()["results"] == []
    other = rules.start_certification(user=person("both@meander.example"), kind=kind, by=None)
    assert client.get(f"{V1}/mentor-certifications/{other.pk}/").status_code == 404


def test_who_coordinates_elsewhere_sees_nothing_and_filters_follow(api_of, held, karim, kind, person, tree):
    from domain.associations.memberships import join_association

    stranger = person("both@meander.example")
    join_association(user=stranger, association=tree.bergen, by=None)
    other = rules.start_certification(user=stranger, kind=kind, by=None)
    client = api_of("nhf", COORDINATOR)
    assert client.get(f"{V1}/mentor-certifications/{other.pk}/").status_code == 404
    admin = api_of("nhf", ADMIN)

    def found(query: str) -> set[str]:
        rows = admin.get(f"{V1}/mentor-certifications/?{query}").json()["results"]
        return {row["id"] for row in rows}

    assert found("status=pending") == {str(other.pk)}
    assert found(f"below={tree.east.path}") == {str(held.pk)}
    assert found(f"valid_until_before={held.valid_until}") == set()
    assert found(f"valid_until_after={today_here()}") == {str(held.pk)}


def test_reading_about_somebody_is_on_the_record(api_of, held, karim, solveig):
    api_of("nhf", COORDINATOR).get(f"{V1}/mentor-certifications/{held.pk}/")
    event = AuditEvent.objects.get(action="mentor-certification.read")
    assert (event.actor_id, event.subject_ids) == (karim.pk, [solveig.pk])


def test_a_mentor_takes_a_break_and_ends_it(api_of, solveig):
    client = api_of("nhf", MENTOR)
    made = client.post(f"{V1}/mentor-statuses/", {"returns_on": "2031-01-05"}, format="json")
    assert made.status_code == 201, made.content
    assert made.json()["status"] == "paused"
    url = f"{V1}/mentor-statuses/{made.json()['id']}"
    again = client.post(f"{V1}/mentor-statuses/", {"returns_on": "2031-01-05"}, format="json")
    assert again.status_code == 409
    seen = client.get(f"{url}/?expand=allowed_actions").json()["expanded"]["allowed_actions"]
    assert seen == ["pause-self", "resume"]
    assert client.post(f"{url}/pause/", {}, format="json").status_code == 403
    assert client.post(f"{url}/resume/", {}, format="json").json()["status"] == "active"


def test_nobody_else_pauses_in_a_mentors_name(api_of, solveig, karim):
    row = pausing.status_of(solveig)
    client = api_of("nhf", COORDINATOR)
    assert client.post(f"{V1}/mentor-statuses/{row.pk}/pause-self/", {}, format="json").status_code == 403
    assert client.post(f"{V1}/mentor-statuses/{row.pk}/pause/", {}, format="json").status_code == 200


def test_signing_shows_the_words_and_keeps_them(api_of, solveig, admin):
    draft = DeclarationText.objects.get(role_context="mentor")
    declarations.publish_text(draft, by=admin)
    client = api_of("nhf", MENTOR)
    (shown,) = client.get(f"{V1}/declarations/to-sign/", HTTP_ACCEPT_LANGUAGE="nn").json()["results"]
    assert shown["declaration"] is None
    assert shown["words"].startswith("Teieplikterklæring")
    body = {name: shown[name] for name in ("text", "language", "text_sha256")}
    wrong = client.post(f"{V1}/declarations/", {**body, "text_sha256": "0" * 64}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (409, "text-changed")
    signed = client.post(f"{V1}/declarations/", body, format="json")
    assert signed.status_code == 201, signed.content
    row = ConfidentialityDeclaration.objects.get(pk=signed.json()["id"])
    assert (row.user, row.signed_text) == (solveig, shown["words"])
    (shown,) = client.get(f"{V1}/declarations/to-sign/", HTTP_ACCEPT_LANGUAGE="nn").json()["results"]
    assert shown["declaration"] == str(row.pk)


def test_administrators_write_and_publish_texts_and_members_read_published_ones(api_of, solveig):
    admin, mentor = api_of("nhf", ADMIN), api_of("nhf", MENTOR)
    assert mentor.get(f"{V1}/declaration-texts/").json()["results"] == []
    draft = DeclarationText.objects.get(role_context="driver")
    url = f"{V1}/declaration-texts/{draft.pk}"
    assert admin.patch(f"{url}/", {"title_nb": "Ny"}, format="json").status_code == 200
    assert admin.post(f"{url}/publish/", {}, format="json").status_code == 200
    assert admin.patch(f"{url}/", {"title_nb": "Nyere"}, format="json").status_code == 409
    assert admin.delete(f"{url}/").status_code == 409
    assert [row["title_nb"] for row in mentor.get(f"{V1}/declaration-texts/").json()["results"]] == ["Ny"]


def test_a_kind_is_made_and_changed_by_administrators(api_of, solveig):
    body = {"key": "reader", "name_nb": "Leseombud", "requirements": ["yearly_talk", "course"]}
    assert api_of("nhf", MENTOR).post(f"{V1}/certification-kinds/", body, format="json").status_code == 403
    admin = api_of("nhf", ADMIN)
    made = admin.post(f"{V1}/certification-kinds/", body, format="json").json()
    assert made["requirements"] == ["course", "yearly_talk"]
    url = f"{V1}/certification-kinds/{made['id']}/"
    assert admin.patch(url, {"validity_months": 0}, format="json").status_code == 400
    assert admin.patch(url, {"key": "other"}, format="json").status_code == 400
    assert admin.patch(url, {"is_active": False}, format="json").json()["is_active"] is False


@pytest.mark.parametrize("where", ["page", "api"])
def test_a_code_of_nobody_is_answered_like_one_that_has_run_out(
    api_of, browser_of, held, solveig, admin, where
):
    client = api_of("nhf") if where == "api" else browser_of("nhf")
    start = f"{V1}/certification-verifications" if where == "api" else "/verify"
    right = client.get(f"{start}/{held.grouped_code.lower()}/")
    assert right.status_code == 200
    rules.revoke(held, by=admin, reason="Left")
    answers = [
        client.get(f"{start}/{code}/") for code in (held.verification_code, "7" * 28, "nonsense", "x" * 500)
    ]
    bodies = {answer.content for answer in answers}
    headers = {
        frozenset((name, value) for name, value in answer.headers.items() if name.lower() not in PASSING)
        for answer in answers
    }
    assert len(bodies) == len(headers) == 1
    assert right.content not in bodies
    for answer in (right, *answers):
        assert answer.status_code == 200
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Cache-Control"] == "no-store"
        for word in (solveig.last_name, held.number, "Besøksvenn"):
            assert word not in answer.content.decode()


def test_who_asks_too_often_waits(api_of, browser_of, nhf):
    api, page = api_of("nhf"), browser_of("nhf")
    for _at in range(60):
        api.get(f"{V1}/certification-verifications/x/")
    assert api.get(f"{V1}/certification-verifications/x/").status_code == 429
    refused = page.get("/verify/x/")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


def test_an_organisation_that_does_not_certify_has_none_of_it(api_of, browser_of, held):
    set_area(area="certification", enabled=False, by=None)
    client = api_of("nhf", ADMIN)
    for path in (
        "mentor-certifications/",
        f"mentor-certifications/{held.pk}/",
        "declarations/to-sign/",
        "declarations/",
        f"certification-verifications/{held.verification_code}/",
    ):
        answer = client.get(f"{V1}/{path}")
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (404, "feature-disabled")
    assert browser_of("nhf").get(f"/verify/{held.verification_code}/").status_code == 404
    assert MentorCertification.objects.filter(pk=held.pk).exists()
