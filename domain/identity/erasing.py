"""Erasing what is kept about a person: of one organisation, and the account itself.

What an organisation keeps of a person besides the record goes by three rules, for every table that has a
column for one: rows that are nobody's but theirs are deleted (`erased_with_person`); what they made stays,
without them (a column that may be empty is emptied); a table that is neither refuses the erasure until its
area has said what is to be done (`undecided`, and a test). Areas with more to do add a step.

All of it needs the owner's rights: a command, or a job `as_owner`.
"""

from collections.abc import Callable, Iterator

from django.apps import apps
from django.db import models, transaction

from tenants.backend.schema import is_shared
from tenants.models import Organization

from .models import (
    KnownDevice,
    Membership,
    PasskeyChallenge,
    PasskeyCredential,
    RecoveryCode,
    SupportAccessGrant,
    User,
    UserSession,
)

# Labels of models in an organisation's schema whose rows go with the person; areas add theirs in ready().
erased_with_person: set[str] = set()
# Done first, in the organisation that is selected: functions of the person. Areas add theirs in ready().
erasure_steps: list[Callable[[User], None]] = []

# Tables of the public schema that know an organisation; the others are the account's own.
_SHARED = (Membership, SupportAccessGrant)
_BASE = ("created_by", "updated_by")


def references() -> Iterator[tuple[type[models.Model], models.ForeignKey]]:
    """Every column of an organisation's own tables that names a person."""
    for model in apps.get_models(include_auto_created=True):
        if is_shared(model._meta.app_label) or model._meta.proxy or not model._meta.managed:
            continue
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is User:
                yield model, field


def undecided() -> list[str]:
    """Columns of which no area has said what becomes of them; empty, or nobody can be erased."""
    return sorted(
        f"{model._meta.label}.{field.name}"
        for model, field in references()
        if not field.null and model._meta.label not in erased_with_person
    )


@transaction.atomic
def forget_in_organization(person: User, organization: Organization) -> None:
    """Delete and detach what the organisation, whose schema is selected, keeps of a person; not its record.

    They are no member afterwards, not even one who has left, and nobody here finds them any more.
    """
    unknown = undecided()
    if unknown:
        raise LookupError(f"nobody has said what becomes of {', '.join(unknown)}")
    for step in erasure_steps:
        step(person)
    for model, field in references():
        rows = model._base_manager.filter(**{field.attname: person.pk})
        if field.null:
            rows.update(**{field.name: None})
        else:
            rows.delete()
    for shared in _SHARED:
        for name in _BASE:
            shared._base_manager.filter(organization=organization, **{name: person}).update(**{name: None})
    PasskeyChallenge.objects.filter(organization=organization, user=person).delete()
    # With their tokens and the keys of their devices.
    UserSession.objects.filter(organization=organization, user=person).delete()
    Membership.objects.filter(organization=organization, user=person).delete()


def is_needed(person: User) -> bool:
    """Whether an account must stay: it belongs, or belonged, to an organisation, or is of the staff."""
    return person.is_platform_staff or Membership.objects.filter(user=person).exists()


@transaction.atomic
def erase_account(person: User) -> None:
    """Leave of an account that nobody needs its id alone: the record and what they made refer to that.

    Name, address, phone, password, passkeys, codes and devices go; it can't be brought back.
    """
    row = User.objects.select_for_update().get(pk=person.pk)
    for model in (UserSession, PasskeyCredential, RecoveryCode, KnownDevice, PasskeyChallenge):
        model._base_manager.filter(user=row).delete()
    row.email = None
    row.first_name = row.last_name = row.phone = row.language = ""
    row.is_active = False
    row.last_login = None
    row.set_unusable_password()
    row.save()
