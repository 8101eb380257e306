"""What counts for the grant, by the rules of the day."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from domain.core.errors import InvalidInput, InvalidState, NotAllowed, StaleVersion
from domain.grants.choices import GrantCategory, Requirement, RuleSetStatus
from domain.grants.models import CountingRule, RuleSet
from domain.grants.queries import rules_on, verdict_on
from domain.grants.rules import add_rule, change_draft, change_rule, draft_rules, publish_rules, remove_rule
from domain.grants.vectors import vectors
from domain.grants.verdict import Facts, Unmet, Verdict, judge, mend, reason

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("case", vectors(), ids=lambda case: case["title"])
def test_a_case_that_phones_are_tested_with_has_the_verdict_it_says(nhf, case):
    verdict = verdict_on(date.fromisoformat(case["day"]), Facts(**case["facts"]))

    assert verdict.counts is case["counts"]
    assert [one.requirement for one in verdict.unmet] == case["unmet"]


@given(
    minutes=st.none() | st.integers(0, 600),
    participants=st.none() | st.integers(0, 50),
    led=st.sampled_from([True, False, None]),
    person=st.sampled_from([True, False, None]),
    norway=st.sampled_from([True, False, None]),
    category=st.sampled_from(GrantCategory.values),
)
def test_more_time_and_more_people_never_make_it_count_less(
    minutes, participants, led, person, norway, category
):
    rules = [
        CountingRule(category="group", requirement=Requirement.MIN_MINUTES, value=45),
        CountingRule(category="group", requirement=Requirement.MIN_PARTICIPANTS, value=3),
        CountingRule(category="outreach", requirement=Requirement.IN_PERSON),
    ]
    facts = Facts(category, minutes, participants, led, person, norway)
    more = Facts(category, (minutes or 0) + 1, (participants or 0) + 1, led, person, norway)
    verdict = judge(facts, rules)

    assert verdict.counts is not bool(verdict.unmet)
    assert not verdict.counts or judge(more, rules).counts


def test_an_activity_is_judged_by_the_rules_of_its_own_day(platform, person):
    staff = person("owner@meander.example")
    draft = draft_rules(name="2027", source="A new regulation", valid_from=date(2027, 1, 1), by=staff)
    change_rule(
        draft.rules.get(category="group", requirement=Requirement.MIN_MINUTES),
        changes={"value": 60},
        by=staff,
    )
    publish_rules(draft, by=staff)
    group = Facts("group", 45, 3, True, True, True)

    assert verdict_on(date(2026, 12, 31), group) == Verdict(True, "2020")
    assert verdict_on(date(2027, 1, 1), group) == Verdict(
        False, "2027", (Unmet(Requirement.MIN_MINUTES, 60, 45),)
    )
    assert RuleSet.objects.get(name="2020").valid_to == date(2026, 12, 31)


def test_a_draft_judges_nothing(platform, person):
    draft_rules(name="2027", source="x", valid_from=date(2021, 1, 1), by=person("owner@meander.example"))

    assert rules_on(date(2026, 1, 1))[0] == "2020"


def test_published_rules_are_never_changed_by_any_way_in(platform, person):
    staff, published = person("owner@meander.example"), RuleSet.objects.get(name="2020")
    rule = published.rules.first()

    for attempt in (
        lambda: change_draft(published, changes={"name": "Other"}, by=staff),
        lambda: add_rule(published, values={"category": "course", "requirement": "in_person"}, by=staff),
        lambda: change_rule(rule, changes={"paragraph": "§ 1"}, by=staff),
        lambda: remove_rule(rule, by=staff),
        lambda: publish_rules(published, by=staff),
    ):
        with pytest.raises(InvalidState, match="never changed"):
            attempt()
    for write in (
        lambda: RuleSet.objects.filter(pk=published.pk).update(valid_from=date(1990, 1, 1)),
        lambda: RuleSet.objects.filter(pk=published.pk).update(status=RuleSetStatus.DRAFT),
        lambda: CountingRule.objects.filter(pk=rule.pk).update(value=7),
        lambda: CountingRule.objects.filter(pk=rule.pk).delete(),
        lambda: CountingRule(rule_set=published, category="course", requirement="in_person").save(),
    ):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            write()


def test_new_rules_never_reach_back_into_days_that_have_passed_under_others(platform, person):
    staff = person("owner@meander.example")
    for day in (date(2019, 1, 1), date(2020, 1, 1)):
        draft = draft_rules(name=str(day), source="x", valid_from=day, by=staff)
        with pytest.raises(InvalidInput, match="later first day"):
            publish_rules(draft, by=staff)


def test_rules_that_ask_nothing_or_were_changed_meanwhile_are_not_published(platform, person):
    staff = person("owner@meander.example")
    draft = draft_rules(name="2027", source="x", valid_from=date(2027, 1, 1), by=staff)
    with pytest.raises(StaleVersion):
        publish_rules(draft, by=staff, version=draft.version + 1)
    for rule in draft.rules.all():
        remove_rule(rule, by=staff)
    with pytest.raises(InvalidState, match="no rules"):
        publish_rules(draft, by=staff)


def test_an_organisation_reads_the_rules_and_can_write_none(nhf, person):
    with pytest.raises(NotAllowed):
        draft_rules(name="x", source="x", valid_from=date(2027, 1, 1), by=person("admin@nhf.example"))


def test_the_reason_and_what_would_mend_it_are_said_in_plain_words_of_each_language():
    alone = Verdict(False, "2020", (Unmet(Requirement.MIN_PARTICIPANTS, 3, 2),))
    both = Verdict(False, "2020", (*alone.unmet, Unmet(Requirement.MIN_MINUTES, 45, 30)))

    assert reason(alone.unmet[0]) == "The grant asks for at least 3 participants; there were 2."
    assert "took part" in mend(alone)
    assert mend(both) == ""
    assert mend(Verdict(True, "2020")) == ""
    said = set()
    for language in ("nb", "nn", "en"):
        with translation.override(language):
            said.add(tuple(reason(Unmet(asked, 3, 2)) for asked in Requirement.values))
    assert len(said) == 3


def test_apps_get_the_published_rules_and_the_cases_to_test_themselves_with(nhf, api_of):
    answer = api_of("nhf", "mentor@nhf.example").get("/api/v1/counting-rules/")
    body = answer.json()

    assert answer.status_code == 200
    assert [found["name"] for found in body["rule_sets"]] == ["2020"]
    assert {"category": "group", "requirement": "min_minutes", "value": 45, "paragraph": ""} in body[
        "rule_sets"
    ][0]["rules"]
    assert body["vectors"] == list(vectors())
    again = api_of("nhf", "mentor@nhf.example").get(
        "/api/v1/counting-rules/", headers={"If-None-Match": answer["ETag"]}
    )
    assert again.status_code == 304
