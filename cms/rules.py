"""Changes of content: check, write, log and audit in one transaction.

The admin's buttons, bulk actions, imports and the demo data all come through here. `by` is the user who does
it; None is the system itself, which is asked for no permission. Each function reads the row anew and locks
it, so that two of them at once follow one another. All raise a DomainError that says what to do.

What Wagtail logs becomes an audit event (cms.audit), so nothing here records one itself.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.actions.create import CreateAction
from wagtail.actions.delete import DeleteAction
from wagtail.actions.edit import EditAction
from wagtail.actions.unpublish import UnpublishAction
from wagtail.locks import BasicLock, ScheduledForPublishLock
from wagtail.log_actions import log
from wagtail.models import Locale, Revision
from wagtail.permissions import policy_registry

from cms.models.base import Audience, Category, ContentItem
from domain.config.queries import locales_in_use
from domain.core.errors import InvalidInput, InvalidState, NotAllowed

Content = TypeVar("Content", bound=ContentItem | Category)
Item = TypeVar("Item", bound=ContentItem)
MOVED, AUDIENCE_CHANGED, REORDERED, TRANSLATED = "cms.move", "cms.audience", "cms.reorder", "cms.translate"


def may(by: Any, action: str, obj: ContentItem | Category) -> bool:
    """Whether the user may do this (add, change, delete, publish, …) with the object."""
    if by is None:
        return True
    policy = policy_registry.get_by_type(type(obj))
    if action == "add":
        return policy.user_has_permission(by, "add")
    return policy.user_has_permission_for_instance(by, action, obj)


def _require(by: Any, action: str, obj: ContentItem | Category) -> None:
    if not may(by, action, obj):
        raise NotAllowed(_("You don't have permission to do this."))


def _locked(obj: Content) -> Content:
    found = type(obj)._default_manager.select_for_update(of=("self",)).filter(pk=obj.pk).first()
    if found is None:
        raise InvalidState(_("It no longer exists."), code="gone")
    return found


def _require_unlocked(item: ContentItem, by: Any) -> None:
    lock = item.get_lock()
    if lock is None or by is None or not lock.for_user(by):
        return
    if isinstance(lock, ScheduledForPublishLock):
        raise InvalidState(_("It is scheduled: take it off the schedule first."), code="locked")
    if isinstance(lock, BasicLock):
        raise InvalidState(_("It is locked: ask whoever locked it to unlock it."), code="locked")
    raise InvalidState(_("It is being reviewed: wait for the review, or cancel it."), code="locked")


def _validate(obj: ContentItem | Category) -> None:
    try:
        obj.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        label = (
            "" if field == "__all__" else f"{getattr(obj._meta.get_field(field), 'verbose_name', field)}: "
        )
        raise InvalidInput(f"{label}{messages[0]}", field=field) from error


def _require_language_in_use(locale: Locale) -> None:
    """Nothing new is begun in a language the organisation doesn't use; what is there stays as it is."""
    if locale.language_code not in locales_in_use():
        raise InvalidInput(
            _("%(language)s is not a language in use here. Take it into use under Settings first.")
            % {"language": locale.get_display_name()},
            field="locale",
        )


@transaction.atomic
def create(obj: Content, *, by: Any, publish: bool = False) -> Content:
    """Save a new item (as a draft, unless `publish`) or a new category."""
    _require(by, "add", obj)
    if publish:
        _require(by, "publish", obj)
    _require_language_in_use(obj.locale)
    obj.created_by = obj.updated_by = by
    _validate(obj)
    return CreateAction(obj, user=by, publish=publish, clean=False).execute(skip_permission_checks=True)


@transaction.atomic
def edit(obj: Content, *, by: Any, publish: bool = False) -> Content:
    """Save a changed item as a newer draft of itself (or for readers at once), or a changed category."""
    stored = _locked(obj)
    _require(by, "change", stored)
    if isinstance(stored, ContentItem):
        _require_unlocked(stored, by)
    if publish:
        _require(by, "publish", stored)
    obj.updated_by = by
    _validate(obj)
    return EditAction(obj, user=by, publish=publish, clean=False).execute(skip_permission_checks=True)


