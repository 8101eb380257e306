"""The OpenAPI document: valid, the same as committed, and kept from breaking its clients."""

import json
import re
import shutil
import subprocess
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator, validate

from api.core.openapi import plain_document

ROOT = Path(__file__).resolve().parents[2]
FAQS = "/api/v1/content/faqs/"


@pytest.mark.parametrize(
    ("version", "validator"), [("3.1.0", OpenAPIV31SpecValidator), ("3.0.3", OpenAPIV30SpecValidator)]
)
def test_the_document_is_valid_in_both_versions(version, validator):
    document = plain_document(version)
    assert document["openapi"] == version
    validate(document, cls=validator)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "version"), [("openapi.json", "3.1.0"), ("openapi-3.0.json", "3.0.3")])
@pytest.mark.parametrize("organization", ["nhf", "platform"])
def test_the_same_document_is_served_on_every_host(api_of, name, version, organization):
    response = api_of(organization).get(f"/api/{name}")
    assert response.json() == plain_document(version)
    again = api_of(organization).get(f"/api/{name}", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    for answer in (response, again):
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer


def operations(document: dict):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_has_a_name_of_its_own_a_description_and_problems():
    found = dict(operations(plain_document()))
    names = [operation["operationId"] for operation in found.values()]
    assert len(set(names)) == len(names)
    for where, operation in found.items():
        assert operation.get("description") or operation.get("summary"), where
        assert "application/problem+json" in operation["responses"]["default"]["content"], where


def test_only_what_needs_no_token_says_so():
    """As tests/contracts/addresses.json classifies them."""
    classes = json.loads((ROOT / "tests" / "contracts" / "addresses.json").read_text())
    open_to_all = {
        name.split()[1]
        for name, operation in operations(plain_document())
        if not operation.get("security") or {} in operation["security"]
    }
    closed = {"/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route) for route in classes["signed-in"]}
    described = {name.split()[1] for name, _operation in operations(plain_document())}
    assert described - open_to_all == closed & described


@pytest.fixture
def document(tmp_path, settings) -> Path:
    """A copy of the committed document, where the command then looks for it."""
    (tmp_path / "docs").mkdir()
    settings.BASE_DIR = tmp_path
    return Path(shutil.copy(ROOT / "docs" / "openapi.yaml", tmp_path / "docs"))


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def openapi(*arguments: str) -> str:
    """Runs the command: "" when it is content, else what it says and why it stops."""
    said = StringIO()
    try:
        call_command("openapi", *arguments, stdout=StringIO(), stderr=said)
    except CommandError as error:
        return f"{said.getvalue()}{error}"
    return said.getvalue()


def read(path: Path) -> dict:
    return yaml.load(path.read_text(), Loader=yaml.CSafeLoader)


def change(path: Path, *, by) -> None:
    document = read(path)
    by(document)
    path.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False))


def test_the_committed_document_says_what_the_code_does():
    assert openapi("--check") == ""


def test_a_stale_copy_fails_the_check_and_writing_mends_it(document):
    before = read(document)
    change(document, by=lambda d: d["paths"].pop(FAQS))
    assert "stale" in openapi("--check")
    assert openapi("--write") == ""
    assert read(document) == before
    assert openapi("--check") == ""


def test_a_breaking_change_fails_the_check_and_is_not_written(document):
    change(document, by=lambda d: d["paths"].update({"/api/v1/gone/": d["paths"][FAQS]}))
    promised = document.read_bytes()
    for argument in ("--check", "--write"):
        assert "breaking: /api/v1/gone/: removed" in openapi(argument)
        assert document.read_bytes() == promised


def test_what_broke_since_a_revision_is_found_though_the_copy_is_fresh(document):
    fresh, folder = document.read_bytes(), document.parents[1]
    change(
        document, by=lambda d: d["components"]["schemas"]["Faq"]["properties"].update(old={"type": "string"})
    )
    git(folder, "init", "--quiet")
    git(folder, "add", "docs")
    git(folder, "commit", "--quiet", "-m", "Promise more")
    document.write_bytes(fresh)
    assert openapi("--check") == ""
    assert f"breaking: GET {FAQS}: answer 200.results[].old removed" in openapi(
        "--check", "--against", "HEAD"
    )
    assert "Git has no v0.0.0:docs/openapi.yaml" in openapi("--check", "--against", "v0.0.0")
