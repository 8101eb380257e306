"""Keep the Norwegian catalogues in step with the texts in the code.

    python tools/messages.py            what is missing, empty, unused or has wrong placeholders
    python tools/messages.py --check    the same, and exit 1 when a text can't be shown in nb or nn
    python tools/messages.py --add      append an empty entry for each missing text
    python tools/messages.py --prune    drop our entries that no code uses any more

It does what Django's `makemessages` does, without GNU gettext: Python files are read with `ast`, templates
with Django's own `templatize`, scripts with a regular expression. See docs/translations.md.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("nb", "nn")
SOURCES = ("tenants", "domain", "api", "cms", "templates")
SKIPPED_FOLDERS = {"migrations", "locale", "node_modules", "__pycache__", "vendor"}
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml", ".svg"}

# The entry that separates the strings of Wagtail, Django and other packages (above) from ours (below).
MARKER_CONTEXT = "section"
MARKER = "Meander's own strings"
MARKER_COMMENT = (
    "=" * 72 + "\nOURS: the strings of Meander itself stand below this entry, those of Wagtail,\n"
    "Django and other packages above it. tools/messages.py looks for it.\n" + "=" * 72
)

# Positions of context, singular and plural among the arguments of a function.
Places = tuple[int | None, int, int | None]
FUNCTIONS: dict[str, Places] = {
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}

LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b(_|n?p?gettext)\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)")
PLACEHOLDER = re.compile(r"%\(\w+\)[#0 +-]*[\d.]*[a-zA-Z]|%[sdif]|\{\w*(?:\.\w+)*(?:![rsa])?(?::[^{}]*)?\}")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")

Key = tuple[str | None, str]


@dataclass
class Message:
    """A text to translate: its gettext key, its plural if it has one, and the files that use it."""

    context: str | None
    singular: str
    plural: str | None = None
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> Key:
        return (self.context, self.singular)


@dataclass
class Catalogue:
    """What was extracted for one gettext domain, and what couldn't be."""

    messages: dict[Key, Message] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def note(self, message: Message, file: str) -> None:
        known = self.messages.setdefault(message.key, message)
        known.plural = known.plural or message.plural
        known.files.add(file)


def source_files(root: Path, suffixes: set[str]) -> Iterator[Path]:
    """Our files with one of `suffixes`, in a fixed order."""
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes and not SKIPPED_FOLDERS & set(path.parts[len(root.parts) :]):
                yield path


def message(texts: list[str], places: Places) -> Message:
    """The message of a call whose literal arguments, in their order, are `texts`."""
    context, singular, plural = places
    return Message(
        None if context is None else texts[context],
        texts[singular],
        None if plural is None else texts[plural],
    )


def python_messages(code: str, file: str) -> Iterator[Message | str]:
    """The messages in Python source; a `str` is a fault: a text put together before it is translated."""
    tree = ast.parse(code, filename=file)
    names = dict(zip(FUNCTIONS, FUNCTIONS, strict=True))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names.update({a.asname: a.name for a in node.names if a.asname and a.name in FUNCTIONS})
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        called = node.func
        name = getattr(called, "id", getattr(called, "attr", ""))
        places = FUNCTIONS.get(names.get(name, ""))
        if places is None or len(node.args) <= max(p or 0 for p in places):
            continue
        texts = [node.args[place] for place in places if place is not None]
        values = [text.value for text in texts if isinstance(text, ast.Constant)]
        if any(isinstance(text, ast.JoinedStr | ast.BinOp) for text in texts):
            yield f"{file}:{node.lineno}: {name}() needs one literal; put the values in afterwards"
        elif len(values) == len(texts):
            yield message([str(value) for value in values], places)


def called_messages(code: str) -> Iterator[Message]:
    """The messages in a script, or in a template that `templatize` has turned into calls."""
    for name, arguments in CALL.findall(code):
        texts = [ast.literal_eval(literal) for literal in re.findall(LITERAL, arguments)]
        places = FUNCTIONS["gettext" if name == "_" else name]
        if len(texts) > max(p or 0 for p in places):
            yield message(texts, places)


def extract(root: Path = ROOT) -> dict[str, Catalogue]:
    """Every text of ours, by gettext domain."""
    found = {"django": Catalogue(), "djangojs": Catalogue()}
    for path in source_files(root, {".py"}):
        file = path.relative_to(root).as_posix()
        for item in python_messages(path.read_text(encoding="utf-8"), file):
            if isinstance(item, str):
                found["django"].faults.append(item)
            else:
                found["django"].note(item, file)
    for path in source_files(root, TEMPLATE_SUFFIXES):
        if "templates" in path.relative_to(root).parts:
            file = path.relative_to(root).as_posix()
            for item in called_messages(templatize(path.read_text(encoding="utf-8"), origin=file)):
                found["django"].note(item, file)
    for path in source_files(root, {".js"}):
        for item in called_messages(path.read_text(encoding="utf-8")):
            found["djangojs"].note(item, path.relative_to(root).as_posix())
    return found


