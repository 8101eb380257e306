"""What is there already, and what the person may do with it: read once per file."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models.fields.json import KeyTextTransform
from wagtail.models import Locale, Revision, WorkflowState

from cms.models.base import ContentItem
from domain.identity.models import User

from .columns import folded
from .kinds import ImportKind


@dataclass(frozen=True)
class Rights:
    """What the importing person may do with this kind of content."""

    user: User
    add: bool
    change: bool
    add_heading: bool

    @classmethod
    def of(cls, model: type[ContentItem], user: User) -> "Rights":
        heading: Any = model._meta.get_field(model.category_field).related_model
        return cls(
            user,
            add=user.has_perm(f"cms.add_{model._meta.model_name}"),
            change=user.has_perm(f"cms.change_{model._meta.model_name}"),
            add_heading=user.has_perm(f"cms.add_{heading._meta.model_name}"),
        )


class Existing:
    """The items that are there, by id and by language and title, each as its latest draft says.

    Of all only ids and titles are read; whole items when they are asked for, many at once by `fetch`.
    """

    def __init__(self, kind: ImportKind):
        self.kind = kind
        self.rows: dict[Any, ContentItem] = {}
        self.ids: set[Any] = set()
        self.by_title: dict[tuple[Any, str], list[Any]] = {}
        drafted = KeyTextTransform(kind.title, "latest_revision__content")
        queryset = kind.model._default_manager.order_by("pk").values_list(
            "pk", "locale_id", kind.title, "has_unpublished_changes", drafted
        )
        for pk, locale_id, title, is_changed, draft_title in queryset.iterator():
            self.ids.add(pk)
            if is_changed and draft_title is not None:
                title = draft_title
            self.by_title.setdefault((locale_id, folded(title)), []).append(pk)
        self.perhaps_locked = self._perhaps_locked()

    def fetch(self, ids: Iterable[Any]) -> None:
        """Read these items, and forget those read before."""
        items = self.kind.model._default_manager.filter(pk__in=set(ids))
        self.rows = {item.pk: item for item in items.select_related("latest_revision", "locked_by")}

    def _item(self, pk: Any) -> ContentItem:
        if pk not in self.rows:
            items = self.kind.model._default_manager.select_related("latest_revision", "locked_by")
            self.rows[pk] = items.get(pk=pk)
        return self.rows[pk]

    def _perhaps_locked(self) -> set[str]:
        """Ids of items whose lock is worth asking for, item by item: locked, scheduled or under review."""
        of_kind = {"base_content_type": ContentType.objects.get_for_model(self.kind.model)}
        scheduled = Revision.objects.filter(**of_kind, approved_go_live_at__isnull=False)
        reviewed = WorkflowState.objects.filter(**of_kind, status=WorkflowState.STATUS_IN_PROGRESS)
        return {
            *(
                str(pk)
                for pk in self.kind.model._default_manager.filter(locked=True).values_list("pk", flat=True)
            ),
            *scheduled.values_list("object_id", flat=True),
            *reviewed.values_list("object_id", flat=True),
        }

    def is_locked_for(self, item: ContentItem, user: Any) -> bool:
        if str(item.pk) not in self.perhaps_locked:
            return False
        lock = item.get_lock()
        return lock is not None and lock.for_user(user)

    def as_edited(self, item: ContentItem) -> ContentItem:
        """The item as its latest draft has it, without asking for the item once more."""
        if item.has_unpublished_changes and item.latest_revision:
            return item.with_content_json(item.latest_revision.content)
        return item

    def find(self, pk: Any, locale: Locale, title: str) -> list[ContentItem]:
        if pk is not None:
            return [self._item(pk)] if pk in self.ids else []
        return [self._item(pk) for pk in self.by_title.get((locale.pk, folded(title)), [])]
