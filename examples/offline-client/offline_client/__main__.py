"""A phone on the command line: python -m offline_client --help"""

import argparse
import json
import os
import sys
from pathlib import Path

from .client import OfflineClient
from .connection import Offline, ProblemError, SignedOut, UpdateNeeded, Wiped


def main():
    parser = argparse.ArgumentParser(prog="offline_client", description=__doc__)
    parser.add_argument("--store", default="phone.sqlite", help="the phone's file")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("sign-in", help="as MEANDER_EMAIL with MEANDER_PASSWORD")
    commands.add_parser("sync", help="send what waits, fetch what changed")
    commands.add_parser("run", help="sync for ever")
    commands.add_parser("queue", help="what waits to be sent")
    commands.add_parser("problems", help="what was refused, or changed on both sides")
    _rows(commands.add_parser("show", help="rows as the person sees them, also what isn't sent yet"))
    for name in ("create", "update", "delete", "act"):
        command = commands.add_parser(name)
        _rows(command)
        if name != "create":
            command.add_argument("row", help="its id, or what `create` called it")
        if name == "act":
            command.add_argument("action")
        command.add_argument("values", nargs="*", help="name=value")
    attach = commands.add_parser("attach", help="a new row with a file")
    _rows(attach)
    attach.add_argument("file")
    attach.add_argument("values", nargs="*", help="name=value")
    given = parser.parse_args()

    client = OfflineClient(os.environ.get("MEANDER_URL", "http://nhf.localhost:8000"), given.store)
    try:
        _run(client, given)
    except Offline as error:
        sys.exit(f"No line: {error}")
    except SignedOut as error:
        sys.exit(f"Sign in again: {error}")
    except UpdateNeeded as error:
        sys.exit(f"Another version of the app is needed: {error}")
    except Wiped as error:
        sys.exit(f"Everything was removed from this phone: {error}")
    except ProblemError as error:
        sys.exit(str(error))


def _rows(parser):
    parser.add_argument("resource", nargs="?" if parser.prog.endswith("show") else None)


def _run(client, given):
    store = client.store
    if given.command == "sign-in":
        client.sign_in(os.environ["MEANDER_EMAIL"], os.environ["MEANDER_PASSWORD"])
    elif given.command == "sync":
        wait = client.sync()
        kept = {name: len(store.truth(name)) for name in store.resources()}
        state = "offline" if client.failures else "in step"
        waiting = len(store.queue(state="waiting"))
        print(f"{state}; {waiting} to be sent; again in {wait:.0f} s; rows: {json.dumps(kept)}")
    elif given.command == "run":
        client.run()
    elif given.command == "queue":
        for entry in store.queue():
            print(
                entry["state"], entry["op"], entry["action"], entry["resource"], entry["row"], entry["data"]
            )
    elif given.command == "problems":
        for each in store.problems():
            answer = json.loads(each["answer"])
            print(each["outcome"], each["resource"], each["row"], answer.get("detail"), answer.get("errors"))
    elif given.command == "show":
        for resource in [given.resource] if given.resource else store.resources():
            for row_id, row in client.rows(resource).items():
                print(resource, row_id, json.dumps(row, ensure_ascii=False))
    else:
        _change(client, given, dict(value.split("=", 1) for value in given.values))


def _change(client, given, values):
    if given.command == "create":
        print(client.create(given.resource, values))
    elif given.command == "update":
        client.update(given.resource, given.row, **values)
    elif given.command == "delete":
        client.delete(given.resource, given.row)
    elif given.command == "act":
        client.act(given.resource, given.row, given.action, **values)
    elif given.command == "attach":
        file = Path(given.file)
        print(client.attach(given.resource, values, content=file.read_bytes(), filename=file.name))


if __name__ == "__main__":
    main()
