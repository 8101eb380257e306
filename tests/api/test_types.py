"""A member of another type of JSON than it should have is refused and named, never read as something else."""

import pytest

from api.core.fields import EXPECTED
from domain.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
PLACES, ROLES, SETTINGS = (
    "/api/v1/local-associations/",
    "/api/v1/role-assignments/",
    "/api/v1/organization-settings/",
)
USERS, END_ALL = "/api/v1/users/", "/api/v1/sessions/end-all/"
WRONG = [
    ("post", PLACES, {"name": 1, "number": "1"}, "#/name"),
    ("post", PLACES, {"name": "Grorud", "number": 101}, "#/number"),
    ("post", PLACES, {"name": True, "number": "1"}, "#/name"),
    ("post", PLACES, {"name": ["Grorud"], "number": "1"}, "#/name"),
    ("post", PLACES, {"name": "Grorud", "number": "1", "parent": 7}, "#/parent"),
    ("post", PLACES, {"name": "Grorud", "number": "1", "kind": 1}, "#/kind"),
    ("post", ROLES, {"user": 1, "role": "finance"}, "#/user"),
    ("post", ROLES, {"user": None, "role": 1}, "#/role"),
    ("post", ROLES, {"role": "finance", "is_deputy": "true"}, "#/is_deputy"),
    ("post", ROLES, {"role": "finance", "is_deputy": 1}, "#/is_deputy"),
    ("post", ROLES, {"role": "finance", "valid_from": 20260101}, "#/valid_from"),
    ("patch", SETTINGS, {"max_local_associations": "5"}, "#/max_local_associations"),
    ("patch", SETTINGS, {"max_local_associations": 5.0}, "#/max_local_associations"),
    ("patch", SETTINGS, {"max_local_associations": True}, "#/max_local_associations"),
    ("patch", SETTINGS, {"second_step": "on"}, "#/second_step"),
    ("post", USERS, {"first_name": 1, "last_name": "Nilsen"}, "#/first_name"),
    ("post", END_ALL, {"reason": 12}, "#/reason"),
]


@pytest.fixture
def admin(api_of, nhf):
    return api_of("nhf", "admin@nhf.example")


@pytest.mark.parametrize(("method", "path", "body", "pointer"), WRONG)
def test_another_type_is_refused_at_its_member_and_nothing_is_written(admin, method, path, body, pointer):
    before = AuditEvent.objects.count()
    answer = getattr(admin, method)(path, body, format="json")
    assert answer.status_code == 400, answer.content
    found = {error["pointer"]: error["code"] for error in answer.json()["errors"]}
    assert found[pointer] == "wrong-type"
    assert AuditEvent.objects.count() == before


def test_what_else_is_wrong_is_said_too(admin):
    answer = admin.post(PLACES, {"name": 1, "kind": "castle"}, format="json")
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert {"#/name", "#/kind"} <= pointers


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "en tekst (i anførselstegn)"),
        ("nn", "ein tekst (i hermeteikn)"),
        ("en", "A text (in quotation"),
    ],
)
def test_the_type_is_named_in_the_callers_language(admin, language, text):
    answer = admin.post(f"{PLACES}?locale={language}", {"name": 1, "number": "1"}, format="json")
    [error] = [error for error in answer.json()["errors"] if error["pointer"] == "#/name"]
    assert text in error["detail"]


def test_each_kind_of_field_says_what_it_takes():
    assert all(types and str(message) for _kind, (types, message) in EXPECTED)
