"""What a file of members would do, row by row; and doing it.

A row with an e-mail address invites; one without registers a person who never signs in; one whose member
number is there already changes that member's title. Nobody's name, address or password is changed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.admin.importing.columns import CellError, ChoiceColumn, Column, TextColumn, folded
from cms.admin.importing.planning import Change, Outcome, Problem
from cms.admin.importing.tables import Row, Table
from domain.access.choices import INVITED_TO, SCOPED, InvitationState, Role
from domain.access.invitations import invite
from domain.access.members import change_membership, register_person
from domain.access.models import Invitation
from domain.associations.models import LocalAssociation
from domain.audit.rules import record
from domain.core.errors import DomainError, StaleVersion
from domain.core.scope import Scope
from domain.identity.choices import MembershipStatus
from domain.identity.emails import canonical
from domain.identity.models import Membership, User
from tenants.models import LANGUAGE_CODES

# Of names and titles, in characters.
LONGEST = 100
ROLES = tuple((role.value, role.label) for role in INVITED_TO)
COLUMNS: tuple[Column, ...] = (
    TextColumn(
        "external_reference",
        gettext_lazy("Member number"),
        also=("medlemsnummer", "medlemsnr", "nummer", "external_reference"),
        help=gettext_lazy("Your own key: a number that is there already changes that member's title."),
        example="10234",
    ),
    TextColumn("first_name", gettext_lazy("First name"), also=("fornavn", "førenamn"), example="Kari"),
    TextColumn("last_name", gettext_lazy("Last name"), also=("etternavn", "etternamn"), example="Nordmann"),
    TextColumn(
        "email",
        gettext_lazy("E-mail"),
        also=("e-post", "epost", "mail"),
        help=gettext_lazy("Gets an invitation. Empty: the person is registered and never signs in."),
        example="kari@example.org",
    ),
    ChoiceColumn(
        "role",
        gettext_lazy("Role"),
        choices=ROLES,
        also=("rolle", "roller", "roles"),
        help=gettext_lazy("Must be filled where an e-mail address is."),
        example="peer_mentor",
    ),
    TextColumn(
        "local_association",
        gettext_lazy("Number of the local association"),
        also=("lokallag", "lagsnummer", "local association"),
        help=gettext_lazy("Where the role holds, and the person without e-mail belongs."),
        example="03012",
    ),
    TextColumn("display_title", gettext_lazy("Title"), also=("tittel",)),
    ChoiceColumn(
        "language",
        gettext_lazy("Language"),
        choices=tuple(LANGUAGE_CODES),
        also=("språk",),
        help=gettext_lazy("Of the invitation. Empty: the organisation's."),
    ),
)
BY_NAME = {column.name: column for column in COLUMNS}


@dataclass
class Planned:
    """One row of the file and what would become of it."""

    row: Row
    title: str = ""
    number: str = ""
    outcome: Outcome = Outcome.NEW
    problems: list[Problem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    stored: Membership | None = None

    def fail(self, column: str, message: str) -> None:
        self.outcome = Outcome.ERROR
        self.problems.append(Problem(str(column), str(message)))

    def stamp(self) -> list:
        """What must still hold when it is carried out."""
        return [self.row.number, self.outcome.value, self.stored.version if self.stored else None]


class Plan:
    """Reads every row of a table; writes nothing. `scope` is the importing person's.

    `step` is told how many rows are read.
    """

    def __init__(self, table: Table, scope: Scope, *, step: Callable[[int], None] = lambda done: None):
        self.names = self.names_of(table)
        members = Membership.objects.visible_to(scope).select_related("user")
        self.by_number = {row.external_reference: row for row in members if row.external_reference}
        self.addresses = {
            row.user.email for row in members if row.user.email and row.status != MembershipStatus.LEFT
        }
        open_ones = Invitation.objects.in_state(InvitationState.OPEN)
        self.invited = set(open_ones.values_list("email", flat=True))
        self.places = {folded(row.number): row for row in LocalAssociation.objects.visible_to(scope).active()}
        self.seen: set[tuple[str, str]] = set()
        self.rows: list[Planned] = []
        for row in table.rows:
            self.rows.append(self._read(row))
            step(len(self.rows))

    @staticmethod
    def names_of(table: Table) -> list[str | None]:
        """The column that each heading means, each once; None where it means none."""
        taken: set[str] = set()
        names: list[str | None] = []
        for header in table.headers:
            found = next(
                (c.name for c in COLUMNS if c.name not in taken and folded(header) in c.headings), None
            )
            taken |= {found} if found else set()
            names.append(found)
        return names

    @property
    def good(self) -> list[Planned]:
        return [row for row in self.rows if row.outcome in (Outcome.NEW, Outcome.UPDATE)]

    @property
    def counts(self) -> dict[str, int]:
        return {outcome.value: sum(row.outcome == outcome for row in self.rows) for outcome in Outcome}

    def stamps(self) -> list[list]:
        return [row.stamp() for row in self.rows]

    def _read(self, row: Row) -> Planned:
        planned = Planned(row)
        cells = {name: row.cells[at].strip() for at, name in enumerate(self.names) if name}
        for name, cell in cells.items():
            if not cell:
                continue
            try:
                value = BY_NAME[name].read(cell, None)  # type: ignore[arg-type]
            except CellError as error:
                planned.fail(str(BY_NAME[name].label), str(error))
                continue
            planned.values[name] = value
        values = planned.values
        self._spell_email(planned)
        planned.number = values.get("external_reference", "")
        planned.title = f"{values.get('first_name', '')} {values.get('last_name', '')}".strip() or values.get(
            "email", ""
        )
        planned.stored = self.by_number.get(planned.number) if planned.number else None
        for key in (("number", planned.number), ("mail", values.get("email", ""))):
            if key[1] and key in self.seen:
                planned.fail("", _("This is twice in the file."))
            self.seen.add(key)
        if planned.stored is not None:
            self._plan_change(planned)
        elif not planned.problems:
            self._plan_new(planned)
        return planned

    @staticmethod
    def _spell_email(planned: Planned) -> None:
        email = planned.values.get("email")
        if not email:
            return
        try:
            planned.values["email"] = canonical(email)
        except ValidationError as error:
            planned.fail(_("E-mail"), error.messages[0])
            del planned.values["email"]

    def _plan_change(self, planned: Planned) -> None:
        assert planned.stored is not None
        planned.title = str(planned.stored.user)
        title = " ".join(str(planned.values.get("display_title", "")).split())
        if planned.problems:
            return
        if not title or title == planned.stored.display_title:
            planned.outcome = Outcome.UNCHANGED
            return
        planned.outcome = Outcome.UPDATE
        planned.changes.append(Change(str(_("Title")), planned.stored.display_title, title))

    def _plan_new(self, planned: Planned) -> None:
        values = planned.values
        number = values.get("local_association")
        place = self.places.get(folded(number)) if number else None
        if number and place is None:
            planned.fail(_("Local association"), _("There is none with this number that is open."))
        role, email = values.get("role", ""), values.get("email", "")
        for name in ("first_name", "last_name", "display_title"):
            if len(str(values.get(name, ""))) > LONGEST:
                planned.fail(
                    str(BY_NAME[name].label), _("At most %(limit)d characters.") % {"limit": LONGEST}
                )
        if email:
            self._check_invitation(planned, email, role)
            if role and place is not None and role not in SCOPED:
                planned.fail(_("Role"), _("This role holds for the whole organisation."))
        else:
            for name in ("first_name", "last_name"):
                if not values.get(name):
                    planned.fail(str(BY_NAME[name].label), _("Must be filled in."))
        values["place"] = place
        if planned.problems:
            return
        does = _("is invited") if email else _("is registered without e-mail")
        planned.changes.append(Change(str(_("Person")), "", does))
        if role:
            planned.changes.append(Change(str(_("Role")), "", str(Role(role).label)))
        if place is not None:
            planned.changes.append(Change(str(_("Local association")), "", str(place)))

    def _check_invitation(self, planned: Planned, email: str, role: str) -> None:
        if email in self.addresses:
            planned.fail(_("E-mail"), _("This person is a member already."))
        elif email in self.invited:
            planned.fail(_("E-mail"), _("An invitation to this address is open."))
        if not role:
            planned.fail(_("Role"), _("Must be filled where an e-mail address is."))


def carry_out(table: Table, *, stamps: list[list], scope: Scope, by: User, file_name: str) -> dict[str, int]:
    """Write the good rows of a file, all of them or none; gives how many were made and changed.

    Raises StaleVersion where the file would no longer do what the person looked at, and whatever a rule says.
    """
    plan = Plan(table, scope)
    if plan.stamps() != stamps:
        raise StaleVersion(_("Something was changed after you looked at the result. Look again."))
    for row in plan.good:
        try:
            _write(row, by=by)
        except DomainError as refusal:
            message = f"{row.row.number}: {refusal.message}"
            raise type(refusal)(message, code=refusal.code) from refusal
    counts = plan.counts
    figures = {
        "created": counts[Outcome.NEW.value],
        "updated": counts[Outcome.UPDATE.value],
        "failed": counts[Outcome.ERROR.value],
    }
    if plan.good:
        record(
            "membership.imported",
            ContentType.objects.get_for_model(Membership),
            by=by,
            changes={name: (None, count) for name, count in figures.items()},
            reason=file_name[:500],
        )
    return figures


def _write(row: Planned, *, by: User) -> None:
    values = row.values
    if row.stored is not None:
        change_membership(row.stored, changes={"display_title": values["display_title"]}, by=by)
    elif values.get("email"):
        invite(
            email=values["email"],
            role=values["role"],
            first_name=values.get("first_name", ""),
            last_name=values.get("last_name", ""),
            local_association=values["place"],
            language=values.get("language", ""),
            by=by,
        )
    else:
        register_person(
            first_name=values["first_name"],
            last_name=values["last_name"],
            role=values.get("role", ""),
            local_association=values["place"],
            display_title=values.get("display_title", ""),
            external_reference=row.number,
            by=by,
        )


def described() -> list[dict[str, Any]]:
    """The columns, for the page that says what a file may hold."""
    found = []
    for column in COLUMNS:
        help = str(column.help)
        if isinstance(column, ChoiceColumn):
            choices = ", ".join(f"{key} ({label})" for key, label in column.choices)
            help = f"{help} {_('One of: %(choices)s.') % {'choices': choices}}".strip()
        found.append(
            {
                "label": capfirst(str(column.label)),
                "required": column.required,
                "help": help,
                "example": str(column.example),
            }
        )
    return found


def missing(names: Sequence[str | None]) -> str:
    """What the file lacks; empty where it has enough to begin with."""
    if "email" in names or {"first_name", "last_name"} <= set(names) or "external_reference" in names:
        return ""
    return _("No column holds e-mail addresses, names or member numbers: name it in the first row.")
