"""What the dashboard tells, each panel one query, whatever the number of texts.

The kinds of content are separate tables with the same columns, so each question is asked of all of them at
once (UNION ALL). Kinds whose area is switched off, or which the person may not see, are left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat, TruncMonth
from django.utils import timezone
from wagtail.models import Revision, TaskState

from cms.models import ConversationCard, FaqEntry, ResourceLink
from cms.models.base import ContentItem
from cms.models.resource_links import LinkStatus
from domain.config.choices import Term
from domain.config.queries import enabled_areas
from tenants.models import LANGUAGE_CODES

from .areas import AREA_OF_MODEL

# How many rows a panel shows; the lists of the content show all.
SHOWN = 5
MONTHS = 12


@dataclass(frozen=True)
class Kind:
    """A kind of content: its model, the field that is its title, and its word."""

    model: type[ContentItem]
    title: str
    term: Term

    @property
    def key(self) -> str:
        return str(self.model._meta.model_name)


KINDS = [
    Kind(FaqEntry, "question", Term.FAQ),
    Kind(ResourceLink, "title", Term.RESOURCE_LINK),
    Kind(ConversationCard, "title", Term.CONVERSATION_CARD),
]


@dataclass(frozen=True)
class Row:
    """One text in a panel; `at` is when what the panel is about happened or will happen."""

    kind: Kind
    pk: str
    title: str
    locale: str
    at: datetime | None
    who: str = ""


@dataclass(frozen=True)
class Totals:
    """How much there is of one kind. `texts` counts published ones, all their translations as one."""

    kind: Kind
    published: int = 0
    drafts: int = 0
    changed: int = 0
    texts: int = 0
    by_locale: tuple[tuple[str, int], ...] = ()

    def missing(self, locale: str) -> int:
        """How many published texts have no published version in this language."""
        return self.texts - dict(self.by_locale).get(locale, 0)


def kinds_in_use(user) -> list[Kind]:
    """The kinds whose area is on and that the person may see."""
    areas = enabled_areas()
    return [
        kind
        for kind in KINDS
        if AREA_OF_MODEL[kind.model._meta.label_lower] in areas and user.has_perm(f"cms.view_{kind.key}")
    ]


def _union(kinds: list[Kind], build: Callable[[Kind], QuerySet]) -> Any:
    first, *others = [build(kind).order_by() for kind in kinds]
    return first.union(*others, all=True)


def _key(kind: Kind) -> Cast:
    return Cast(Value(kind.key), CharField())


def _rows(
    kinds: list[Kind], condition: Q, *, at: str, order: str, title: Any = None, who: str = ""
) -> list[Row]:
    if not kinds:
        return []
    by_key = {kind.key: kind for kind in kinds}

    def build(kind: Kind) -> QuerySet:
        name = Concat(f"{who}__first_name", Value(" "), f"{who}__last_name") if who else Value("")
        return (
            kind.model._default_manager.filter(condition)
            .annotate(
                kind_key=_key(kind),
                row_key=Cast("pk", CharField()),
                row_title=Cast(Coalesce(title, F(kind.title)) if title else F(kind.title), CharField()),
                language=F("locale__language_code"),
                row_at=F(at),
                row_who=Cast(name, CharField()),
            )
            .values_list("kind_key", "row_key", "row_title", "language", "row_at", "row_who")
        )

    found = _union(kinds, build).order_by(order)[:SHOWN]
    return [
        Row(by_key[key], pk, text, locale, moment, name.strip())
        for key, pk, text, locale, moment, name in found
    ]


def my_drafts(kinds: list[Kind], user) -> list[Row]:
    """What the person wrote last and neither is published nor will be by itself, newest first."""
    return _rows(
        kinds,
        Q(
            has_unpublished_changes=True,
            latest_revision__user=user,
            latest_revision__approved_go_live_at__isnull=True,
        ),
        at="latest_revision__created_at",
        order="-row_at",
        title=F("latest_revision__object_str"),
    )


def recently_published(kinds: list[Kind]) -> list[Row]:
    return _rows(kinds, Q(live=True), at="last_published_at", order="-row_at", who="live_revision__user")


def locked_by_others(kinds: list[Kind], user) -> list[Row]:
    """What someone else has locked for editing, the oldest lock first."""
    return _rows(kinds, Q(locked=True) & ~Q(locked_by=user), at="locked_at", order="row_at", who="locked_by")


def totals(kinds: list[Kind]) -> list[Totals]:
    """Counts of every kind; one without any text is all zeros."""
    if not kinds:
        return []
    codes = [code for code, _label in LANGUAGE_CODES]
    live = Q(live=True)

    def build(kind: Kind) -> QuerySet:
        return (
            kind.model._default_manager.annotate(kind_key=_key(kind))
            .values("kind_key")
            .annotate(
                published=Count("pk", filter=live),
                drafts=Count("pk", filter=~live),
                changed=Count("pk", filter=live & Q(has_unpublished_changes=True)),
                texts=Count("translation_key", filter=live, distinct=True),
                **{code: Count("pk", filter=live & Q(locale__language_code=code)) for code in codes},
            )
            .values_list("kind_key", "published", "drafts", "changed", "texts", *codes)
        )

    counted = {row[0]: row[1:] for row in _union(kinds, build)}
    return [
        Totals(kind, *found[:4], tuple(zip(codes, found[4:], strict=True)))
        if (found := counted.get(kind.key))
        else Totals(kind)
        for kind in kinds
    ]


def published_by_month(kinds: list[Kind], *, today: date | None = None) -> list[tuple[date, dict[str, int]]]:
    """How many texts were first published in each of the last twelve months, by kind's key; oldest first."""
    months = last_months(today or timezone.localdate())
    counts: dict[date, dict[str, int]] = {month: {kind.key: 0 for kind in kinds} for month in months}
    if not kinds:
        return list(counts.items())

    def build(kind: Kind) -> QuerySet:
        return (
            kind.model._default_manager.filter(first_published_at__date__gte=months[0])
            .annotate(kind_key=_key(kind), month=TruncMonth("first_published_at"))
            .values("kind_key", "month")
            .annotate(number=Count("pk"))
            .values_list("kind_key", "month", "number")
        )

    for key, month, number in _union(kinds, build):
        of_month = counts.get(timezone.localdate(month) if isinstance(month, datetime) else month)
        if of_month is not None:
            of_month[key] = number
    return list(counts.items())


