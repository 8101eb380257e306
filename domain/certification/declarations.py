"""Writing, publishing and signing declarations of confidentiality. Part of the area's rules."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.associations.standing import check_may
from domain.audit.entities import create_entity, delete_entity, update_entity
from domain.audit.rules import record
from domain.config.queries import current_organization
from domain.core.errors import InvalidInput, InvalidState, StaleVersion
from domain.core.scope import EVERYWHERE

from .choices import RoleContext, SigningMethod
from .models import (
    ADD_DECLARATION,
    CHANGE_DECLARATION,
    CHANGE_TEXTS,
    ConfidentialityDeclaration,
    DeclarationText,
)
from .pausing import unpause_automatically
from .periods import last_day
from .places import check_may_about
from .queries import current_text, signed_declaration, today_here


@dataclass(frozen=True)
class Rendered:
    """What is shown to be signed: exactly these words, in this language."""

    text: DeclarationText
    language: str
    words: str

    @property
    def sha256(self) -> str:
        """Of the words in UTF-8, lines ended by a line feed."""
        return hashlib.sha256(self.words.encode()).hexdigest()


def render(text: DeclarationText, language: str) -> Rendered:
    """The words of a version as somebody reads them in this language, or the next it is written in."""
    used = text.language_for(language)
    title, body = getattr(text, f"title_{used}"), getattr(text, f"body_{used}")
    words = f"{title}\n\n{body}".replace("{organization}", current_organization().name)
    return Rendered(text, used, "\n".join(line.rstrip() for line in words.splitlines()).strip() + "\n")


def to_sign(user: Any, language: str) -> list[tuple[Rendered, ConfidentialityDeclaration | None]]:
    """The present version of each declaration as the person reads it, and what they have signed of it."""
    today = today_here()
    texts = [text for context in RoleContext.values if (text := current_text(context)) is not None]
    return [(render(text, language), signed_declaration(user, text.role_context, today)) for text in texts]


@transaction.atomic
def sign_declaration(
    *,
    user: Any,
    text: DeclarationText,
    language: str,
    text_sha256: str,
    by: Any,
    method: str = SigningMethod.APP,
) -> ConfidentialityDeclaration:
    """Sign the words that were shown: `text_sha256` says which they were.

    The person signs for themselves; on paper somebody who may register declarations notes it for them.
    Raises InvalidState where another version is to be signed by now (`not-current`), the words are others
    than were shown (`text-changed`) or it has been signed (`signed-already`), InvalidInput, NotAllowed.
    """
    if by is None or by.pk != user.pk or method == SigningMethod.PAPER:
        if method != SigningMethod.PAPER:
            raise InvalidInput(_("For somebody else a declaration is signed on paper."), field="method")
        check_may_about(by, ADD_DECLARATION, user)
    text = DeclarationText.objects.select_for_update(no_key=True).get(pk=text.pk)
    if text != current_text(text.role_context):
        raise InvalidState(_("There is a newer version to sign. Read that one."), code="not-current")
    shown = render(text, language)
    if shown.sha256 != text_sha256.lower():
        raise InvalidState(_("The text isn't the one you were shown. Read it again."), code="text-changed")
    today = today_here()
    if ConfidentialityDeclaration.objects.holding(today).filter(user=user, text=text).exists():
        raise InvalidState(_("This version has been signed already."), code="signed-already")
    row = ConfidentialityDeclaration(
        user=user,
        text=text,
        role_context=text.role_context,
        language=shown.language,
        signed_text=shown.words,
        text_sha256=shown.sha256,
        method=method,
        signed_at=timezone.now(),
        valid_until=_until(today, text.validity_months),
        created_by=by,
        updated_by=by,
    )
    row.save(force_insert=True)
    record(
        "confidentiality-declaration.signed",
        row,
        by=by,
        changes={
            "version": (None, text.number),
            "text_sha256": (None, shown.sha256),
            "method": (None, str(method)),
            **({"valid_until": (None, row.valid_until)} if row.valid_until else {}),
        },
        subject_ids=[user.pk],
    )
    unpause_automatically(user, by=by)
    return row


@transaction.atomic
def revoke_declaration(
    declaration: ConfidentialityDeclaration, *, by: Any, reason: str, version: int | None = None
) -> ConfidentialityDeclaration:
    """Let a declaration hold no longer; the person is asked anew. Raises InvalidState, NotAllowed."""
    declaration.check_schema()
    rows = ConfidentialityDeclaration.objects.select_for_update(of=("self",)).select_related("user")
    row = rows.get(pk=declaration.pk)
    _check_version(row, version)
    check_may_about(by, CHANGE_DECLARATION, row.user)
    if not reason.strip():
        raise InvalidInput(_("Say why."), code="required", field="reason")
    if row.revoked_at is not None:
        raise InvalidState(_("It has been revoked already."), code="revoked")
    row.revoked_at, row.revocation_reason, row.updated_by = timezone.now(), reason, by
    row.save()
    record(
        "confidentiality-declaration.revoked",
        row,
        by=by,
        reason=reason,
        changes={"revoked_at": (None, row.revoked_at)},
        subject_ids=[row.user_id],
    )
    return row


# --- The texts


@transaction.atomic
def write_text(*, by: Any, role_context: str, **values: Any) -> DeclarationText:
    """Begin the next version of what is signed as this; a draft. Raises InvalidState where there is one."""
    _check_may_write(by)
    if role_context not in RoleContext.values:
        raise InvalidInput(_("This is not something people sign as."), field="role_context")
    versions = DeclarationText.objects.filter(role_context=role_context)
    if versions.filter(published_at__isnull=True).exists():
        raise InvalidState(
            _("There is a draft of the next version already: change or publish that one."),
            code="draft-exists",
        )
    last = versions.order_by("-number").values_list("number", flat=True).first() or 0
    row = DeclarationText(role_context=role_context, number=last + 1, **values)
    try:
        return create_entity(row, by=by)
    except (IntegrityError, ValidationError) as error:
        raise _as_refusal(error) from error


@transaction.atomic
def change_text(
    text: DeclarationText, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> DeclarationText:
    """Change a draft. Raises InvalidState for a published version, NotAllowed, StaleVersion."""
    row = _locked_draft(text, version, by)
    try:
        return update_entity(row, by=by, values=changes)
    except ValidationError as error:
        raise _as_refusal(error) from error


@transaction.atomic
def publish_text(text: DeclarationText, *, by: Any, version: int | None = None) -> DeclarationText:
    """Let a draft be what is signed from now on: everyone is asked anew. Can't be undone.

    Raises InvalidState for what has been published, NotAllowed, StaleVersion.
    """
    row = _locked_draft(text, version, by)
    row.published_at, row.published_by, row.updated_by = timezone.now(), by, by
    row.save()
    record(
        "declaration-text.published",
        row,
        by=by,
        changes={"published_at": (None, row.published_at)},
    )
    return row


@transaction.atomic
def discard_text(text: DeclarationText, *, by: Any, version: int | None = None) -> None:
    """Throw a draft away. Raises as `change_text`."""
    delete_entity(_locked_draft(text, version, by), by=by)


def _locked_draft(text: DeclarationText, version: int | None, by: Any) -> DeclarationText:
    text.check_schema()
    row = DeclarationText.objects.select_for_update(of=("self",)).get(pk=text.pk)
    _check_may_write(by)
    _check_version(row, version)
    if row.published_at is not None:
        raise InvalidState(_("A published version is never changed: write the next one."), code="published")
    return row


def _check_may_write(by: Any) -> None:
    check_may(by, CHANGE_TEXTS, EVERYWHERE)


def _check_version(row: Any, version: int | None) -> None:
    if version is not None and row.version != version:
        raise StaleVersion(_("Someone else has changed this since you opened it. Reload and try again."))


def _as_refusal(error: IntegrityError | ValidationError) -> Exception:
    """What the model says of a text, as a rule says it."""
    if isinstance(error, IntegrityError):
        return StaleVersion(_("Someone else has just begun the next version. Reload and try again."))
    for field, messages in getattr(error, "message_dict", {"": error.messages}).items():
        return InvalidInput(messages[0], field="" if field == "__all__" else field)
    return error


def _until(day: date, months: int | None) -> date | None:
    """The last day of a period that begins on the day."""
    return None if months is None else last_day(day, months)
