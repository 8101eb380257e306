"""An export is verified without us: by a program that needs nothing but Python."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django_tenants.utils import tenant_context
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.audit import keys, verify_audit
from domain.audit.anchors import anchors, log_name
from domain.audit.erasure import erase_parts
from domain.audit.export import VERIFIER, write_export
from domain.audit.models import AuditEvent, AuditSeal
from domain.audit.proof import as_file, export_proof
from domain.core.errors import InvalidState
from tenants.db import connection
from tenants.models import Organization
from tests.audit.sealed import seal_and_anchor, write_events

# RFC 8032, 7.1: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_verifier_agrees_with_rfc_8032(public, message, signature):
    public, message, signature = (bytes.fromhex(text) for text in (public, message, signature))
    assert verify_audit.is_signed(public, signature, message)
    assert not verify_audit.is_signed(public, signature, message + b"x")
    assert not verify_audit.is_signed(public, bytes([signature[0] ^ 1]) + signature[1:], message)
    assert not verify_audit.is_signed(public[::-1], signature, message)


def test_the_verifier_refuses_a_signature_made_malleable():
    public, message, signature = (bytes.fromhex(text) for text in VECTORS[1])
    s = int.from_bytes(signature[32:], "little") + verify_audit.L
    assert not verify_audit.is_signed(public, signature[:32] + s.to_bytes(32, "little"), message)


@settings(max_examples=20, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200))
def test_the_verifier_agrees_with_the_library_that_signs(seed, message):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    assert verify_audit.is_signed(keys.public_bytes(key), key.sign(message), message)


# What was made in this process, once for all tests: file, anchored heads, the key they are signed with.
_made: dict[str, tuple[bytes, bytes, bytes]] = {}


def copied(request, tmp_path: Path, name: str, make) -> tuple[Path, Path]:
    """Files of the test's own, of what `make` makes in a database of its own: the file and the heads."""
    if name not in _made:
        request.getfixturevalue("own_database")
        _made[name] = make()
    path, anchored = tmp_path / name, tmp_path / "anchored.jsonl"
    for file, content in zip((path, anchored), _made[name][:2], strict=True):
        file.write_bytes(content)
    return path, anchored


def signing_key() -> bytes:
    return next(iter(keys.public_keys().values()))


@pytest.fixture
def exported(request, tmp_path):
    """An export of 60 records under several heads, some parts erased, and the anchored heads beside it."""
    return copied(request, tmp_path, "export.zip", made_export)


def made_export() -> tuple[bytes, bytes, bytes]:
    organization = Organization.objects.get(schema_name="nhf")
    with tenant_context(organization), connection.as_owner():
        seal_and_anchor(organization)
        for start in range(0, 60, 12):
            write_events(12, start=start)
            seal_and_anchor(organization)
        erase_parts(AuditEvent.objects.exclude(reason="").first(), ["reason"], by=None, reason="Asked")
        seal_and_anchor(organization)
        buffer = io.BytesIO()
        write_export(buffer, organization, progress=lambda count: None)
        anchored = anchors()[0]._path(log_name(organization.schema_name, organization.pk))
    return buffer.getvalue(), anchored.read_bytes(), signing_key()


def run(path: Path, *arguments: str) -> tuple[int, str]:
    """The verifier out of the export, in a Python without our packages."""
    with zipfile.ZipFile(path) as archive:
        program = path.with_name("verifier.py")
        program.write_bytes(archive.read("verify_audit.py"))
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(program), str(path), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def change(path: Path, name: str, edit) -> None:
    with zipfile.ZipFile(path) as archive:
        files = {entry: archive.read(entry) for entry in archive.namelist()}
    lines = [json.loads(line) for line in files[name].splitlines()]
    changed = edit(lines)
    files[name] = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in changed)
    with zipfile.ZipFile(path, "w") as archive:
        for entry, data in files.items():
            archive.writestr(entry, data)


def test_an_export_as_it_was_sealed_passes(exported):
    path, anchored = exported
    public = _made["export.zip"][2].hex()
    code, said = run(path, "--key", public, "--anchors", str(anchored))
    assert (code, "AS SEALED" in said, "1 parts of them erased" in said) == (0, True, True), said
    code, said = run(path)
    assert code == 0
    assert public in said


def test_the_verifier_in_the_export_is_the_one_we_keep(exported):
    with zipfile.ZipFile(exported[0]) as archive:
        assert archive.read("verify_audit.py") == VERIFIER.read_bytes()


def test_a_key_one_does_not_trust_does_not_pass(exported):
    code, said = run(exported[0], "--key", VECTORS[0][0])
    assert code == 1
    assert "by none of the keys" in said


def edited(lines):
    lines[23]["event"]["action"] = "faq.deleted"
    return lines


def edited_and_hashed_anew(lines):
    lines[23]["event"]["action"] = "faq.deleted"
    lines[23]["leaf_hash"] = verify_audit.leaf_of(lines[23]).hex()
    return lines


def edited_words(lines):
    lines[23]["parts"]["reason"]["value"] = "Something else"
    return lines


def without_one(lines):
    return lines[:23] + lines[24:]


def with_one_more(lines):
    return [*lines[:23], lines[5], *lines[23:]]


def swapped(lines):
    lines[23], lines[40] = lines[40], lines[23]
    return lines


def cut(lines):
    return lines[:23]


def unreadable(lines):
    lines[23]["parts"] = None
    return lines


@pytest.mark.parametrize("edit", [edited, edited_words, without_one, with_one_more, swapped, cut, unreadable])
def test_the_first_bad_record_is_named(exported, edit):
    change(exported[0], "records.jsonl", edit)
    code, said = run(exported[0])
    assert code == 1
    assert "\nrecord 23:" in said