@transaction.atomic
def publish(item: Item, *, by: Any) -> Item:
    """Publish the newest draft; one whose go-live time lies ahead is scheduled instead."""
    item = _locked(item)
    _require(by, "publish", item)
    _require_unlocked(item, by)
    if item.live and not item.has_unpublished_changes:
        raise InvalidState(_("It is published already, and nothing has changed since."), code="published")
    revision = item.latest_revision or item.save_revision(user=by, clean=False)
    _validate(revision.as_object())
    item.publish(revision, user=by, skip_permission_checks=True)
    return _locked(item)


@transaction.atomic
def unpublish(item: Item, *, by: Any) -> Item:
    """Take the item from readers; it stays as a draft."""
    item = _locked(item)
    _require(by, "publish", item)
    _require_unlocked(item, by)
    if not item.live:
        raise InvalidState(_("It is not published."), code="not-published")
    UnpublishAction(item, user=by).execute(skip_permission_checks=True)
    return item


@transaction.atomic
def delete(obj: ContentItem | Category, *, by: Any) -> None:
    """Delete an item with its drafts, or a category that nothing uses.

    Raises InvalidState for a category in use (drafts count: they would have nowhere to go).
    """
    obj = _locked(obj)
    _require(by, "delete", obj)
    if isinstance(obj, ContentItem):
        _require_unlocked(obj, by)
    else:
        users = items_of(obj)
        if users:
            raise InvalidState(in_use_message(users), code="in-use")
    DeleteAction(obj, user=by).execute(skip_permission_checks=True)


def in_use_message(users: Sequence[ContentItem]) -> str:
    """Why a category can't be deleted, naming up to three of those in it."""
    names = ", ".join(f"“{item}”" for item in users[:3])
    if len(users) > 3:
        names = _("%(names)s and %(count)d more") % {"names": names, "count": len(users) - 3}
    return _("It is in use by %(names)s. Move them to another category first, then delete it.") % {
        "names": names
    }


def item_model(category: type[Category]) -> type[ContentItem]:
    """The kind of content that is sorted under this kind of category."""
    return next(
        relation.related_model
        for relation in category._meta.related_objects
        if isinstance(relation.related_model, type) and issubclass(relation.related_model, ContentItem)
    )


def items_of(category: Category) -> list[ContentItem]:
    """Items in a category, in order; those whose newest draft alone is in it come last."""
    model = item_model(type(category))
    inside = Q(**{model.category_field: category.pk})
    rows = list(model._default_manager.filter(inside).order_by("sort_order", "pk"))
    drafted = (
        Revision.objects.filter(
            base_content_type=model.get_base_content_type(),
            pk__in=model._default_manager.exclude(inside).values("latest_revision_id"),
            **{f"content__{model.category_field}": str(category.pk)},
        )
    ).values_list("object_id", flat=True)
    return rows + list(model._default_manager.filter(pk__in=list(drafted)))


def _change(item: Item, *, by: Any, action: str, fields: dict[str, Any], data: dict[str, Any]) -> Item:
    """Set fields both for readers and in the newest draft, without publishing what else the draft holds."""
    item = _locked(item)
    _require(by, "change", item)
    _require_unlocked(item, by)
    if item.live:
        _require(by, "publish", item)
    had_draft = item.has_unpublished_changes
    draft = item.get_latest_revision_as_object()
    for name, value in fields.items():
        setattr(draft, name, value)
        setattr(item, name, value)
    item.updated_by = by or item.updated_by
    _validate(item)
    item.save()
    draft.sort_order = item.sort_order
    revision = draft.save_revision(user=by, clean=False, changed=had_draft or not item.live)
    if item.live and not had_draft:
        type(item)._default_manager.filter(pk=item.pk).update(live_revision=revision)
    log(item, action, user=by, revision=revision, content_changed=True, data=data)
    return item


@transaction.atomic
def move(item: Item, category: Category, *, by: Any) -> Item:
    """Put an item last in another category of its kind.

    An item in another language goes to that category's translation; where there is none, InvalidInput.
    """
    target = (
        category if category.locale_id == item.locale_id else category.get_translation_or_none(item.locale)
    )
    if target is None:
        raise InvalidInput(
            _("The category has no version in %(language)s: translate the category first.")
            % {"language": item.locale.get_display_name()},
            field=item.category_field,
        )
    if item.group_id == target.pk:
        raise InvalidState(_("It is in that category already."), code="unchanged")
    data = {item.category_field: {"old": str(item.group), "new": str(target)}}
    return _change(item, by=by, action=MOVED, fields={item.category_field: target}, data=data)


