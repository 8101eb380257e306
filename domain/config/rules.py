"""Changing what an organisation decides about itself: checked, written and audited together."""

import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.audit.rules import differences, record
from domain.core.errors import InvalidInput, InvalidState, NotAllowed, StaleVersion
from domain.core.models import Entity
from tenants.models import LANGUAGE_CODES

from . import memory
from .choices import LOCALES_WITH_DEFINITE_FORMS, PLATFORM_ONLY_AREAS, Area
from .default_terms import DEFAULT_TERMS, Forms
from .models import FeatureArea, OrganizationSettings, TerminologyOverride
from .queries import current_organization
from .terminology import check_locale, check_term

CHANGE_TERMS = "config.change_terminologyoverride"
CHANGE_AREAS = "config.change_featurearea"
CHANGE_SETTINGS = "config.change_organizationsettings"

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
# Checked together with others, changed or not.
_IN_CONSTRAINTS = {"quiet_hours_start", "quiet_hours_end"} | {
    f"support_{name}" for name in ("access_policy", "window_start", "window_end")
}
# Set by the database or by us, never by a caller.
_NOT_SETTINGS = {"id", "singleton", "version", "change_xid"} | {
    f"{verb}_{noun}" for verb in ("created", "updated") for noun in ("at", "by")
}


def check_allowed(by: Any, permission: str) -> None:
    """Raise NotAllowed unless `by` has the permission here; None is the system itself."""
    if by is not None and not by.has_perm(permission):
        raise NotAllowed(_("You are not allowed to change this."))


def check_version(entity: Entity, version: int | None) -> None:
    """Raise StaleVersion when the caller has read another version than there is now."""
    if version is not None and entity.version != version:
        raise StaleVersion(_("Someone else has changed this since you opened it. Reload and try again."))


# --- Terminology --------------------------------------------------------------------


@transaction.atomic
def override_term(
    *, term: str, locale: str, forms: Forms | Mapping[str, str], by: Any, version: int | None = None
) -> TerminologyOverride:
    """Give the organisation its own word for a term in one language.

    Singular and plural are needed, in Norwegian the definite forms too; English makes them from the others.
    Raises InvalidInput (unknown key or language, missing or unusable form), NotAllowed, StaleVersion.
    """
    check_allowed(by, CHANGE_TERMS)
    check_term(term)
    check_locale(locale)
    words = _clean_forms(locale, forms)
    row = TerminologyOverride.objects.select_for_update().filter(term=term, locale=locale).first()
    before: dict[str, str | None] = dict.fromkeys(words)
    if row is None:
        row = TerminologyOverride(term=term, locale=locale, created_by=by)
    else:
        check_version(row, version)
        before = {name: getattr(row, name) for name in words}
    changes = differences(before, words)
    if not changes:
        return row
    for name, word in words.items():
        setattr(row, name, word)
    row.updated_by = by
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise StaleVersion(
            _("Someone else has just given this term a word. Reload and try again.")
        ) from error
    record("terminology.overridden", row, by=by, changes=changes)
    memory.forget()
    return row


@transaction.atomic
def reset_term(*, term: str, by: Any, locale: str | None = None) -> int:
    """Go back to the shipped word, in one language or in all; says in how many there was an own word.

    Safe to repeat. Raises InvalidInput for an unknown key or language, NotAllowed.
    """
    check_allowed(by, CHANGE_TERMS)
    check_term(term)
    rows = TerminologyOverride.objects.select_for_update().filter(term=term)
    if locale is not None:
        check_locale(locale)
        rows = rows.filter(locale=locale)
    reset = list(rows)
    for row in reset:
        shipped = DEFAULT_TERMS[row.locale][row.term]
        changes = {name: (getattr(row, name), getattr(shipped, name)) for name in Forms._fields}
        record("terminology.reset", row, by=by, changes=changes)
        row.delete()
    memory.forget()
    return len(reset)