def po_path(language: str, domain: str, root: Path = ROOT) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / f"{domain}.po"


def read(path: Path) -> polib.POFile:
    return polib.pofile(str(path), wrapwidth=100, encoding="utf-8")


def key_of(entry: polib.POEntry) -> Key:
    return (entry.msgctxt, entry.msgid)


def is_marker(entry: polib.POEntry) -> bool:
    return key_of(entry) == (MARKER_CONTEXT, MARKER)


def own_entries(po: polib.POFile) -> list[polib.POEntry]:
    """The entries below the marker; none if the marker is missing."""
    at = next((index for index, entry in enumerate(po) if is_marker(entry)), len(po))
    return list(po[at + 1 :])


def placeholders(text: str) -> list[str]:
    """The placeholders and HTML tags of a text, sorted; `%%` is a plain percent sign."""
    text = text.replace("%%", "")
    return sorted(PLACEHOLDER.findall(text) + TAG.findall(text))


def placeholder_fault(entry: polib.POEntry) -> str | None:
    """What is wrong with the placeholders of a translated entry, in words, or None.

    The singular form of a plural may leave the number out or put it in, as its source's two forms do.
    """
    one = placeholders(entry.msgid)
    if not entry.msgid_plural:
        wrong = placeholders(entry.msgstr) != one
    else:
        many = placeholders(entry.msgid_plural)
        forms = [placeholders(entry.msgstr_plural[index]) for index in sorted(entry.msgstr_plural)]
        wrong = forms[0] not in (one, many) or any(form != many for form in forms[1:])
    return f"placeholders or tags differ in {entry.msgid!r}" if wrong else None


def faults(po: polib.POFile, wanted: dict[Key, Message]) -> list[str]:
    """What keeps a catalogue from being shown: texts without a translation, and translations that break."""
    entries = {key_of(entry): entry for entry in po if not entry.obsolete}
    missing = [
        f"missing: {message.singular!r} ({min(message.files)})"
        for message in wanted.values()
        if message.key not in entries
    ]
    broken = []
    for entry in entries.values():
        if entry.fuzzy:
            broken.append(f"fuzzy: {entry.msgid!r}")
        elif not entry.translated():
            broken.append(f"empty: {entry.msgid!r}")
        elif fault := placeholder_fault(entry):
            broken.append(fault)
    for message in wanted.values():
        if message.plural and message.key in entries and not entries[message.key].msgid_plural:
            broken.append(f"has no plural: {message.singular!r}")
    return missing + broken


def unused(po: polib.POFile, wanted: dict[Key, Message]) -> list[polib.POEntry]:
    return [entry for entry in own_entries(po) if key_of(entry) not in wanted]


def add(po: polib.POFile, wanted: dict[Key, Message]) -> int:
    """Append empty entries for what is missing, refresh the files named beside ours; the number added."""
    if not any(is_marker(entry) for entry in po):
        po.append(polib.POEntry(msgctxt=MARKER_CONTEXT, msgid=MARKER, msgstr=MARKER, tcomment=MARKER_COMMENT))
    for entry in own_entries(po):
        if key_of(entry) in wanted:
            entry.occurrences = [(file, "") for file in sorted(wanted[key_of(entry)].files)]
    known = {key_of(entry) for entry in po if not entry.obsolete}
    added = [message for key, message in wanted.items() if key not in known]
    for message in added:
        entry = polib.POEntry(msgctxt=message.context, msgid=message.singular)
        entry.occurrences = [(file, "") for file in sorted(message.files)]
        if message.plural:
            entry.msgid_plural, entry.msgstr_plural = message.plural, {0: "", 1: ""}
        po.append(entry)
    return len(added)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for option in ("check", "add", "prune"):
        parser.add_argument(f"--{option}", action="store_true")
    options = parser.parse_args(arguments)
    found = extract()
    report: dict[str, list[str]] = {fault: [] for fault in found["django"].faults}
    for language in LANGUAGES:
        for domain, catalogue in found.items():
            path = po_path(language, domain)
            po = read(path)
            if options.add and (domain == "django" or catalogue.messages):
                print(f"{path.relative_to(ROOT)}: {add(po, catalogue.messages)} added")
            if options.prune:
                for entry in unused(po, catalogue.messages):
                    po.remove(entry)
            if options.add or options.prune:
                po.save()
            for line in faults(po, catalogue.messages):
                report.setdefault(line, []).append(language)
            for entry in unused(po, catalogue.messages):
                print(f"{path.relative_to(ROOT)}: not used any more: {entry.msgid!r}")
    for line, languages in report.items():
        print(f"{', '.join(languages) or 'source'}: {line}")
    count = sum(len(languages) or 1 for languages in report.values())
    texts = sum(len(catalogue.messages) for catalogue in found.values())
    print(f"{texts} texts of ours, {count} faults")
    return 1 if count and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