def test_with_the_anchored_heads_also_a_rewritten_record_is_placed(exported):
    path, anchored = exported
    change(path, "records.jsonl", edited_and_hashed_anew)
    code, said = run(path)
    assert code == 1  # The signed heads say between which of them.
    assert int(said.split("record ")[1].split(":")[0]) <= 23
    code, said = run(path, "--anchors", str(anchored))
    assert (code, "\nrecord 23:" in said) == (1, True)


def test_heads_left_out_are_missed(exported):
    change(exported[0], "heads.jsonl", lambda lines: lines[:-1])
    assert run(exported[0])[0] == 1


def test_what_is_no_export_is_said_to_be_none(tmp_path, exported):
    code, said = run(exported[0])
    assert code == 0, said
    broken = exported[0]
    with zipfile.ZipFile(broken) as archive:
        program = archive.read("verify_audit.py")
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("verify_audit.py", program)
    assert run(broken)[0] == 2


@pytest.fixture
def proof(request, tmp_path):
    """The proof of the 23rd of 60 events, some heads later, and the anchored heads beside it."""
    return copied(request, tmp_path, "proof.json", made_proof)


def made_proof() -> tuple[bytes, bytes, bytes]:
    organization = Organization.objects.get(schema_name="nhf")
    with tenant_context(organization), connection.as_owner():
        seal_and_anchor(organization)
        for start in range(0, 60, 12):
            write_events(12, start=start)
            seal_and_anchor(organization)
        event = AuditEvent.objects.get(pk=AuditSeal.objects.get(seq=23).event_id)
        exported = export_proof(event, organization, by=None)
        anchored = anchors()[0]._path(log_name(organization.schema_name, organization.pk))
        taken = AuditEvent.objects.filter(action="event-proof.exported", object_id=str(event.pk))
        assert taken.count() == 1
        with pytest.raises(InvalidState):
            export_proof(taken.get(), organization, by=None)
    return as_file(exported), anchored.read_bytes(), signing_key()


def check_proof(path: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(VERIFIER), str(path), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_proof_of_one_event_is_checked_without_the_others(proof):
    path, anchored = proof
    public = _made["proof.json"][2].hex()
    code, said = check_proof(path, "--key", public, "--anchors", str(anchored))
    assert (code, "AS SEALED: event 23 " in said) == (0, True), said
    assert json.loads(path.read_text())["parts"]["reason"]["value"] in said
    assert check_proof(path)[0] == 0
    code, said = check_proof(path, "--key", VECTORS[0][0])
    assert (code, "the head is not valid" in said) == (1, True)
    foreign = path.with_name("anchors.jsonl")
    foreign.write_text("")
    code, said = check_proof(path, "--anchors", str(foreign))
    assert (code, "none of the anchored ones" in said) == (1, True)


def _set(proof, value, *names):
    for name in names[:-1]:
        proof = proof[name]
    proof[names[-1]] = value


TAMPERED = {
    "the action": lambda proof: _set(proof, "faq.deleted", "event", "action"),
    "who did it": lambda proof: _set(proof, "018f3f2a-0000-7000-8000-00000000dead", "event", "actor_id"),
    "the time": lambda proof: _set(proof, "2020-01-01T00:00:00.000000Z", "event", "at"),
    "a member more": lambda proof: _set(proof, 1, "event", "more"),
    "the reason": lambda proof: _set(proof, "Something else", "parts", "reason", "value"),
    "a salt": lambda proof: _set(proof, "00" * 16, "parts", "reason", "salt"),
    "a part left out": lambda proof: proof["parts"].pop("reason"),
    "a part more": lambda proof: _set(proof, {"salt": "00", "value": 1}, "parts", "network"),
    "the number": lambda proof: _set(proof, 22, "seq"),
    "a number beyond": lambda proof: _set(proof, 9999, "seq"),
    "a negative number": lambda proof: _set(proof, -1, "seq"),
    "a step": lambda proof: _set(proof, "00" * 32, "path", 0),
    "a step left out": lambda proof: proof["path"].pop(),
    "a step more": lambda proof: proof["path"].append("00" * 32),
    "a short step": lambda proof: _set(proof, "00" * 31, "path", 0),
    "steps swapped": lambda proof: proof["path"].reverse(),
    "the size": lambda proof: _set(proof, proof["checkpoint"].replace("\n", "\n1", 1), "checkpoint"),
    "the signature": lambda proof: _set(proof, proof["checkpoint"][:-9] + "AAAAAAAA\n", "checkpoint"),
    "no signature": lambda proof: _set(proof, proof["checkpoint"].split("\n\n")[0] + "\n\n", "checkpoint"),
}


def test_a_proof_that_was_tampered_with_is_refused(proof):
    whole = proof[0].read_text()
    public = _made["proof.json"][2]
    assert verify_audit.verify_proof(json.loads(whole), [public])[1] >= 24
    for name, tamper in TAMPERED.items():
        changed = json.loads(whole)
        tamper(changed)
        with pytest.raises(verify_audit.Bad):
            pytest.fail(f"{name}: {verify_audit.verify_proof(changed, [public])}")


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"keys": [], "seq": 0}', "\x00\xff"])
def test_what_is_no_proof_is_said_to_be_none(tmp_path, text, capsys):
    path = tmp_path / "proof.json"
    path.write_bytes(text.encode("latin-1"))
    assert verify_audit.main([str(path)]) == 2
    assert "can't be read" in capsys.readouterr().out
