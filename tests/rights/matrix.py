"""Who is answered what: the rows of api.csv and admin.csv, and the addresses that there are.

One line is one or several methods of one or several addresses that answer alike. To add an endpoint (what
is closed to everyone, by tests/contracts/addresses.json, has no line):

1. Write a line: `methods`, `address` as the URL configuration writes it (`{a,b}` for several), and `rows`:
   for each parameter that names a row `name=kind` (kinds: tests/support/rows.py), for others `name:value`.
2. Say what each role is answered, in its column, one to three words: for a row of one's own place, for one of
   a sibling local association, and for an id that is nobody's. One word of `yes` means `yes yes 404`, one of
   anything else means the same for all three; two words, that an unknown id is a 404. `-` where there is no
   such row. What belongs to another organisation is answered like an id of nobody's, so nothing says it.
3. If the endpoint takes a body, put a good one into bodies.json; `@kind` stands for the id of a row.

Words: `yes` let in (2xx; a page; in the admin also a redirect onwards) · `judged` let in, but what was sent
won't do (400, 409, 412, 415, 422) · `login` sent to the login page · `refused` a page's 403, or Wagtail's way
back to the first page · `confirm` asked to prove once more who one is · a number is that status.

Columns: `anonymous`; `barred`, who has a session but is no active member (suspended, left, or of another
organisation); `support`, the platform's staff without a grant, `support-read` with one to read everything;
`mentor`, also one who belongs to two organisations; `coordinator` of the region Øst; the organisation's
`finance`, `auditor`, `privacy_officer` and `admin`; `staff`, the platform's own on the platform's host, to
whom the rows of the organisation are foreign.
"""

import csv
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.contracts.addresses import Address, every_address

HERE = Path(__file__).parent
FILES = ("api.csv", "admin.csv")
# Column → who stands for it, in turn where there are several.
COLUMNS: dict[str, tuple[str, ...]] = {
    "anonymous": ("anonymous",),
    "barred": ("stranger", "suspended", "left"),
    "support": ("support",),
    "mentor": ("mentor", "both"),
    "coordinator": ("coordinator",),
    "finance": ("finance",),
    "auditor": ("auditor",),
    "privacy_officer": ("privacy_officer",),
    "admin": ("admin",),
    "support-read": ("support-read",),
    "staff": ("staff",),
}
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Entry:
    """One method of one address."""

    method: str
    address: str
    rows: tuple[tuple[str, str], ...]
    constants: tuple[tuple[str, str], ...]
    # Column → answers for own, sibling, unknown.
    answers: tuple[tuple[str, tuple[str, str, str]], ...]
    # The line it stands in: those of one line answer alike.
    line: int = 0

    @property
    def is_api(self) -> bool:
        return self.address.startswith("api/")

    def answer(self, column: str) -> tuple[str, str, str]:
        return dict(self.answers)[column]

    @property
    def name(self) -> str:
        return f"{self.method} {self.address}"

    def filled(self, ids: dict[str, str]) -> str:
        """The address with its parameters filled in."""
        return fill(self.address, {**dict(self.constants), **ids})


def fill(address: str, values: dict[str, str]) -> str:
    if "(" not in address:
        text = _PARAMETER.sub(lambda found: values[found[1]], address)
    else:
        # What little of Wagtail's is written as a regular expression, with one level of parentheses.
        unnamed = iter(("first", "second"))
        text = re.sub(r"\((?:\?P<(\w+)>)?[^()]*\)", lambda found: values[found[1] or next(unnamed)], address)
        text = text.replace("\\.", ".")
    return "/" + text.removesuffix("$").replace("^", "")


def parameters(address: str) -> list[str]:
    named = re.findall(r"\(\?P<(\w+)>", address) or _PARAMETER.findall(address)
    return named or ["first", "second"][: address.count("(")]


def words(cell: str) -> tuple[str, str, str]:
    """Answers for own, sibling and unknown rows."""
    said = cell.split()
    if len(said) == 1:
        said *= 3
        if said[0] == "yes":
            said[2] = "404"
    own, sibling, unknown = [*said, "404"][:3]
    return own, sibling, unknown


@cache
def entries() -> tuple[Entry, ...]:
    return tuple(
        itertools.chain.from_iterable(_read(HERE / name, 1000 * place) for place, name in enumerate(FILES))
    )


def _read(file: Path, first: int) -> Iterator[Entry]:
    with file.open(encoding="utf-8", newline="") as lines:
        for number, line in enumerate(csv.DictReader(lines), start=first):
            for address, rows in zip(
                _expand(line["address"]), _expand(line["rows"], line["address"]), strict=True
            ):
                pairs = [part.partition("=") for part in rows.split() if "=" in part]
                fixed = [part.partition(":") for part in rows.split() if "=" not in part]
                for method in line["methods"].split():
                    yield Entry(
                        method,
                        address,
                        tuple((name, kind) for name, _, kind in pairs),
                        tuple((name, value) for name, _, value in fixed),
                        tuple((column, words(line[column])) for column in COLUMNS),
                        number,
                    )


def _expand(text: str, like: str = "") -> list[str]:
    """`a/{b,c}/` as `a/b/` and `a/c/`; as many as `like` has. Every brace takes the same turn."""
    turns = re.search(r"\{([^}]*,[^}]*)\}", like or text)
    count = len(turns[1].split(",")) if turns else 1
    return [
        re.sub(r"\{([^}]*,[^}]*)\}", lambda found: found[1].split(",")[turn], text)  # noqa: B023
        for turn in range(count)
    ]


@cache
def addresses() -> tuple[Address, ...]:
    return tuple(every_address())


def methods(address: Address) -> list[str]:
    """What the view has a handler for; functions, which take whatever a browser sends: GET and POST."""
    view = address.callback
    made = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if made is None:
        return ["GET"] if address.route.startswith("api/") else ["GET", "POST"]
    known = set(getattr(view, "actions", None) or (n for n in made.http_method_names if hasattr(made, n)))
    known -= {"head", "options"}
    if not address.route.startswith("api/"):
        # Django's forms take PUT for POST; browsers send neither that nor anything else.
        known &= {"get", "post"}
    return sorted(name.upper() for name in known)