@transaction.atomic
def change_audience(item: Item, audience: str, roles: Sequence[str] = (), *, by: Any) -> Item:
    """Say who may read an item; `roles` counts for the audience `roles` only, and is needed there."""
    roles = sorted(roles) if audience == Audience.ROLES else []
    if audience == Audience.ROLES and not roles:
        raise InvalidInput(_("Tick at least one role, or choose another audience."), field="audience_roles")
    if (item.audience, sorted(item.audience_roles)) == (audience, roles):
        raise InvalidState(_("It has that audience already."), code="unchanged")
    data = {"audience": {"old": [item.audience, *item.audience_roles], "new": [audience, *roles]}}
    fields = {"audience": audience, "audience_roles": roles}
    return _change(item, by=by, action=AUDIENCE_CHANGED, fields=fields, data=data)


@transaction.atomic
def reorder(obj: Content, position: int, *, by: Any) -> Content:
    """Move an item within its category, or a category among those of its language, to a place (from 0).

    A place past the end is the last. Only rows whose place changes are written; their versions grow, since
    readers see their order.
    """
    _require(by, "publish" if isinstance(obj, ContentItem) else "change", obj)
    manager = type(obj)._default_manager
    # Whoever reorders waits for the row above the list, before any row in it: two of them can't block
    # each other.
    if isinstance(obj, ContentItem):
        group_id = _locked(obj.group).pk
        siblings = manager.filter(**{f"{obj.category_field}_id": group_id})
    else:
        Locale.objects.select_for_update().get(pk=obj.locale_id)
        siblings = manager.filter(locale_id=obj.locale_id)
    obj = _locked(obj)
    if isinstance(obj, ContentItem) and obj.group_id != group_id:
        raise InvalidState(_("It has just been moved to another category."), code="moved")
    rows = list(siblings.order_by("sort_order", "pk").values_list("pk", "sort_order"))
    order = [pk for pk, _place in rows]
    old = order.index(obj.pk)
    new = min(max(position, 0), len(order) - 1)
    if new == old:
        return obj
    order.insert(new, order.pop(old))
    places = dict(rows)
    changed = {pk: place for place, pk in enumerate(order, start=1) if places[pk] != place}
    for pk, place in changed.items():
        by_whom = {"updated_by": by} if pk == obj.pk and by is not None else {}
        manager.filter(pk=pk).update(sort_order=place, updated_at=timezone.now(), **by_whom)
    log(obj, REORDERED, user=by, data={"order": {"old": old + 1, "new": new + 1}})
    return _locked(obj)


@transaction.atomic
def translate(obj: Content, locale: Locale, *, by: Any) -> Content:
    """Begin a translation: a draft with the original's texts, in the category's translation.

    Where the category has none, it is made too; NotAllowed if the user may not.
    """
    _require(by, "change", obj)
    _require(by, "add", obj)
    if by is not None and not by.has_perm("simple_translation.submit_translation"):
        raise NotAllowed(_("You don't have permission to translate."))
    _require_language_in_use(locale)
    if obj.has_translation(locale):
        raise InvalidState(
            _("It is translated to %(language)s already.") % {"language": locale.get_display_name()},
            code="translated",
        )
    if isinstance(obj, ContentItem) and not obj.group.has_translation(locale):
        translate(obj.group, locale, by=by) if may(by, "add", obj.group) else _refuse_group(obj, locale)
    copy = obj.copy_for_translation(locale)
    copy.created_by = copy.updated_by = by
    copy.save()
    if isinstance(copy, ContentItem):
        copy.save_revision(user=by, clean=False)
    log(
        copy,
        TRANSLATED,
        user=by,
        data={"language": {"old": obj.locale.language_code, "new": locale.language_code}},
    )
    return copy


def _refuse_group(item: ContentItem, locale: Locale) -> None:
    raise NotAllowed(
        _("“%(category)s” is not translated to %(language)s: ask an administrator to translate it first.")
        % {"category": item.group, "language": locale.get_display_name()}
    )
