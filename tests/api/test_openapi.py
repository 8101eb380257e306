"""The OpenAPI document: valid, the same as committed, and kept from breaking its clients."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
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


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """The code and its committed document, in a Git repository of their own."""
    folder = tmp_path_factory.mktemp("checkout")
    for room in ("api", "cms", "domain", "tenants"):
        ours = shutil.ignore_patterns("__pycache__", "static")
        shutil.copytree(ROOT / room, folder / room, ignore=ours)
    (folder / "docs").mkdir()
    (folder / "cms" / "static").mkdir()
    shutil.copy(ROOT / "docs" / "openapi.yaml", folder / "docs")
    shutil.copy(ROOT / "manage.py", folder)
    return folder


@pytest.fixture
def document(copy) -> Path:
    """The committed document of the copy; as it was again afterwards."""
    path = copy / "docs" / "openapi.yaml"
    before = path.read_bytes()
    yield path
    path.write_bytes(before)


def git(copy: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=copy, check=True, capture_output=True)


def openapi(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cms.settings.test",
        "MEANDER_DATA": str(copy / "var"),
    }
    return subprocess.run(
        [sys.executable, "manage.py", "openapi", *arguments],
        cwd=copy,
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
    )


def change(path: Path, *, by) -> None:
    document = yaml.safe_load(path.read_text())
    by(document)
    path.write_text(yaml.dump(document, sort_keys=False))


def test_the_committed_document_says_what_the_code_does(copy, document):
    done = openapi(copy, "--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_stale_copy_fails_the_check_and_writing_mends_it(copy, document):
    before = yaml.safe_load(document.read_text())
    change(document, by=lambda d: d["paths"].pop(FAQS))
    done = openapi(copy, "--check")
    assert done.returncode == 1
    assert "stale" in done.stderr
    assert openapi(copy, "--write").returncode == 0
    assert yaml.safe_load(document.read_text()) == before
    assert openapi(copy, "--check").returncode == 0


def test_a_breaking_change_fails_the_check_and_is_not_written(copy, document):
    change(document, by=lambda d: d["paths"].update({"/api/v1/gone/": d["paths"][FAQS]}))
    promised = document.read_bytes()
    for argument in ("--check", "--write"):
        done = openapi(copy, argument)
        assert done.returncode == 1
        assert "breaking: /api/v1/gone/: removed" in done.stderr
        assert document.read_bytes() == promised


def test_what_broke_since_a_revision_is_found_though_the_copy_is_fresh(copy, document):
    fresh = document.read_bytes()
    change(
        document, by=lambda d: d["components"]["schemas"]["Faq"]["properties"].update(old={"type": "string"})
    )
    git(copy, "init", "--quiet")
    git(copy, "add", "docs")
    git(copy, "commit", "--quiet", "-m", "Promise more")
    document.write_bytes(fresh)
    assert openapi(copy, "--check").returncode == 0
    done = openapi(copy, "--check", "--against", "HEAD")
    assert done.returncode == 1
    assert f"breaking: GET {FAQS}: answer 200.results[].old removed" in done.stderr
    unknown = openapi(copy, "--check", "--against", "v0.0.0")
    assert unknown.returncode == 1
    assert "Git has no v0.0.0:docs/openapi.yaml" in unknown.stderr
