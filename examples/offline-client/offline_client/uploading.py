"""Sending files in pieces (tus 1.0): what arrived is never sent twice, however often the line breaks."""

import base64

from .connection import LEFT, ProblemError
from .pushing import give_up

PIECE = 512 * 1024
TUS = {"Tus-Resumable": "1.0.0"}
# What is no verdict on the file: the upload is asked how far it is, and goes on.
GO_ON = {"upload-offset", "request-in-flight"}


def send_uploads(connection, store):
    for upload in store.db.execute(
        "SELECT * FROM uploads WHERE file_id IS NULL AND refusal IS NULL"
    ).fetchall():
        try:
            url = upload["url"] or _begin(connection, store, upload)
            file_id = _send(connection, url, upload["bytes"])
        except ProblemError as error:
            if error.slug == LEFT:
                raise
            _refused(store, upload, error)
            continue
        with store.transaction():
            store.db.execute(
                "UPDATE uploads SET file_id = ?, bytes = NULL WHERE client_id = ?",
                [file_id, upload["client_id"]],
            )


def _begin(connection, store, upload):
    """Its address. Asking again with the same client_id gives the same, so a lost answer does no harm."""
    said = {name: upload[name] for name in ("filename", "kind", "alt_text", "client_id") if upload[name]}
    headers = {
        **TUS,
        "Upload-Length": str(len(upload["bytes"])),
        "Upload-Metadata": ",".join(f"{name} {_coded(value)}" for name, value in said.items()),
    }
    url = connection.request("POST", "/api/v1/uploads/", headers=headers).headers["Location"]
    with store.transaction():
        store.db.execute("UPDATE uploads SET url = ? WHERE client_id = ?", [url, upload["client_id"]])
    return url


def _send(connection, url, content):
    """The file's id, once the last piece has arrived and the file was taken."""
    while True:
        at = connection.request("HEAD", url, headers=TUS).headers
        if "Upload-File-Id" in at:
            return at["Upload-File-Id"]
        offset = int(at["Upload-Offset"])
        headers = {**TUS, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        piece = content[offset : offset + PIECE]
        try:
            # Where everything has arrived and nothing was said of it, an empty piece asks.
            answer = connection.request("PATCH", url, headers=headers, content=piece)
        except ProblemError as error:
            if error.slug not in GO_ON:
                raise
            continue
        if "Upload-File-Id" in answer.headers:
            return answer.headers["Upload-File-Id"]


def _refused(store, upload, error):
    if error.status in (404, 410):  # Forgotten meanwhile: from the start, next time.
        with store.transaction():
            store.db.execute("UPDATE uploads SET url = NULL WHERE client_id = ?", [upload["client_id"]])
        return
    with store.transaction():
        store.db.execute(
            "UPDATE uploads SET refusal = ?, bytes = NULL WHERE client_id = ?",
            [error.slug, upload["client_id"]],
        )
        for entry in store.queue(state="waiting"):
            if entry["upload"] == upload["client_id"]:
                give_up(store, entry, "rejected", error.problem)


def _coded(value):
    return base64.b64encode(value.encode()).decode()
