"""Sending what was done here: in order, until each change has its answer."""

import json
import time
from datetime import datetime

from .connection import Wiped

# Of one request (the server takes 500 and 5 MB).
MOST, MOST_BYTES = 500, 4_000_000
LONGEST_WAIT = 3600


def push(connection, store, schema_version):
    """Send all that may be sent now. Whatever is cut off is sent again, under the same ids."""
    is_over = False
    while batch := _batch(store):
        answer = connection.request(
            "POST", "/api/v1/sync/push/", json=_envelope(store, batch, schema_version)
        )
        results = answer.json()["results"]
        with store.transaction():
            for entry, result in zip(batch, results, strict=True):
                _settle(store, entry, result)
        is_over = answer.json().get("wipe", False)
    if is_over:
        store.wipe()
        raise Wiped("What waited was handed in, and the membership is over.")


def _envelope(store, batch, schema_version):
    waiting = store.queue(state="waiting")
    return {
        "device_id": store.get("device_id"),
        "schema_version": schema_version,
        "sent_at": datetime.now().astimezone().isoformat(),  # Tells the server how far our clock is off.
        "queued": len(waiting),
        "oldest_queued_at": waiting[0]["occurred_at"],
        "mutations": [json.loads(entry["payload"]) for entry in batch],
    }


def _batch(store):
    """The next changes to be sent, in order, each with its `payload`.

    Of one row there is one at a time: the next needs to know at which version the one before left it. What
    refers to a new row that can't be sent yet waits with it; what refers to one in the same batch needn't,
    the server puts the id in.
    """
    batch, size, busy, unsent = [], 0, set(), set()
    for entry in store.queue(state="waiting"):
        row = store.id_of(entry["resource"], entry["row"])
        data = _with_file(store, entry)
        refers = _texts(json.loads(entry["data"]))
        if data is None or row in busy or unsent & refers or entry["retry_at"] > time.time():
            busy.add(row)
            if entry["op"] == "create":
                unsent.add(row)
            continue
        payload = entry["payload"] or json.dumps(_mutation(entry, row, data))
        size += len(payload)
        if batch and (len(batch) == MOST or size > MOST_BYTES):
            break
        busy.add(row)
        batch.append({**entry, "payload": payload})
    with store.transaction():
        # From now on it may have arrived, so it is never changed again.
        for entry in batch:
            store.db.execute("UPDATE queue SET payload = ? WHERE seq = ?", [entry["payload"], entry["seq"]])
    return batch


def _mutation(entry, row, data):
    told = {name: entry[name] for name in ("mutation_id", "resource", "op", "occurred_at")}
    told["client_id" if entry["op"] == "create" else "id"] = row
    if entry["action"]:
        told["action"] = entry["action"]
    if entry["base_version"] is not None:
        told["base_version"] = entry["base_version"]
    if entry["op"] != "delete":
        told["data"] = data
    return told


def _with_file(store, entry):
    """The data, with the id of the file that went before it; None while that is on its way."""
    data = json.loads(entry["data"])
    if entry["upload"]:
        file_id = store.db.execute(
            "SELECT file_id FROM uploads WHERE client_id = ?", [entry["upload"]]
        ).fetchone()["file_id"]
        if file_id is None:
            return None
        data["file"] = file_id
    return data


def _texts(data):
    """Everything in the data that may be what we call another row."""
    found = set()
    for value in data.values():
        found |= {each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)}
    return found


def _settle(store, entry, result):
    """What became of one change. A duplicate is what it was the first time."""
    outcome = result.get("answer", result["outcome"])
    if outcome == "deferred":
        wait = min(LONGEST_WAIT, 5 * 2 ** entry["tries"])
        store.db.execute(
            "UPDATE queue SET tries = tries + 1, retry_at = ? WHERE seq = ?",
            [time.time() + wait, entry["seq"]],
        )
        return
    if outcome in ("conflict", "rejected"):
        give_up(store, entry, outcome, result)
        return
    if entry["op"] == "create":
        store.db.execute(
            "INSERT OR REPLACE INTO names VALUES (?, ?, ?)", [entry["resource"], entry["row"], result["id"]]
        )
    if entry["upload"]:
        store.db.execute("DELETE FROM uploads WHERE client_id = ?", [entry["upload"]])
    store.db.execute(
        "UPDATE queue SET state = 'done', version = ? WHERE seq = ?", [result["version"], entry["seq"]]
    )
    if outcome == "applied":
        # What the person did next, they did on top of this. After a merge they hadn't seen what others
        # changed, so it is still compared with what they had seen.
        store.db.execute(
            "UPDATE queue SET base_version = ? WHERE payload IS NULL AND resource = ? AND row IN (?, ?)",
            [result["version"], entry["resource"], entry["row"], result["id"]],
        )


def give_up(store, entry, outcome, answer):
    """Out of the queue, which goes on; the person sees why, and the server's inbox has it as well."""
    store.db.execute(
        "INSERT OR REPLACE INTO problems (mutation_id, resource, row, outcome, data, answer)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [
            *(entry["mutation_id"], entry["resource"], entry["row"], outcome, entry["data"]),
            json.dumps(answer),
        ],
    )
    store.db.execute("DELETE FROM queue WHERE seq = ?", [entry["seq"]])
