"""What the phone keeps, in one SQLite file: the server's rows, the queue, names of new rows, uploads.

A real app encrypts this file with a key of the phone's keystore: it holds what people confided.
"""

import json
import sqlite3
import uuid
from contextlib import contextmanager
from datetime import datetime

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT);
-- The server's rows as it last told them. `snapshot`: the number of the full fetch that brought them.
CREATE TABLE IF NOT EXISTS rows (resource TEXT, id TEXT, version INTEGER, data TEXT, snapshot INTEGER,
  PRIMARY KEY (resource, id));
-- What was done here, in order. `payload` is what was sent, to the letter: it is sent again exactly so.
-- `state`: waiting (to be sent, or its answer is unknown), done (told to have taken effect, and not
-- fetched yet). `row`: the server's id, or what we call a row that has none yet.
CREATE TABLE IF NOT EXISTS queue (seq INTEGER PRIMARY KEY AUTOINCREMENT, mutation_id TEXT UNIQUE,
  resource TEXT, op TEXT, action TEXT, row TEXT, base_version INTEGER, occurred_at TEXT, data TEXT,
  upload TEXT, payload TEXT, state TEXT DEFAULT 'waiting', version INTEGER, pulls INTEGER DEFAULT 0,
  retry_at REAL DEFAULT 0, tries INTEGER DEFAULT 0);
-- What took no effect: to be shown to the person, with the reason. It waits in the server's inbox.
CREATE TABLE IF NOT EXISTS problems (mutation_id TEXT PRIMARY KEY, resource TEXT, row TEXT, outcome TEXT,
  data TEXT, answer TEXT, seen INTEGER DEFAULT 0);
-- What we called a row before the server gave it an id.
CREATE TABLE IF NOT EXISTS names (resource TEXT, client_id TEXT, id TEXT, PRIMARY KEY (resource, client_id));
CREATE TABLE IF NOT EXISTS uploads (client_id TEXT PRIMARY KEY, filename TEXT, kind TEXT, alt_text TEXT,
  bytes BLOB, url TEXT, file_id TEXT, refusal TEXT);
"""


class Store:
    def __init__(self, path=":memory:"):
        # We say ourselves where transactions begin and end.
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.executescript(SCHEMA)
        if not self.get("device_id"):
            self.set("device_id", str(uuid.uuid4()))  # Once per installation.

    @contextmanager
    def transaction(self):
        """All of it or nothing, whenever the app is killed."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def get(self, name, default=None):
        row = self.db.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchone()
        return default if row is None else row["value"]

    def set(self, name, value):
        if value is None:
            self.db.execute("DELETE FROM meta WHERE name = ?", [name])
        else:
            self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [name, str(value)])

    # --- What the server said ---------------------------------------------------------------------------

    def put_row(self, resource, row_id, version, data, snapshot):
        self.db.execute(
            "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?)",
            [resource, row_id, version, json.dumps(data), snapshot],
        )

    def remove_row(self, resource, row_id):
        self.db.execute("DELETE FROM rows WHERE resource = ? AND id = ?", [resource, row_id])

    def row(self, resource, row_id):
        """(version, data) as the server told it; (None, None) for a row it told nothing of."""
        found = self.db.execute(
            "SELECT version, data FROM rows WHERE resource = ? AND id = ?", [resource, row_id]
        ).fetchone()
        return (None, None) if found is None else (found["version"], json.loads(found["data"]))

    def truth(self, resource):
        """The server's rows of a resource, by id."""
        found = self.db.execute("SELECT id, data FROM rows WHERE resource = ?", [resource])
        return {row["id"]: json.loads(row["data"]) for row in found}

    def resources(self):
        return [row[0] for row in self.db.execute("SELECT DISTINCT resource FROM rows ORDER BY 1")]

    # --- What was done here -----------------------------------------------------------------------------

    def enqueue(self, resource, op, row, data, *, action="", base_version=None, upload=None):
        # A day is a local day: the time keeps its offset from UTC.
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        self.db.execute(
            "INSERT INTO queue (mutation_id, resource, op, action, row, base_version, occurred_at, data,"
            " upload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [str(uuid.uuid4()), resource, op, action, row, base_version, now, json.dumps(data), upload],
        )

    def queue(self, *, state=None):
        """In the order in which it was done."""
        where, values = ("WHERE state = ?", [state]) if state else ("", [])
        return self.db.execute(f"SELECT * FROM queue {where} ORDER BY seq", values).fetchall()  # noqa: S608

    def id_of(self, resource, name):
        """The server's id of a row that we named; the name itself where it has none yet, or is one."""
        found = self.db.execute(
            "SELECT id FROM names WHERE resource = ? AND client_id = ?", [resource, name]
        ).fetchone()
        return name if found is None else found["id"]

    def view(self, resource):
        """What the person sees: the server's rows, and on top of them what they did and isn't there yet."""
        rows = self.truth(resource)
        for entry in self.queue():
            if entry["resource"] != resource:
                continue
            row_id, data = self.id_of(resource, entry["row"]), json.loads(entry["data"])
            if entry["op"] == "create":
                rows[row_id] = {**data, **rows.get(row_id, {"id": row_id})}
            elif row_id in rows and entry["op"] == "delete":
                del rows[row_id]
            elif row_id in rows and entry["op"] == "update":
                rows[row_id] = {**rows[row_id], **data}
            elif row_id in rows:
                rows[row_id] = {**rows[row_id], "_pending_action": entry["action"]}
        return rows

    def problems(self):
        """What the person has to look at: conflicts and refusals, with the server's answer."""
        return self.db.execute("SELECT * FROM problems WHERE seen = 0").fetchall()

    def wipe(self):
        """Nothing of the organisation stays, and the installation is a new one."""
        with self.transaction():
            for table in ("meta", "rows", "queue", "problems", "names", "uploads"):
                self.db.execute(f"DELETE FROM {table}")  # noqa: S608 - one of ours.
            self.set("device_id", str(uuid.uuid4()))
        self.db.execute("VACUUM")  # Deleted bytes would stay in the file.
