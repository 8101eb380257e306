#!/usr/bin/env python3
"""Verify an exported audit record. Needs Python 3.9 or newer, and nothing else.

    python verify_audit.py EXPORT.zip [--key HEX] [--anchors FILE.jsonl]
    python verify_audit.py PROOF.json [--key HEX] [--anchors FILE.jsonl]

It recomputes every record's hash, the tree over all of them (RFC 9162, 2.1) and the signed head (Ed25519,
RFC 8032), and names the first record that isn't as it was sealed. Of the proof of one event it recomputes the
way from the event up to the signed head (2.1.3.2). Exit code 0: as sealed; 1: not; 2: not readable.

Trust the result as far as the public key: the export brings its own, whoever made the export could bring
another. Give the one you know with --key (several times for several). With the anchored heads that were kept
elsewhere (--anchors), a record that was rewritten and signed anew is found as well. This program shares no
code with the system that made the export.
"""

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from pathlib import Path

EMPTY = hashlib.sha256(b"").digest()


# --- Ed25519 (RFC 8032, 5.1): verification only ---------------------------------------------------------
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def _add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e, f = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    g, h = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    p, q, r, s = f - e, h - g, h + g, f + e
    return p * q % P, r * s % P, q * r % P, p * s % P


def _multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def _x_of(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = _x_of(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def _point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def is_signed(public, signature, message):
    """Whether an Ed25519 signature (64 bytes) of a message is by the key (32 bytes)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    k = int.from_bytes(digest, "little") % L
    return _same(_multiply(s, BASE), _add(r, _multiply(k, a)))


# --- The tree (RFC 9162, 2.1) ---------------------------------------------------------------------------
class Tree:
    """The complete subtrees of what was appended so far, largest first."""

    def __init__(self):
        self.size, self.subtrees = 0, []

    def append(self, leaf):
        size = self.size
        while size & 1:
            leaf = hashlib.sha256(b"\x01" + self.subtrees.pop() + leaf).digest()
            size >>= 1
        self.subtrees.append(leaf)
        self.size += 1

    def root(self):
        if not self.subtrees:
            return EMPTY
        root = self.subtrees[-1]
        for subtree in reversed(self.subtrees[:-1]):
            root = hashlib.sha256(b"\x01" + subtree + root).digest()
        return root


# --- Records --------------------------------------------------------------------------------------------
def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def commitment(parts):
    """The hash over all parts of a record: {name: {"salt", "value"} or, erased, {"hash"}}."""
    whole = hashlib.sha256()
    for name in sorted(parts):
        part = parts[name]
        if "hash" in part:
            hashed = bytes.fromhex(part["hash"])
        else:
            salted = bytes.fromhex(part["salt"]) + name.encode() + b"\x00" + canonical(part["value"])
            hashed = hashlib.sha256(salted).digest()
        whole.update(name.encode() + b"\x00" + hashed)
    return whole.hexdigest()


def leaf_of(record):
    return hashlib.sha256(b"\x00" + canonical(record["event"])).digest()


# --- Signed heads ---------------------------------------------------------------------------------------
def read_checkpoint(text, keys):
    """(origin, size, root) of a signed head. Raises ValueError unless one of the keys signed it."""
    body, _, rest = text.partition("\n\n")
    body += "\n"
    origin, size, root, _at = body.splitlines()
    for line in rest.splitlines():
        dash, name, encoded = line.split(" ")
        blob = base64.b64decode(encoded, validate=True)
        for public in keys:
            expected = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
            if dash == "—" and blob[:4] == expected and is_signed(public, blob[4:], body.encode()):
                return origin, int(size), base64.b64decode(root, validate=True)
    raise ValueError("the signature is by none of the keys")


def read_anchors(lines, keys):
    """Leaf hashes by number and roots by size, from a file of anchored heads. Raises ValueError."""
    leaves, roots = {}, {}
    for line in lines:
        line = line.strip()
        if not (line.startswith("{") and line.endswith("}")):
            continue
        head = json.loads(line)
        _origin, size, root = read_checkpoint(head["checkpoint"], keys)
        roots[size] = root
        joined = base64.b64decode(head["leaves"])
        for offset in range(size - head["start"]):
            leaves[head["start"] + offset] = joined[offset * 32 : offset * 32 + 32]
    return leaves, roots


class Bad(Exception):
    """The record isn't as it was sealed; `seq` is the number of the first that differs."""

    def __init__(self, seq, what):
        super().__init__(f"record {seq}: {what}")
        self.seq, self.what = seq, what


def signature_problem(signed, size, keys, origin):
    """Why the head of a size isn't valid, or an empty text."""
    try:
        said = read_checkpoint(signed[size], keys)
    except ValueError as error:
        return str(error)
    return "" if said[:2] == (origin, size) else "it is another record's"


def verify(records, heads, keys, origin, anchored=None):
    """Raises Bad at the first record that isn't as sealed; returns (records, heads, erased parts).

    `records` are dicts in order, `heads` signed texts; the newest head speaks for everything below it, those
    before say where it went wrong.
    """
    leaves, roots = ({}, {}) if anchored is None else anchored
    signed = {}
    for text in heads:
        lines = text.split("\n")
        signed[int(lines[1])] = text
    tree, erased, good = Tree(), 0, 0

    def check_head(size):
        nonlocal good
        if size in roots and roots[size] != tree.root():
            raise Bad(good, f"the records up to {size} don't give the anchored head")
        text = signed.get(size)
        if text is None:
            return
        if base64.b64decode(text.split("\n")[2]) != tree.root():
            raise Bad(good, f"the records up to {size} don't give the signed head of that size")
        good = size

    for number, record in enumerate(records):
        try:
            if record["seq"] != number:
                raise Bad(number, f"it is missing; the next is {record['seq']}")
            leaf = leaf_of(record)
            if leaf.hex() != record["leaf_hash"]:
                raise Bad(number, "the event was changed after it was sealed")
            if number in leaves and leaves[number] != leaf:
                raise Bad(number, "it is another event than the one that was anchored")
            if commitment(record["parts"]) != record["event"]["commitment"]:
                raise Bad(number, "its parts were changed after it was written")
        except (KeyError, TypeError, ValueError) as error:
            raise Bad(number, f"it can't be read ({type(error).__name__})") from error
        erased += sum("hash" in part for part in record["parts"].values())
        tree.append(leaf)
        check_head(tree.size)
    newest = max([*signed, *roots], default=0)
    if newest > tree.size:
        raise Bad(tree.size, f"the record ends here, but {newest} events were signed")
    if tree.size > max(signed, default=0):
        raise Bad(max(signed, default=0), "no signed head speaks for it")
    # The newest signature covers everything; if it fails, the first head that fails says from where.
    if signed and signature_problem(signed, newest_signed := max(signed), keys, origin):
        before = 0
        for size in sorted(signed):
            problem = signature_problem(signed, size, keys, origin)
            if problem or size == newest_signed:
                raise Bad(before, f"the head of size {size} is not valid: {problem}")
            before = size
    return tree.size, len(signed), erased


# --- The proof of one event -----------------------------------------------------------------------------
def root_by(leaf, index, size, path):
    """The root of the tree of `size` leaves in which the leaf stands at `index`; None if there is none."""
    if not 0 <= index < size:
        return None
    fn, sn, root = index, size - 1, leaf
    for step in path:
        if sn == 0 or len(step) != 32:
            return None
        if fn & 1 or fn == sn:
            root = hashlib.sha256(b"\x01" + step + root).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = hashlib.sha256(b"\x01" + root + step).digest()
        fn, sn = fn >> 1, sn >> 1
    return root if sn == 0 else None


def verify_proof(proof, keys, anchored=None):
    """Raises Bad unless the event was sealed as it stands here; returns (origin, size, erased parts)."""
    seq = proof["seq"]
    try:
        origin, size, root = read_checkpoint(proof["checkpoint"], keys)
    except ValueError as error:
        raise Bad(seq, f"the head is not valid: {error}") from error
    if commitment(proof["parts"]) != proof["event"]["commitment"]:
        raise Bad(seq, "its parts were changed after it was written")
    leaf = leaf_of(proof)
    if root_by(leaf, seq, size, [bytes.fromhex(step) for step in proof["path"]]) != root:
        raise Bad(seq, "the event doesn't lead to the signed head: one of them was changed")
    leaves, roots = ({}, {}) if anchored is None else anchored
    if anchored is not None and size not in roots:
        raise Bad(seq, f"the head of {size} events is none of the anchored ones")
    if roots.get(size, root) != root or leaves.get(seq, leaf) != leaf:
        raise Bad(seq, "it is another event than the one that was anchored")
    return origin, size, sum("hash" in part for part in proof["parts"].values())


def check_proof(path, options):
    """Verify a file with the proof of one event, and say what it says."""
    proof = json.loads(path.read_text(encoding="utf-8"))
    own = {entry["id"]: entry["public_key"] for entry in proof["keys"]}
    keys = [bytes.fromhex(text) for text in (options.key or own.values())]
    origin, size, erased = verify_proof(proof, keys, given_anchors(options, keys))
    event = proof["event"]
    print(f"AS SEALED: event {proof['seq']} under the signed head of {size} events of {origin},")
    print(f"{erased} parts of it erased with a trace.")
    print(f"  {event['at']}  {event['action']}  {event['object_type']} {event['object_id']}")
    for name, part in sorted(proof["parts"].items()):
        if "value" in part:
            print(f"  {name}: {json.dumps(part['value'], ensure_ascii=False)}")
    return own


def given_anchors(options, keys):
    if not options.anchors:
        return None
    with Path(options.anchors).open(encoding="utf-8") as file:
        return read_anchors(file, keys)


def check_export(path, options):
    """Verify an exported record."""
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        own = {entry["id"]: entry["public_key"] for entry in json.loads(archive.read("keys.json"))}
        heads = [json.loads(line)["checkpoint"] for line in archive.read("heads.jsonl").splitlines()]
        keys = [bytes.fromhex(text) for text in (options.key or own.values())]
        with archive.open("records.jsonl") as lines:
            records = (json.loads(line) for line in lines)
            figures = verify(records, heads, keys, manifest["origin"], given_anchors(options, keys))
    print(f"AS SEALED: {manifest['organization']}, {figures[0]} records under {figures[1]} signed heads,")
    print(f"{figures[2]} parts of them erased with a trace.")
    return own


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("export", help="the exported record (ZIP), or the proof of one event (JSON)")
    parser.add_argument("--key", action="append", default=[], metavar="HEX", help="a public key you trust")
    parser.add_argument("--anchors", metavar="FILE", help="anchored heads that were kept elsewhere")
    options = parser.parse_args(arguments)
    path = Path(options.export)
    try:
        own = (check_export if zipfile.is_zipfile(path) else check_proof)(path, options)
    except Bad as bad:
        print(f"NOT AS SEALED\n{bad}")
        return 1
    except (OSError, KeyError, TypeError, AttributeError, ValueError, zipfile.BadZipFile) as error:
        print(f"This can't be read as an export or a proof: {type(error).__name__}: {error}")
        return 2
    if not options.key:
        print("Signed by the keys in the export itself; compare them with what you know, or give --key:")
        for identity, public in own.items():
            print(f"  {identity}  {public}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
