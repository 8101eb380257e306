"""Forgetting what no phone needs any more."""

from tenants.db import connection

from .views import forget_unused_views

# A phone that begins at this moment has read the horizon, and its view isn't there to be seen yet: so many
# transactions before it are kept, which is more than there are while a call is answered.
MARGIN = 100_000
# The horizon, and the oldest transaction that some phone may still ask from. A resource of which a phone has
# fetched the first pages only is asked for from where that began.
_OLDEST = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text,
  (SELECT min(coalesce(p.value->>'since', p.value->>'start')::xid8) FROM sync_syncview v, LATERAL (
     SELECT * FROM jsonb_each(v.positions) UNION ALL
     SELECT * FROM jsonb_each(v.pending_positions)) p)::text"""


def forget_old_changes() -> dict[str, int]:
    """Remove views that aren't used any more, and notes of changes from before what any phone asks for.

    Returns how many of each.
    """
    views = forget_unused_views()
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        horizon, asked = cursor.fetchone()
        oldest = str(min(max(0, int(horizon) - MARGIN), int(asked or horizon)))
        cursor.execute("DELETE FROM sync_synctablechange WHERE xid < %s::xid8", [oldest])
        changes = cursor.rowcount
        cursor.execute("DELETE FROM sync_synctombstone WHERE xid < %s::xid8", [oldest])
        tombstones = cursor.rowcount
    return {"views": views, "changes": changes, "tombstones": tombstones}
