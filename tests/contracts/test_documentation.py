"""The documentation names what there is."""

import os
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_environment_variable_of_the_settings_is_documented():
    used = set()
    for file in (ROOT / "cms" / "settings").glob("*.py"):
        used |= set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"", file.read_text()))
    documented = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs" / "configuration.md").read_text()))
    assert used - documented == set()


def test_every_direct_dependency_has_its_reason():
    text = (ROOT / "docs" / "dependencies.md").read_text().lower()
    for file in (ROOT / "requirements").glob("*.in"):
        for line in file.read_text().splitlines():
            if line and not line.startswith(("#", "-r")):
                name = re.split(r"[\[<>=~ ]", line)[0].lower()
                assert name in text, f"{name} ({file.name}) has no reason in docs/dependencies.md"


def test_the_order_of_areas_is_checked_by_import_contracts():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(c for c in config["contracts"] if c.get("containers") == ["domain"])["layers"]
    areas = {path.parent.name for path in (ROOT / "domain").glob("*/__init__.py")}
    assert areas == set(layers)


def test_nothing_in_the_repository_names_this_machine_or_a_package_registry():
    forbidden = re.compile(r"files\.pythonhosted\.org|registry\.npmjs\.org|deb\.debian\.org")
    for folder, folders, names in os.walk(ROOT):
        # Not looked into at all: databases of other tests come and go in there.
        folders[:] = set(folders) - {".git", ".venv", "var", "node_modules", "__pycache__"}
        for file in (Path(folder, name) for name in names):
            if file.suffix in {".py", ".md", ".txt", ".json", ".toml", ".yaml", ".yml", ".sh", ".in", ""}:
                text = file.read_text(errors="ignore")
                assert file == Path(__file__).resolve() or not forbidden.search(text), file
