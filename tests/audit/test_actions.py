"""Whatever is recorded anywhere can be said in words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.utils import translation

from cms import audit as content_audit
from domain.audit.actions import NOUNS, SENTENCES, VERBS, is_worded, sentence
from domain.core.models import Entity
from domain.sales.choices import BookingStatus

ROOT = Path(__file__).resolve().parents[2]
RECORDERS = {"record", "announce", "write", "_change", "_change_status"}
# Their sentences begin with what it was, since nobody did it.
WITHOUT_WHO = {
    "assignment.escalated",
    "assignment.escalation-settled",
    "assignment.expired",
    "demo_booking.received",
    "honorarium-crossing.reached",
    "honorarium-crossing.told",
    "passkey.refused",
}
FOLDERS = ("domain", "cms", "tenants", "api")


def called(node: ast.Call) -> str:
    """The name of the function; methods are none of ours."""
    return getattr(node.func, "id", "")


def literals(node: ast.Call) -> Iterator[ast.AST]:
    """What may be the action among the arguments of a recorder."""
    given = [*node.args[:2], *(keyword.value for keyword in node.keywords if keyword.arg == "action")]
    for argument in given:
        if isinstance(argument, ast.IfExp):
            yield from (argument.body, argument.orelse)
        else:
            yield argument


def recorded() -> Iterator[tuple[str, str]]:
    """(where, action) of every action written out in the code; "*" stands for what is put in."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or called(node) not in RECORDERS:
                    continue
                for argument in literals(node):
                    text = ""
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        text = argument.value
                    elif isinstance(argument, ast.JoinedStr):
                        text = "".join(
                            str(part.value) if isinstance(part, ast.Constant) else "*"
                            for part in argument.values
                        )
                    if text.count(".") == 1 and " " not in text and "/" not in text:
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", text


def test_the_code_was_read():
    actions = {action for _where, action in recorded()}
    assert {"session.opened", "host.added", "organization.suspended", "membership.suspended"} & actions
    assert len(actions) > 30


def test_every_action_written_in_the_code_has_words():
    mute = []
    for where, action in recorded():
        noun, _dot, verb = action.partition(".")
        known = (
            is_worded(action)
            if "*" not in action
            else ("*" in noun or noun in NOUNS) and ("*" in verb or verb in VERBS)
        )
        if not known:
            mute.append((where, action))
    assert mute == [], "give them words in domain/audit/actions.py"


def test_everything_that_happens_to_content_has_words():
    nouns = set(content_audit.NOUNS.values())
    verbs = {*content_audit.VERBS.values(), "uploaded", "edited", "deleted", "imported"}
    assert nouns <= NOUNS.keys()
    assert verbs <= VERBS.keys()


def test_every_entity_can_be_said_to_be_created_changed_deleted_and_read():
    nouns = {
        getattr(model, "audit_noun", "") or model._meta.model_name
        for model in apps.get_models()
        if issubclass(model, Entity)
    }
    silent = sorted(
        noun
        for noun in nouns - NOUNS.keys()
        if noun not in content_audit.NOUNS and not noun.startswith("historical")
    )
    assert silent == [], "give their nouns words in domain/audit/actions.py"
    assert {"created", "changed", "deleted", "read", "listed", "exported"} <= VERBS.keys()


def test_every_state_of_a_demo_booking_is_a_verb():
    assert set(BookingStatus.values) <= VERBS.keys()


@pytest.mark.parametrize("language", ["en", "nb", "nn"])
def test_every_sentence_takes_who_and_what_in_every_language(language):
    with translation.override(language):
        for action in [*SENTENCES, *(f"faq.{verb}" for verb in VERBS)]:
            said = sentence(action, actor="Astrid Moen", is_system=False, label="Hva koster det?")
            assert "Astrid Moen" in said or action in WITHOUT_WHO, action
            assert "%(" not in said


def test_the_system_and_an_erased_person_have_a_name():
    assert sentence("faq.published", actor="", is_system=True, label="A").startswith("The system")
    assert "erased" in sentence("faq.published", actor="", is_system=False, label="A")
    assert sentence("xyz.done", actor="Astrid", is_system=False, label="A") == "Astrid: xyz.done A"


def test_a_list_is_said_by_what_it_is_a_list_of():
    said = sentence("user.listed", actor="Astrid", is_system=False, label="", several="people")
    assert said == "Astrid looked through people"
