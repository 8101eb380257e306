"""What waits for whom today."""

import pytest

from domain.access.models import RoleAssignment
from domain.access.queries import scope_for
from domain.access.rules import assign_role
from domain.audit.models import AuditEvent
from domain.config.choices import Area
from domain.config.rules import set_area
from domain.reporting.today import note_shown, sections
from tests.support.queries import statements

pytestmark = pytest.mark.django_db

ADMIN, COORDINATOR, MENTOR = "admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example"


def today_of(user):
    return {section.key: section for section in sections(scope_for(user))}


def test_what_waits_is_counted_where_one_may_see_it_and_the_most_urgent_comes_first(waiting):
    waiting(2)
    found = today_of(waiting.coordinator)
    counts = {key: section.counts for key, section in found.items()}
    assert counts == {
        "answers": {"total": 4, "declined": 2},
        "unopened": {"total": 4, "late": 2},
        "follow_ups": {"total": 4, "overdue": 2, "later": 2, "notes": 2, "visits": 4},
        "reviews": {"total": 2, "flagged": 1},
        "certificates": {"total": 4, "expired": 1, "within_7": 1, "within_30": 2, "within_90": 3},
        "pauses": {"total": 1, "automatic": 0},
    }
    assert [row.is_refused for row in found["answers"].rows] == [True, True, False, False]
    assert [row.is_late for row in found["unopened"].rows] == [True, True, False, False]
    assert [row.is_late for row in found["follow_ups"].rows] == [True, True, False, False]
    assert [row.is_late for row in found["certificates"].rows] == [True, False, False, False]
    assert found["reviews"].rows[0].day < found["reviews"].rows[1].day


def test_who_has_no_part_in_it_is_shown_nothing_and_a_mentor_their_own(waiting, person):
    waiting(1)
    finance = waiting.away
    RoleAssignment.objects.filter(user=finance).delete()
    assign_role(finance, "finance", by=None)
    assert today_of(finance) == {}
    own = today_of(waiting.mentor)
    assert sorted(own) == ["certificates", "follow_ups", "unopened"]
    assert own["unopened"].counts["total"] == 2
    everywhere = today_of(person(ADMIN))
    # The administrator sees no contacts, and no follow-ups about them.
    assert "follow_ups" not in everywhere
    assert everywhere["reviews"].counts["total"] == 2
    set_area(area=Area.ASSIGNMENTS, enabled=False, by=None)
    set_area(area=Area.CERTIFICATION, enabled=False, by=None)
    assert sorted(today_of(waiting.coordinator)) == ["follow_ups", "reviews"]


def test_whoever_is_no_mentor_any_more_needs_no_certificate(waiting):
    waiting(1)
    RoleAssignment.objects.filter(user=waiting.mentor).delete()
    found = today_of(waiting.coordinator)
    assert found["certificates"].counts["total"] == found["pauses"].counts["total"] == 0


def test_the_number_of_queries_is_the_same_for_few_rows_and_for_many(waiting):
    def asked(number):
        waiting(number)
        scope = scope_for(waiting.coordinator)
        with statements() as found:
            shown = sections(scope)
            note_shown(shown, by=waiting.coordinator)
        return [sql.split(" FROM ")[0][:60] for sql in found]

    few, many = asked(1), asked(9)
    # One for each kind (follow-ups: two; private notes that are asked for), three for what the organisation
    # has decided; an event each.
    read = [sql for sql in many if sql.startswith("SELECT")]
    assert len(read) == 11, "\n".join(read)
    assert len(many) <= len(few) == 17


def test_the_home_page_and_the_app_say_the_same_and_each_list_opens(waiting, browser_of, api_of):
    waiting(2)
    browser = browser_of("nhf", COORDINATOR)
    page = browser.get("/admin/", headers={"accept-language": "en"}).content.decode()
    for words in ("Answered since yesterday", "Declined", "Overdue", "Flagged", "Expired", "Back on"):
        assert words in page
    for link, number in (
        ("assignments/?waiting=answered", 4),
        ("assignments/?waiting=yes", 2),
        ("certifications/?renew=expired", 1),
        ("certifications/?renew=30", 2),
        ("activities/review/", 2),
        ("mentor-statuses/?now=paused", 1),
        ("contact-notes/?open=due", 2),
        ("follow-ups/?state=open", 4),
    ):
        assert f'href="/admin/{link}"' in page
        shown = browser.get(f"/admin/{link}").context
        assert len(shown["items" if "review" in link else "object_list"]) == number, link
    said = api_of("nhf", COORDINATOR).get("/api/v1/today/").json()
    assert said["reviews"]["total"] == 2
    assert [line["is_flagged"] for line in said["reviews"]["items"]].count(True) == 1
    assert said["certificates"]["within_30"] == 2
    assert [line["kind"] for line in said["follow_ups"]["items"]] == ["home_visit"] * 2 + ["note"] * 2
    assert said["answers"]["items"][0]["recipient"]["first_name"] == "Solveig"
    assert api_of("nhf", MENTOR).get("/api/v1/today/").json()["reviews"] is None


def test_whose_names_were_shown_is_on_the_record(waiting, api_of, nhf):
    waiting(1)
    before = AuditEvent.objects.count()
    api_of("nhf", COORDINATOR).get("/api/v1/today/")
    events = AuditEvent.objects.order_by("-at")[: AuditEvent.objects.count() - before]
    listed = {event.action for event in events if event.action.endswith(".listed")}
    assert listed == {
        "assignment.listed",
        "contact-note.listed",
        "home-visit-report.listed",
        "activity.listed",
        "mentor-certification.listed",
        "mentor-status.listed",
    }
    assert all(
        waiting.mentor.pk in event.subject_ids for event in events if event.action == "activity.listed"
    )
