"""The counting rules in the admin: the platform's staff write them, organisations read them."""

from datetime import date

import pytest

from domain.audit.models import AuditEvent
from domain.grants.models import RuleSet
from domain.grants.rules import draft_rules
from domain.grants.trying import titles, try_rules
from domain.grants.vectors import vectors

pytestmark = pytest.mark.django_db
STAFF, LIST = "owner@meander.example", "/admin/counting-rules/"


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def typed(page) -> dict[str, object]:
    """What a browser would send of the form as it is shown."""
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {
        name: ("on" if value is True else value)
        for name, value in values.items()
        if value not in (None, False)
    }


def test_a_draft_is_made_from_a_set_tried_changed_and_published(platform, browser_of):
    staff = browser_of("platform", STAFF)
    body = typed(staff.get(f"{LIST}new/"))
    assert body["group__min_participants"] == 3 and "group__in_person" not in body
    body |= {"name": "2027", "valid_from": "2027-01-01", "group__min_participants": "2"}
    body["group__min_participants__paragraph"] = "§ 11"
    assert staff.post(f"{LIST}new/", body).status_code == 302
    draft = RuleSet.objects.get(name="2027")
    page = text(staff.get(f"{LIST}inspect/{draft.pk}/"))
    assert "§ 11" in page and "En gruppe på to" in page

    # A number that is emptied is no longer asked for; what is the same stays as it is.
    body = typed(staff.get(f"{LIST}edit/{draft.pk}/"))
    del body["group__min_participants"]
    assert staff.post(f"{LIST}edit/{draft.pk}/", body).status_code == 302
    assert not draft.rules.filter(category="group", requirement="min_participants").exists()
    assert draft.rules.count() == 9
    # Who opened the page before that must look again.
    publish = f"{LIST}publish/{draft.pk}/"
    assert staff.post(publish, {"version": body["version"]}).status_code == 200
    draft.refresh_from_db()
    assert "2027" in text(staff.get(publish))
    assert staff.post(publish, {"version": draft.version}).status_code == 302
    draft.refresh_from_db()
    assert draft.status == "published"
    said = AuditEvent.objects.filter(object_id=str(draft.pk)).values_list("action", flat=True)
    assert {"rule-set.created", "rule-set.changed", "rule-set.published"} <= set(said)
    # From now on it is as it is, for the staff too.
    assert staff.post(f"{LIST}edit/{draft.pk}/", body).status_code in (302, 403)
    assert not draft.rules.filter(category="group", requirement="min_participants").exists()
    assert "2027" in text(staff.get(f"{LIST}history/{draft.pk}/"))


def test_organisations_read_what_is_published_and_write_nothing(nhf, platform, person, browser_of):
    draft = draft_rules(name="Utkast", source="x", valid_from=date(2027, 1, 1), by=person(STAFF))
    held = RuleSet.objects.get(name="2020")
    for email in ("admin@nhf.example", "coordinator@nhf.example"):
        reader = browser_of("nhf", email)
        page = text(reader.get(LIST))
        assert "2020" in page and "Utkast" not in page
        page = text(reader.get(f"{LIST}inspect/{held.pk}/"))
        assert "lovdata.no" in page and "Minst 3 deltakere" in page and "publish" not in page
        assert reader.get(f"{LIST}inspect/{draft.pk}/").status_code == 404
        for address in ("new/", f"edit/{held.pk}/", f"publish/{held.pk}/"):
            answer = reader.post(f"{LIST}{address}", {"name": "x", "version": held.version})
            assert answer.status_code in (302, 403) and answer.get("Location", "/admin/") == "/admin/"
    assert RuleSet.objects.count() == 2


def test_trying_a_draft_says_what_it_would_change_and_every_case_has_a_name(platform, person):
    draft = draft_rules(name="2027", source="x", valid_from=date(2027, 1, 1), by=person(STAFF))
    assert [case for case in try_rules(draft) if case.differs] == []
    draft.rules.filter(category="course").delete()
    differing = {str(case.title): case.then.counts for case in try_rules(draft) if case.differs}
    assert len(differing) == 3 and not any(differing.values())
    assert {case["title"] for case in vectors() if "no_rules" not in case["unmet"]} <= set(titles())
