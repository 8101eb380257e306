"""Fetching what changed: every answer and its checkpoint in one local transaction."""

from .connection import ProblemError

LIMIT = 500
# Of some of what we did nothing is ever told, since we don't see the row any more: after so many calls
# we stop showing it.
PATIENCE = 5


def pull(connection, store):
    """Fetch until nothing is left. Returns after how many seconds to ask again."""
    while True:
        parameters = {"limit": LIMIT, "device_id": store.get("device_id")}
        if checkpoint := store.get("checkpoint"):
            parameters["checkpoint"] = checkpoint
        try:
            answer = connection.request("GET", "/api/v1/sync/pull/", params=parameters)
        except ProblemError as error:
            if error.slug not in ("resync-required", "invalid-checkpoint") or checkpoint is None:
                raise
            begin_anew(store)
            continue
        if answer.status_code == 204:
            with store.transaction():
                _fetched_all(store)
            return float(answer.headers.get("Next-Poll-S", 60))
        told = answer.json()
        with store.transaction():
            for change in told["changes"]:
                _apply(store, change)
            store.set("checkpoint", told["checkpoint"])
            if not told["has_more"]:
                _fetched_all(store)
        if not told["has_more"]:
            return told["next_poll_s"]


def begin_anew(store):
    """Everything once more. Rows stay to be looked at until all have come; the queue stays."""
    with store.transaction():
        store.set("checkpoint", None)
        store.set("snapshot", int(store.get("snapshot", 0)) + 1)
        store.set("is_anew", 1)


def _apply(store, change):
    resource, row_id = change["resource"], change["id"]
    if change["op"] == "remove":
        store.remove_row(resource, row_id)
        _forget_done(store, resource, row_id, None)
        return
    snapshot = int(store.get("snapshot", 0))
    store.put_row(resource, row_id, change["version"], change["data"], snapshot)
    _forget_done(store, resource, row_id, change["version"])


def _forget_done(store, resource, row_id, version):
    """What we did, and now see in the server's row (or see gone), needn't be laid over it any more."""
    for entry in store.queue(state="done"):
        is_it = entry["resource"] == resource and store.id_of(resource, entry["row"]) == row_id
        if is_it and (version is None or entry["version"] is None or entry["version"] <= version):
            store.db.execute("DELETE FROM queue WHERE seq = ?", [entry["seq"]])


def _fetched_all(store):
    if store.get("is_anew"):
        # What didn't come with the full fetch isn't there any more, or not for us.
        store.db.execute("DELETE FROM rows WHERE snapshot < ?", [int(store.get("snapshot", 0))])
        store.set("is_anew", None)
    store.db.execute("UPDATE queue SET pulls = pulls + 1 WHERE state = 'done'")
    store.db.execute("DELETE FROM queue WHERE state = 'done' AND pulls >= ?", [PATIENCE])
