"""The client: what an app's screens call, and `sync()`, which the app calls when there is a line."""

import random
import time
import uuid

from .connection import LEFT, Connection, Offline, ProblemError, Wiped
from .pulling import pull
from .pushing import push
from .store import Store
from .uploading import send_uploads

# The version of the data that this app was made for (`client-config/`).
SCHEMA_VERSION = 1
BACK_OFF = (1, 300)  # Seconds: the first wait, and the longest.


class OfflineClient:
    """Every change is made here first: it can be seen at once, and is sent when it can be."""

    def __init__(self, url, path=":memory:", *, language="nb", transport=None):
        self.store = Store(path)
        self.connection = Connection(url, self.store, language=language, transport=transport)
        self.failures = 0

    def sign_in(self, email, password):
        """The queue belongs to one person: somebody else's phone starts from nothing."""
        owner = self.store.get("owner")
        if owner is not None and owner != email.casefold():
            self.store.wipe()
        self.connection.sign_in(email, password)
        self.store.set("owner", email.casefold())

    # --- What screens call ------------------------------------------------------------------------------

    def rows(self, resource):
        """What the person sees of a resource, by id."""
        return self.store.view(resource)

    def create(self, resource, data, *, upload=None):
        """A new row, and what we call it until the server has named it: good as a reference at once."""
        name = str(uuid.uuid4())
        with self.store.transaction():
            self.store.enqueue(resource, "create", name, data, upload=upload)
        return name

    def update(self, resource, row, **values):
        """Only what was changed: what others change besides is kept by the server."""
        self._change(resource, "update", row, values)

    def delete(self, resource, row):
        self._change(resource, "delete", row, {})

    def act(self, resource, row, action, **values):
        self._change(resource, "action", row, values, action=action)

    def attach(self, resource, data, *, content, filename, kind="", alt_text=""):
        """A new row with a file (member `file`): the file goes first, in pieces, and the row follows it."""
        upload = str(uuid.uuid4())
        with self.store.transaction():
            self.store.db.execute(
                "INSERT INTO uploads (client_id, filename, kind, alt_text, bytes) VALUES (?, ?, ?, ?, ?)",
                [upload, filename, kind, alt_text, content],
            )
        return self.create(resource, data, upload=upload)

    def _change(self, resource, op, row, data, *, action=""):
        row = self.store.id_of(resource, row)
        with self.store.transaction():
            version, _data = self.store.row(resource, row)
            self.store.enqueue(resource, op, row, data, action=action, base_version=version)

    # --- Synchronising ----------------------------------------------------------------------------------

    def sync(self):
        """Send what waits, then fetch what changed. Returns after how many seconds to do it again.

        Never raises for a bad line: that is what the queue is for. SignedOut, Wiped and UpdateNeeded are
        the app's to tell the person of.
        """
        try:
            self._send_uploads()
            push(self.connection, self.store, SCHEMA_VERSION)
            wait = pull(self.connection, self.store)
        except Offline as error:
            self.failures += 1
            return error.after if error.after is not None else self._back_off()
        except ProblemError as error:
            if error.slug != LEFT:
                raise
            self.store.wipe()  # Nothing waits any more that could be sent.
            raise Wiped(str(error)) from error
        self.failures = 0
        return wait

    def _send_uploads(self):
        try:
            send_uploads(self.connection, self.store)
        except ProblemError as error:
            if error.slug != LEFT:  # Who has left sends no files, but what else waits.
                raise

    def run(self, *, sleep=time.sleep):
        """For ever, as an app does in the background."""
        while True:
            sleep(self.sync())

    def _back_off(self):
        """Longer and longer, and never all phones at the same moment."""
        first, longest = BACK_OFF
        return random.uniform(0.5, 1) * min(longest, first * 2 ** min(self.failures, 20))  # noqa: S311 - no secret
