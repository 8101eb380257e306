"""Registering activities and changing their facts: checked, judged, written, audited together."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from domain.associations.models import LocalAssociation
from domain.associations.queries import current_memberships
from domain.audit.entities import HIDDEN, create_entity, update_entity
from domain.audit.rules import differences, record
from domain.certification.queries import zone_here
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.core.scope import Scope
from domain.identity.models import Membership
from domain.people.models import Contact
from domain.people.standing import check_present, check_text, scope_of, validate

from .choices import EDITABLE
from .deciding import send_in
from .judging import judge
from .models import Activity, ActivityContact, ActivityLeader, ActivityType
from .models.activities import ADD, LOG
from .models.types import ADD_TYPE, CHANGE_TYPE
from .standing import check_may_keep, locked, people_of

# What a form, the API or an import can set.
FIELDS = (
    *("type", "local_association", "theme", "further_participants", "started_at", "utc_offset_minutes"),
    *("duration_minutes", "place", "mode", "country"),
)
MOST_LEADERS, MOST_CONTACTS, MOST_AT_ONCE = 20, 200, 100
YEARS = range(2000, 2101)


@transaction.atomic
def create_activity(
    *,
    by: Any,
    type: ActivityType,
    started_at: datetime,
    leaders: Iterable[Any] = (),
    contacts: Iterable[Contact] = (),
    local_association: LocalAssociation | None = None,
    summary: str = "",
    submit: bool = False,
    **values: Any,
) -> Activity:
    """Register an activity; without leaders the caller led it, without a place it is of the leader's chapter.

    A mentor registers what they led themselves; somebody with the right to add activities there registers for
    others, which is shown. With `submit` it is submitted at once. Raises InvalidInput naming the field,
    InvalidState for a retired type or a closed chapter, NotAllowed.
    """
    people = _leaders(leaders, by)
    place = local_association or _home_of(people[0])
    place = LocalAssociation.objects.select_for_update(no_key=True).get(pk=place.pk)
    scope = scope_of(by)
    _check_may_register(scope, place, people, by)
    if not place.is_active:
        raise InvalidState(
            _("“%(name)s” is closed: choose another.") % {"name": place}, code="closed-association"
        )
    if not type.is_active:
        raise InvalidState(
            _("“%(name)s” isn't used any more: choose another.") % {"name": type}, code="retired"
        )
    row = Activity(
        type=type,
        mentor=people[0],
        local_association=place,
        registered_by=by,
        is_proxy=by is not None and by.pk not in {each.pk for each in people},
        created_by=by,
        updated_by=by,
    )
    _assign(row, {"started_at": started_at, **values})
    if summary.strip():
        row.summary = summary.strip()
    named = _contacts(contacts, scope)
    row.participants = row.further_participants
    _check(row)
    row.save(force_insert=True)
    _set_leaders(row, people)
    _set_contacts(row, named)
    judge(row)
    row.save()
    given = {name: (None, _shown(row, name)) for name in (*FIELDS, "is_proxy")}
    record(
        "activity.created",
        row,
        by=by,
        changes={name: pair for name, pair in given.items() if pair[1] not in (None, "", 0, False)},
        on_behalf_of=people[0] if row.is_proxy else None,
        subject_ids=people_of(row),
    )
    return send_in(row, by=by) if submit else row


@transaction.atomic
def register_many(
    *, by: Any, leaders: Iterable[Any], starts: Iterable[datetime], submit: bool = True, **values: Any
) -> list[Activity]:
    """One form, many mentors or dates: an activity for each of the mentors at each of the times.

    Raises as `create_activity`, and InvalidInput for more than are made at once; then none is made.
    """
    people, times = list(leaders), list(starts)
    if not people:
        raise InvalidInput(_("Say who led it."), code="required", field="leaders")
    if not times:
        raise InvalidInput(_("Say when it began."), code="required", field="starts")
    if len(people) * len(times) > MOST_AT_ONCE:
        raise InvalidInput(
            _("At most %(most)d at once.") % {"most": MOST_AT_ONCE}, code="too-many", field="starts"
        )
    return [
        create_activity(by=by, leaders=[person], started_at=time, submit=submit, **values)
        for person in people
        for time in times
    ]


@transaction.atomic
def change_activity(
    activity: Activity, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> Activity:
    """Change facts of a draft, or of one that was rejected; it is judged anew.

    `changes` may hold `leaders`, `contacts` and `summary` besides `FIELDS` (not the chapter). Raises
    InvalidInput naming the field, InvalidState once it is submitted, NotAllowed, StaleVersion.
    """
    row = locked(activity, version)
    check_may_keep(by, row)
    if row.status not in EDITABLE:
        raise InvalidState(_("It is submitted: withdraw it before you change it."), code="wrong-status")
    scope = scope_of(by)
    plain = {name: value for name, value in changes.items() if name in FIELDS}
    if "local_association" in plain and plain["local_association"].pk != row.local_association_id:
        raise InvalidInput(_("This can't be set here."), code="not-editable", field="local_association")
    kind = plain.get("type")
    if kind is not None and kind.pk != row.type_id and not kind.is_active:
        raise InvalidState(
            _("“%(name)s” isn't used any more: choose another.") % {"name": kind}, code="retired"
        )
    before = {name: _shown(row, name) for name in plain}
    _assign(row, plain)
    if "summary" in changes:
        row.summary = (changes["summary"] or "").strip() or None
    if "leaders" in changes:
        people = _leaders(changes["leaders"], by)
        _check_may_register(scope, row.local_association, people, by, registered=row.registered_by_id)
        row.mentor = people[0]
        _set_leaders(row, people)
    if "contacts" in changes:
        _set_contacts(row, _contacts(changes["contacts"], scope, held=row))
    row.participants = row.contact_links.count() + row.further_participants
    _check(row)
    judge(row)
    row.updated_by = by
    row.save()
    changed: dict[str, tuple[Any, Any]] = differences(before, {name: _shown(row, name) for name in before})
    changed.update({name: (HIDDEN, HIDDEN) for name in ("summary", "leaders", "contacts") if name in changes})
    record("activity.changed", row, by=by, changes=changed, subject_ids=people_of(row))
    return row


def hand_over_activities(*, merged: LocalAssociation, into: LocalAssociation, by: Any) -> None:
    """When a local association is merged into another, its activities go along; stamped paths stay."""
    rows = Activity.objects.select_for_update(of=("self",)).filter(local_association=merged)
    moved = list(rows.select_related("type").prefetch_related("leaders", "contact_links"))
    rows.update(local_association=into, updated_by=by)
    for row in moved:
        led = [leader.user_id for leader in row.leaders.all() if leader.user_id is not None]
        record(
            "activity.moved",
            row,
            by=by,
            changes={"local_association": (str(merged), str(into))},
            subject_ids=[*led, *(link.contact_id for link in row.contact_links.all())],
        )


# --- Types


def create_type(*, by: Any, **values: Any) -> ActivityType:
    """A new type. Raises NotAllowed, ValidationError for a key that is taken."""
    return create_entity(ActivityType(**values), by=by, permission=ADD_TYPE)


def change_type(
    kind: ActivityType, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> ActivityType:
    """Change a type; `is_active` retires it. The key stays. What was judged already keeps its verdict."""
    stored = ActivityType.objects.get(pk=kind.pk)
    return update_entity(stored, by=by, values=changes, version=version, permission=CHANGE_TYPE)


# --- What the rules have in common


def _leaders(leaders: Iterable[Any], by: Any) -> list[Any]:
    people = list({each.pk: each for each in leaders}.values())
    if not people and by is not None:
        people = [by]
    if not people:
        raise InvalidInput(_("Say who led it."), code="required", field="leaders")
    if len(people) > MOST_LEADERS:
        raise InvalidInput(_("At most %(most)d at once.") % {"most": MOST_LEADERS}, field="leaders")
    here = Membership.objects.here().filter(user__in=people).values_list("user", flat=True)
    if set(here) != {each.pk for each in people}:
        raise InvalidInput(_("This person is no member of the organisation."), field="leaders")
    return people


def _contacts(
    contacts: Iterable[Contact], scope: Scope | None, held: Activity | None = None
) -> list[Contact]:
    named = list({each.pk: each for each in contacts}.values())
    if len(named) > MOST_CONTACTS:
        raise InvalidInput(_("At most %(most)d at once.") % {"most": MOST_CONTACTS}, field="contacts")
    keys = [each.pk for each in named]
    kept = set(held.contact_links.values_list("contact", flat=True)) if held is not None else set()
    if scope is not None:
        seen = set(Contact.objects.visible_to(scope).filter(pk__in=keys).values_list("pk", flat=True))
        if not set(keys) <= seen | kept:
            raise InvalidInput(_("There is no such choice."), field="contacts")
    for each in named:
        if each.pk not in kept:
            check_present(each)
    return named


def _home_of(user: Any) -> LocalAssociation:
    held = current_memberships(user).order_by("-is_primary", "valid_from").first()
    if held is None:
        raise InvalidInput(
            _("Say to which local association it belongs."), code="required", field="local_association"
        )
    return held.association


def _check_may_register(
    scope: Scope | None, place: LocalAssociation, people: list[Any], by: Any, *, registered: Any = None
) -> None:
    if scope is None or scope.can(ADD, place.path):
        return
    if scope.can(LOG, place.path) or (scope.can(LOG) and _home_is(by, place)):
        if by.pk in {each.pk for each in people} or registered == by.pk:
            return
        raise InvalidInput(_("You register what you led yourself."), code="not-own", field="leaders")
    raise NotAllowed(_("You are not allowed to do this there."))


def _home_is(user: Any, place: LocalAssociation) -> bool:
    return current_memberships(user).filter(association=place).exists()


def _set_leaders(row: Activity, people: list[Any]) -> None:
    held = {each.user_id: each for each in row.leaders.all()}
    wanted = {each.pk for each in people}
    for user, each in held.items():
        if user not in wanted:
            each.delete()
    for person in people:
        if person.pk not in held:
            ActivityLeader(activity=row, user=person).save(force_insert=True)


def _set_contacts(row: Activity, named: list[Contact]) -> None:
    wanted = {each.pk for each in named}
    row.contact_links.exclude(contact__in=wanted).delete()
    held = set(row.contact_links.values_list("contact", flat=True))
    ActivityContact.objects.bulk_create(
        ActivityContact(activity=row, contact=each) for each in named if each.pk not in held
    )


def _assign(row: Activity, values: Mapping[str, Any]) -> None:
    """Set fields as they are stored: spaces single, the day by the place's clocks. Raises InvalidInput."""
    unknown = sorted(set(values) - set(FIELDS))
    if unknown:
        raise InvalidInput(_("This can't be set here."), code="not-editable", field=unknown[0])
    for name, value in values.items():
        setattr(row, name, " ".join(value.split()) if isinstance(value, str) else value)
    check_text(row)
    if row.started_at.tzinfo is None or row.started_at.year not in YEARS:
        raise InvalidInput(_("This is no time that it can have begun."), field="started_at")
    if "utc_offset_minutes" not in values and ("started_at" in values or row.utc_offset_minutes is None):
        offset = row.started_at.astimezone(zone_here()).utcoffset()
        row.utc_offset_minutes = int(offset.total_seconds() // 60) if offset is not None else 0
    row.started_at = row.started_at.astimezone(UTC)
    try:
        row.day = row.local_day()
    except (ValueError, OverflowError) as error:
        raise InvalidInput(_("This is no offset that there is."), field="utc_offset_minutes") from error


def _check(row: Activity) -> None:
    if "summary" in row.__dict__:
        try:
            row._meta.get_field("summary").clean(row.summary, row)
        except ValidationError as error:
            raise InvalidInput(error.messages[0], field="summary") from error
    validate(row, without=("type", "local_association", "mentor", "registered_by", "decided_by", "summary"))


def _shown(row: Activity, name: str) -> Any:
    value = getattr(row, name)
    return str(value) if hasattr(value, "_meta") else value
