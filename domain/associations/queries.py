"""Reading the tree of local associations: as it is, and as it was on a day."""

from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from tenants.db import connection

from .models import LocalAssociation, LocalAssociationEdge, LocalAssociationMembership
from .triggers import TREE_LOCK


def lock_tree() -> None:
    """Let nobody else change the tree until this transaction ends; the triggers take the same lock.

    Taken before any row is locked, two moves can't wait for each other.
    """
    table = f"{connection.schema_name}.{LocalAssociation._meta.db_table}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [table, TREE_LOCK])


def node_of(path: str) -> int:
    """The last node of a path."""
    return int(path.rstrip("/").rpartition("/")[2])


def nodes_of(path: str) -> list[int]:
    """The nodes of a path from the root down."""
    return [int(node) for node in path.split("/") if node]


def ancestors_of(association: LocalAssociation) -> list[LocalAssociation]:
    """Those above it, root first."""
    above = nodes_of(association.path)[:-1]
    return list(LocalAssociation.objects.filter(node__in=above).order_by("path")) if above else []


def with_counts(queryset: QuerySet[LocalAssociation]) -> QuerySet[LocalAssociation]:
    """Adds `members_now`, how many people belong to each today."""
    today = timezone.localdate()
    holds = Q(memberships__valid_from__lte=today) & (
        Q(memberships__valid_to__isnull=True) | Q(memberships__valid_to__gte=today)
    )
    return queryset.annotate(members_now=Count("memberships", filter=holds))


def tree_on(day: date) -> dict[UUID, str]:
    """The path of every association as it was on a day, in one query.

    An association made later isn't there. Paths are of the same nodes as today's, so that a subtree of that
    day is found by prefix.
    """
    associations = LocalAssociation._meta.db_table
    edges = LocalAssociationEdge._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE place AS (
                SELECT e.association_id, e.parent_id, a.node FROM {edges} e
                JOIN {associations} a ON a.id = e.association_id
                WHERE e.valid_from <= %(day)s AND (e.valid_to IS NULL OR e.valid_to >= %(day)s)
            ), tree AS (
                SELECT association_id, '/' || node || '/' AS path FROM place WHERE parent_id IS NULL
                UNION ALL
                SELECT place.association_id, tree.path || place.node || '/'
                FROM place JOIN tree ON tree.association_id = place.parent_id
            )
            SELECT association_id, path FROM tree
            """,  # noqa: S608 - names of our own tables
            {"day": day},
        )
        return dict(cursor.fetchall())


def current_memberships(user) -> QuerySet[LocalAssociationMembership]:
    """A person's memberships of today, the primary one first."""
    return LocalAssociationMembership.objects.current().filter(user=user).select_related("association")


def find_by_number(number: str) -> LocalAssociation | None:
    """The association of a number, in whatever case it is written; of an alias, what it was merged into."""
    found = (
        LocalAssociation.objects.select_related("merged_into").filter(number__iexact=number.strip()).first()
    )
    return resolve(found) if found else None


def resolve(association: LocalAssociation) -> LocalAssociation:
    """The association itself, or the one that it was merged into, however often."""
    while association.merged_into is not None:
        association = association.merged_into
    return association
