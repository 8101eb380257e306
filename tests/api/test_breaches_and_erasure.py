"""What administrators do seldom and can't take back: ending all sessions, erasing a person."""

from datetime import timedelta

import pytest
from django.utils import timezone

from domain.access.erasure_jobs import ERASE
from domain.audit.models import AuditEvent
from domain.identity.models import Membership, UserSession
from tenants.db import connection
from tenants.models import JobRun
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db
ADMIN, COORDINATOR, MENTOR = "admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example"
END_ALL, ME = "/api/v1/sessions/end-all/", "/api/v1/me/"
REASON = {"reason": "They asked for it"}


@pytest.fixture
def solveig(nhf, person):
    return Membership.objects.here().get(user=person(MENTOR))


def erasing(membership) -> str:
    return f"/api/v1/memberships/{membership.pk}/erase/"


def unproven() -> None:
    UserSession.objects.update(verified_at=timezone.now() - timedelta(hours=1))


def problem(answer) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


def test_an_administrator_ends_everybodys_sessions_and_keeps_their_own(nhf, api_of):
    elsewhere = api_of("blindeforbundet", "admin@blindeforbundet.example")
    admin, phone = api_of("nhf", ADMIN), api_of("nhf", MENTOR)
    answer = admin.post(END_ALL, {"reason": "A stolen laptop"}, format="json")
    assert (answer.status_code, answer.json()) == (200, {"ended": 1})
    assert phone.get(ME).status_code == 401
    assert admin.get(ME).status_code == 200
    assert AuditEvent.objects.get(action="organization.sessions-ended").reason == "A stolen laptop"
    assert elsewhere.get(ME).status_code == 200


def test_sent_again_with_its_key_it_ends_nothing_twice(nhf, api_of):
    admin = api_of("nhf", ADMIN)
    first = admin.post(END_ALL, REASON, format="json", headers={"idempotency-key": "a"})
    phone = api_of("nhf", MENTOR)
    again = admin.post(END_ALL, REASON, format="json", headers={"idempotency-key": "a"})
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert phone.get(ME).status_code == 200


def test_ending_all_asks_for_the_right_a_fresh_proof_and_a_reason(nhf, api_of):
    admin, coordinator = api_of("nhf", ADMIN), api_of("nhf", COORDINATOR)
    missing = admin.post(END_ALL, {"reason": " "}, format="json")
    assert problem(missing) == (400, "invalid-input")
    assert [error["pointer"] for error in missing.json()["errors"]] == ["#/reason"]
    unproven()
    assert problem(coordinator.post(END_ALL, REASON, format="json")) == (403, "not-allowed")
    assert problem(admin.post(END_ALL, REASON, format="json")) == (403, "step-up-required")
    assert not UserSession.objects.filter(revoked_at__isnull=False).exists()


def test_erasing_answers_with_the_job_and_the_job_says_when_it_is_done(nhf, api_of, solveig):
    admin = api_of("nhf", ADMIN)
    answer = admin.post(erasing(solveig), REASON, format="json")
    assert answer.status_code == 202, answer.content
    job, where = answer.json(), answer["Location"]
    assert (job["kind"], job["status"], job["result_url"]) == (ERASE, "queued", None)
    again = admin.post(erasing(solveig), REASON, format="json")
    assert again.json()["id"] == job["id"], "while it waits there is no second"
    asked = AuditEvent.objects.filter(action="person.erasure-requested").first()
    assert (asked.object_id, asked.object_label) == (str(solveig.user_id), str(solveig.user))
    assert work_off() == ["done"]
    asked = AuditEvent.objects.get(pk=asked.pk)
    assert (asked.object_label, asked.reason) == ("", ""), "their name went with them"
    found = admin.get(where)
    assert (found.json()["status"], found.json()["progress"], found.json()["error"]) == ("done", 100, "")
    assert admin.get(where, headers={"if-none-match": found["ETag"]}).status_code == 304
    assert admin.get(f"/api/v1/memberships/{solveig.pk}/").status_code == 404
    event = AuditEvent.objects.get(action="person.erased")
    assert (event.object_id, event.reason) == (str(solveig.user_id), REASON["reason"])


def test_a_job_is_there_for_whoever_could_have_asked_for_it(nhf, api_of, solveig):
    where = api_of("nhf", ADMIN).post(erasing(solveig), REASON, format="json")["Location"]
    other = JobRun.objects.create(organization=nhf, name="audit.export", key="a")
    assert problem(api_of("nhf", ADMIN).get(f"/api/v1/jobs/{other.pk}/")) == (404, "not-found")
    for organization, email in (("nhf", COORDINATOR), ("blindeforbundet", "admin@blindeforbundet.example")):
        assert problem(api_of(organization, email).get(where)) == (404, "not-found")


def test_what_kept_a_job_from_its_work_is_told(nhf, api_of, solveig, person):
    admin = api_of("nhf", ADMIN)
    where = admin.post(erasing(solveig), REASON, format="json")["Location"]
    with connection.as_owner():
        run = JobRun.objects.get(name=ERASE)
        run.arguments["by"] = str(person(COORDINATOR).pk)
        run.save()
    work_off()
    found = admin.get(where).json()
    assert (found["status"], found["error"]) == ("failed", "Du kan ikke slette personer.")


def test_erasing_asks_for_the_right_a_fresh_proof_a_reason_and_the_version(nhf, api_of, person, solveig):
    admin = api_of("nhf", ADMIN)
    row = admin.get(f"/api/v1/memberships/{solveig.pk}/", {"expand": "allowed_actions"})
    assert "erase" in row.json()["expanded"]["allowed_actions"]
    assert problem(admin.post(erasing(solveig), {}, format="json")) == (400, "invalid-input")
    stale = admin.post(erasing(solveig), REASON, format="json", headers={"if-match": '"0"'})
    assert problem(stale) == (412, "stale-version")
    own = Membership.objects.here().get(user=person(ADMIN))
    assert problem(admin.post(erasing(own), REASON, format="json")) == (409, "invalid-state")
    expanded = admin.get(f"/api/v1/memberships/{own.pk}/", {"expand": "allowed_actions"}).json()["expanded"]
    assert "erase" not in expanded["allowed_actions"]
    unproven()
    assert problem(admin.post(erasing(solveig), REASON, format="json")) == (403, "step-up-required")
    assert problem(api_of("nhf", MENTOR).post(erasing(solveig), REASON, format="json"))[0] == 403
    assert not JobRun.objects.filter(name=ERASE).exists()
