"""docs/permissions.md from the role table."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from domain.access.abilities import ABILITIES, AREAS
from domain.access.choices import SCOPED, Role
from domain.access.roles import PERMISSIONS, SHARED

PATH = Path(settings.BASE_DIR) / "docs" / "permissions.md"
HEAD = """\
# Who may do what

Made from the role table (`domain/access/roles.py`) by `manage.py permissions_document`; don't edit it by
hand. A test compares.

A person has roles in an organisation from a day to a day. A role holds for the whole organisation, or, where
the table says so, for a local association and those below it. Whoever has several roles may do what any of
them allows, each where it holds. In the admin, “What may this person do?” says it for one person on one day.
"""
TAIL = """\
## Exceptions

Whoever gives roles can share a local association with one more person until a day, at most a year ahead, with
a reason (`domain/access/sharing.py`). Until then that person may also, there and below:

{shared}

## What holds whatever the role

- Everyone sees what is their own: membership, roles, sessions and passkeys; and changes their own name, phone
  and language.
- Everyone knows the names of the people they work with: coordinators and administrators of the places where
  they belong or have a role, and whoever has a role in exactly such a place. How to reach them is for those
  who may see members there.
- Every member reads the tree of local associations.
- Nobody gives a role that could do more than they can themselves; administrators give every role of their
  organisation, and the platform's staff are made by the platform.
- Somebody administers the organisation until further notice: the last one can't be taken away.
- Suspension and leaving end all sessions in the organisation with the same transaction, and no role counts.
- E-mail address, password and passkeys are the person's own: no organisation changes them.
"""


def document() -> str:
    """The page, in English."""
    with translation.override("en"):
        lines = [HEAD, "## Roles\n", "| Role | Key | Holds for |", "|---|---|---|"]
        for role in Role:
            reach = (
                "organisation, or a local association and those below" if role in SCOPED else "organisation"
            )
            lines.append(f"| {role.label} | `{role.value}` | {reach} |")
        for area in AREAS:
            lines += ["", f"## {area}\n", f"| May … | {' | '.join(str(role.label) for role in Role)} |"]
            lines.append("|---|" + ":-:|" * len(Role))
            for ability in (one for one in ABILITIES if one.area is area):
                marks = ["yes" if ability.permissions <= PERMISSIONS[role] else "–" for role in Role]
                lines.append(f"| {ability.words} | {' | '.join(marks)} |")
        lines += ["", "## The permissions behind the words\n", "| Ability | Permissions |", "|---|---|"]
        for ability in ABILITIES:
            names = ", ".join(f"`{name}`" for name in sorted(ability.permissions))
            lines.append(f"| {ability.words} | {names} |")
        shared = "\n".join(f"- {one.words}" for one in ABILITIES if one.permissions <= SHARED)
        return "\n".join(lines) + "\n\n" + TAIL.format(shared=shared)


class Command(BaseCommand):
    help = "Writes docs/permissions.md from the role table; --check only compares."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="exit 1 if the page is not up to date")

    def handle(self, *args, **options):
        text = document()
        if not options["check"]:
            PATH.write_text(text, encoding="utf-8")
        elif not PATH.exists() or PATH.read_text(encoding="utf-8") != text:
            raise CommandError("docs/permissions.md is not up to date: run manage.py permissions_document")
