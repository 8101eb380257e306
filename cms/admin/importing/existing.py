"""What is there already, and what the person may do with it: read once per file."""

from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
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
    """The items that are there, by id and by language and title, each as its latest draft says."""

    def __init__(self, kind: ImportKind):
        queryset = kind.model._default_manager.order_by("pk")
        self.kind = kind
        self.rows: dict[Any, ContentItem] = {}
        self.by_title: dict[tuple[Any, str], list[ContentItem]] = {}
        for item in queryset.select_related("latest_revision", "locked_by"):
            self.rows[item.pk] = item
            title = getattr(item, kind.title)
            if item.has_unpublished_changes and item.latest_revision:
                title = item.latest_revision.content.get(kind.title, title)
            self.by_title.setdefault((item.locale_id, folded(title)), []).append(item)
        self.perhaps_locked = self._perhaps_locked()

    def _perhaps_locked(self) -> set[str]:
        """Ids of items whose lock is worth asking for, item by item: locked, scheduled or under review."""
        of_kind = {"base_content_type": ContentType.objects.get_for_model(self.kind.model)}
        scheduled = Revision.objects.filter(**of_kind, approved_go_live_at__isnull=False)
        reviewed = WorkflowState.objects.filter(**of_kind, status=WorkflowState.STATUS_IN_PROGRESS)
        return {
            *(str(item.pk) for item in self.rows.values() if item.locked),
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
            return [self.rows[pk]] if pk in self.rows else []
        return self.by_title.get((locale.pk, folded(title)), [])