def last_months(today: date) -> list[date]:
    """The first days of the last twelve months, this one included, oldest first."""
    number = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - MONTHS + 1, number + 1)]


def scheduled(kinds: list[Kind]) -> list[Row]:
    """What will be published by itself, the next first."""
    return _revisions(
        kinds,
        Revision.objects.filter(approved_go_live_at__isnull=False).order_by("approved_go_live_at"),
        at="approved_go_live_at",
    )


def broken_links(kinds: list[Kind]) -> list[Row]:
    """Published links whose last check failed, the oldest check first."""
    links = [kind for kind in kinds if kind.model is ResourceLink]
    broken = Q(live=True, link_check__status=LinkStatus.BROKEN)
    return _rows(links, broken, at="link_check__checked_at", order="row_at")


def waiting_for_review(kinds: list[Kind], user) -> list[Row]:
    """What the person may approve or send back, the oldest first."""
    if not kinds:
        return []
    by_id = _by_content_type(kinds)
    states = (
        TaskState.objects.reviewable_by(user)
        .filter(revision__base_content_type__in=list(by_id))
        .order_by("started_at")
        .values_list(
            "revision__base_content_type_id",
            "revision__object_id",
            "revision__object_str",
            "started_at",
            Concat(
                Coalesce("workflow_state__requested_by__first_name", Value("")),
                Value(" "),
                Coalesce("workflow_state__requested_by__last_name", Value("")),
            ),
        )[:SHOWN]
    )
    return [Row(by_id[kind], pk, title, "", at, who.strip()) for kind, pk, title, at, who in states]


def _revisions(kinds: list[Kind], revisions: QuerySet, *, at: str) -> list[Row]:
    by_id = _by_content_type(kinds)
    found = revisions.filter(base_content_type__in=list(by_id)).values_list(
        "base_content_type_id", "object_id", "object_str", at
    )[:SHOWN]
    return [Row(by_id[kind], pk, title, "", moment) for kind, pk, title, moment in found]


def _by_content_type(kinds: list[Kind]) -> dict[int, Kind]:
    types = ContentType.objects.get_for_models(*(kind.model for kind in kinds))
    return {types[kind.model].pk: kind for kind in kinds}
