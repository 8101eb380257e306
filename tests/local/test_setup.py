"""The set-up's own tools."""

from __future__ import annotations

import gettext
import os
import subprocess
import sys
from pathlib import Path

from .conftest import PROJECT

CATALOGUE = (
    'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Contact"\nmsgstr "{word}"\n'
)


def compile_messages(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / "tools" / "compile_messages.py"), str(project)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_translations_are_compiled_when_they_are_newer_than_their_compiled_form(tmp_path: Path) -> None:
    folder = tmp_path / "locale" / "nn" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source, compiled = folder / "django.po", folder / "django.mo"
    source.write_text(CATALOGUE.format(word="Følgje"))
    assert compile_messages(tmp_path).returncode == 0
    first = compiled.stat().st_mtime_ns
    assert compile_messages(tmp_path).returncode == 0
    assert compiled.stat().st_mtime_ns == first
    source.write_text(CATALOGUE.format(word="Samtale"))
    os.utime(source, (first / 1e9 + 10, first / 1e9 + 10))
    assert compile_messages(tmp_path).returncode == 0
    with compiled.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Contact") == "Samtale"


def test_a_broken_catalogue_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "cms" / "locale" / "nb" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text("nonsense here\n")
    done = compile_messages(tmp_path)
    assert done.returncode == 1
    assert "cms/locale/nb/LC_MESSAGES/django.po" in done.stderr