def _clean_forms(locale: str, forms: Forms | Mapping[str, str]) -> dict[str, str]:
    given: Mapping[str, str] = forms._asdict() if isinstance(forms, Forms) else forms
    words = {name: " ".join(str(given.get(name) or "").split()) for name in Forms._fields}
    needed = list(Forms._fields) if locale in LOCALES_WITH_DEFINITE_FORMS else ["singular", "plural"]
    for name, word in words.items():
        if not word and name in needed:
            raise InvalidInput(_("This form of the word is missing."), code="required", field=name)
        if len(word) > 80:
            raise InvalidInput(_("At most 80 characters."), code="max-length", field=name)
        if _CONTROL.search(word):
            raise InvalidInput(_("The word has a character that can't be shown."), field=name)
    return words


# --- Areas --------------------------------------------------------------------


@transaction.atomic
def set_area(*, area: str, enabled: bool, by: Any, version: int | None = None) -> FeatureArea:
    """Switch an area on or off. Nothing is deleted: switched on again, everything is where it was.

    Raises InvalidInput for an unknown area, InvalidState for one that only the platform has, NotAllowed,
    StaleVersion.
    """
    check_allowed(by, CHANGE_AREAS)
    if area not in Area.values:
        raise InvalidInput(
            _("“%(area)s” is not an area.") % {"area": area}, code="unknown-area", field="area"
        )
    if enabled and area in PLATFORM_ONLY_AREAS and not current_organization().is_platform:
        raise InvalidState(_("Only the platform itself has this area."), code="platform-only")
    row = FeatureArea.objects.select_for_update().filter(area=area).first()
    if row is None:
        # The area came with a release; this organisation's row is made when it is first switched.
        row = FeatureArea(area=area, enabled=not enabled, created_by=by)
    else:
        check_version(row, version)
    if row.enabled == enabled:
        return row
    row.enabled, row.enabled_at, row.enabled_by, row.updated_by = enabled, timezone.now(), by, by
    row.save()
    record(
        "area.enabled" if enabled else "area.disabled",
        row,
        by=by,
        changes={"enabled": (not enabled, enabled)},
    )
    memory.forget()
    return row


# --- Settings --------------------------------------------------------------------


@transaction.atomic
def change_settings(
    *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> OrganizationSettings:
    """Change some of the organisation's settings; audited field by field.

    Raises InvalidInput naming the field, NotAllowed, StaleVersion.
    """
    check_allowed(by, CHANGE_SETTINGS)
    row = OrganizationSettings.objects.select_for_update().get(singleton=True)
    check_version(row, version)
    known = {field.name for field in OrganizationSettings._meta.concrete_fields} - _NOT_SETTINGS
    unknown = sorted(set(changes) - known)
    if unknown:
        raise InvalidInput(_("There is no such setting."), code="unknown-setting", field=unknown[0])
    before = {name: getattr(row, name) for name in changes}
    for name, value in changes.items():
        setattr(row, name, value)
    row.updated_by = by
    if "locales" in changes and not row.locales:
        raise InvalidInput(_("Choose at least one language."), code="required", field="locales")
    _validate(row, set(changes))
    if "locales" in changes:
        _check_locales(row)
    changed = differences(before, {name: getattr(row, name) for name in changes})
    if changed:
        row.save()
        record("settings.changed", row, by=by, changes=changed)
        memory.forget()
    return row


def _check_locales(row: OrganizationSettings) -> None:
    order = [code for code, _label in LANGUAGE_CODES]
    chosen = set(row.locales)
    main = current_organization().default_language
    if main not in chosen:
        raise InvalidInput(
            _("The main language can't be taken out of use: choose another main language first."),
            code="main-language",
            field="locales",
        )
    row.locales = [code for code in order if code in chosen]


def _validate(row: OrganizationSettings, names: set[str]) -> None:
    others = {field.name for field in row._meta.concrete_fields} - names
    try:
        row.clean_fields(exclude=others)
        row.validate_constraints(exclude=others - _IN_CONSTRAINTS)
    except ValidationError as error:
        raise invalid_input(error) from error


def invalid_input(error: ValidationError) -> InvalidInput:
    """The first complaint of Django's validation, as the domain says it."""
    if not hasattr(error, "error_dict"):
        return InvalidInput(" ".join(error.messages))
    field, messages = next(iter(error.message_dict.items()))
    return InvalidInput(messages[0], field="" if field == "__all__" else field)
