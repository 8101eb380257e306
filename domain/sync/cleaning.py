"""Forgetting what no phone needs any more."""

from tenants.db import connection

from .views import forget_unused_views

# The oldest transaction that some phone may still ask from, else the horizon. A resource of which a phone
# has fetched the first pages only is asked for from where that began.
_OLDEST = """
SELECT least(
  pg_snapshot_xmin(pg_current_snapshot()),
  (SELECT min(coalesce(p.value->>'since', p.value->>'start')::xid8) FROM sync_syncview v, LATERAL (
     SELECT * FROM jsonb_each(v.positions) UNION ALL SELECT * FROM jsonb_each(v.pending_positions)) p)
)::text"""


def forget_old_changes() -> dict[str, int]:
    """Remove views that aren't used any more, and notes of changes from before what any phone asks for.

    Returns how many of each. A phone that begins meanwhile begins at the horizon.
    """
    views = forget_unused_views()
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        oldest = cursor.fetchone()[0]
        cursor.execute("DELETE FROM sync_synctablechange WHERE xid < %s::xid8", [oldest])
        changes = cursor.rowcount
        cursor.execute("DELETE FROM sync_synctombstone WHERE xid < %s::xid8", [oldest])
        tombstones = cursor.rowcount
    return {"views": views, "changes": changes, "tombstones": tombstones}
