"""Signatures: made over what was logged, by keys in force, and never missing unnoticed."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest

from jfsrules.audit import Head, Ledger, append
from jfsrules.audit.bundles import At, bundle
from jfsrules.audit.entries import PAYLOAD_TYPE
from jfsrules.audit.signing import (
    PUBLIC_KEYS,
    SIGNING_KEY,
    Signer,
    encoded,
    envelope_of,
    head_of_envelope,
    load_public_keys,
    load_signer,
    new_signer,
    write_keys,
)
from jfsrules.audit.standalone import verify_bundle
from jfsrules.audit.verification import Report, verify
from jfsrules.errors import LedgerError
from ledgers import case

FIRST, SECOND, THIRD, STRANGER = (new_signer() for _ in range(4))


def ledger_of(tmp_path: Path, signer: Signer | None, *, count: int = 2) -> Ledger:
    ledger = Ledger.open(str(tmp_path / "ledger.db"), create=True, signer=signer)
    for number in range(count):
        ledger.append(case(number))
    return ledger


def says(report: Report) -> str:
    return "; ".join(fault.says for fault in report.faults)


def test_a_signed_ledger_verifies_by_its_public_key(tmp_path: Path) -> None:
    """Whoever has the public key can check every entry; without it, nothing is taken on trust."""
    with ledger_of(tmp_path, FIRST) as ledger:
        assert verify(ledger, [FIRST.public]).whole
        assert says(verify(ledger)) == "signatures not checked: no public key was given"
        told = verify(ledger, unsigned=True)
        assert told.whole
        assert "signatures not checked: no public key was given" in told.notes


def test_an_unsigned_ledger_is_never_taken_for_a_signed_one(tmp_path: Path) -> None:
    """With a key given, an entry without a signature is a fault; without, it is said."""
    with ledger_of(tmp_path, None) as ledger:
        assert "entry 1 is not signed" in says(verify(ledger, [FIRST.public]))
        assert says(verify(ledger)) == "the entries are not signed"
        assert "the entries are not signed" in verify(ledger, unsigned=True).notes


def test_a_signed_ledger_takes_no_unsigned_entry(tmp_path: Path) -> None:
    """Without its key, or with another, nothing can be appended, and nothing is lost."""
    with ledger_of(tmp_path, FIRST) as ledger:
        head = ledger.head()
    where = str(tmp_path / "ledger.db")
    with (
        Ledger.open(where, write=True) as ledger,
        pytest.raises(LedgerError, match="name the key"),
    ):
        ledger.append(case(5))
    with Ledger.open(where, write=True, signer=STRANGER) as ledger:
        with pytest.raises(LedgerError, match="does not take entries signed by"):
            ledger.append(case(5))
        assert ledger.head() == head


def test_a_wrong_key_is_said_to_be_wrong(tmp_path: Path) -> None:
    """A key that signed nothing here is a mistake of the call, not a broken ledger."""
    with ledger_of(tmp_path, FIRST) as ledger:
        with pytest.raises(LedgerError, match="wrong key"):
            verify(ledger, [STRANGER.public])
        body = bundle(ledger, [At(2)])
    with pytest.raises(verify_bundle.Unreadable, match="wrong key"):
        verify_bundle.check(body, [STRANGER.public.raw], verifies=verify_bundle.ed25519())


def test_keys_rotate(tmp_path: Path) -> None:
    """A key hands over to the next; the first key is enough to trust what the later ones sign."""
    with ledger_of(tmp_path, FIRST) as ledger:
        ledger.change_keys([SECOND.public])
        with pytest.raises(LedgerError, match="does not take"):
            ledger.append(case(3))
        ledger.signer = SECOND
        ledger.append(case(3))
        ledger.change_keys([SECOND.public, THIRD.public])
        ledger.signer = THIRD
        last = ledger.append(case(4))
        assert verify(ledger, [FIRST.public]).whole
        assert "not one given" in says(verify(ledger, [THIRD.public]))
        assert verify(ledger, [FIRST.public, SECOND.public]).whole
        for place in (At(2), At(last.seq)):
            body = bundle(ledger, [place])
            keys = [FIRST.public.raw]
            assert verify_bundle.check(body, keys, verifies=verify_bundle.ed25519()) is not None
            with pytest.raises(verify_bundle.Broken, match="not one given"):
                verify_bundle.check(body, [THIRD.public.raw], verifies=verify_bundle.ed25519())


def test_a_ledger_can_begin_to_be_signed(tmp_path: Path) -> None:
    """From the entry that states the first key on, every entry is signed."""
    with ledger_of(tmp_path, None) as ledger:
        with pytest.raises(LedgerError, match="name the key"):
            ledger.change_keys([FIRST.public])
        ledger.signer = STRANGER
        with pytest.raises(LedgerError, match="must sign its own entry"):
            ledger.change_keys([FIRST.public])
        ledger.signer = FIRST
        ledger.change_keys([FIRST.public])
        ledger.append(case(7))
        ledger.signer = None
        with pytest.raises(LedgerError, match="name the key"):
            ledger.append(case(8))
        with pytest.raises(LedgerError, match="cannot go on without a key"):
            ledger.change_keys([])
        assert says(verify(ledger, [FIRST.public])).count("is not signed") == 3


def test_keys_come_from_files_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key is a file, or stands in the environment as a file's name or as itself."""
    private, public = write_keys(FIRST, tmp_path / "audit")
    assert private.stat().st_mode & 0o077 == 0
    with pytest.raises(LedgerError, match="cannot be written"):
        write_keys(SECOND, tmp_path / "audit")
    assert load_signer() is None
    assert load_public_keys() == ()
    for named in (str(private), private.read_text()):
        monkeypatch.setenv(SIGNING_KEY, named)
        signer = load_signer()
        assert signer is not None
        assert signer.public == FIRST.public
    _, other = write_keys(SECOND, tmp_path / "other")
    for named, keys in (
        (str(public), (FIRST.public,)),
        (f"{public}{os.pathsep}{other}", (FIRST.public, SECOND.public)),
        (other.read_text(), (SECOND.public,)),
    ):
        monkeypatch.setenv(PUBLIC_KEYS, named)
        assert load_public_keys() == keys
    append(str(tmp_path / "ledger.db"), [case(1)])
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        assert verify(ledger, [FIRST.public]).whole


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    """A missing file, a public key for a private one, another kind of key: each gets a sentence."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    private, public = write_keys(FIRST, tmp_path / "audit")
    curve, locked, junk = (tmp_path / name for name in ("curve", "locked", "junk"))
    pem, pkcs8 = Encoding.PEM, PrivateFormat.PKCS8
    made = ec.generate_private_key(ec.SECP256R1())
    curve.write_bytes(made.private_bytes(pem, pkcs8, NoEncryption()))
    locked.write_bytes(FIRST.private.private_bytes(pem, pkcs8, BestAvailableEncryption(b"word")))
    junk.write_bytes(b"\x00\xff junk")
    for wrong in (public, curve, locked, junk):
        with pytest.raises(LedgerError, match="is no private key"):
            load_signer(str(wrong))
    for wrong in (private, curve, junk):
        with pytest.raises(LedgerError, match="is no public key"):
            load_public_keys([str(wrong)])
    with pytest.raises(LedgerError, match="cannot be read: no such file"):
        load_signer(str(tmp_path / "none"))
    with pytest.raises(LedgerError, match="the key in the environment is no private key"):
        load_signer("-----BEGIN NOTHING")


def test_an_old_signature_does_not_pass_for_a_new_one(tmp_path: Path) -> None:
    """A signature is good for its own entry alone."""
    with ledger_of(tmp_path, FIRST, count=3) as ledger:
        old = next(ledger.store.signatures_of(2))
        with ledger.store.appending():
            ledger.store.unguard("signatures")
            ledger.store.run_many("DELETE FROM signatures WHERE seq = ?", [(4,)])
            ledger.store.add_signatures([(4, old[1], old[2])])
            ledger.store.guard("signatures")
        assert (
            says(verify(ledger, [FIRST.public])) == "the signature of entry 4 was not made over it"
        )


def test_envelopes_are_those_of_a_kept_library(tmp_path: Path) -> None:
    """Our DSSE envelopes verify under securesystemslib, and what it signs is what we encode."""
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import CryptoSigner, SSlibKey

    with ledger_of(tmp_path, FIRST) as ledger:
        made = envelope_of(ledger, 2)
    theirs = Envelope.from_dict(json.loads(json.dumps(made)))
    key = SSlibKey.from_crypto(FIRST.private.public_key(), FIRST.public.keyid)
    assert set(theirs.verify([key], threshold=1)) == {FIRST.public.keyid}
    assert theirs.pae() == encoded(base64.b64decode(made["payload"]))
    other = Envelope(b'{"seq":1}', PAYLOAD_TYPE, {})
    other.sign(CryptoSigner(FIRST.private, key))
    assert FIRST.public.checks(b'{"seq":1}', bytes.fromhex(other.signatures[key.keyid].signature))


def test_a_head_can_be_kept_as_an_envelope(tmp_path: Path) -> None:
    """The last entry with its signatures, kept elsewhere, is a head to check against."""
    with ledger_of(tmp_path, FIRST) as ledger:
        path = tmp_path / "head.json"
        path.write_text(json.dumps(envelope_of(ledger, ledger.head().seq)))
        assert head_of_envelope(str(path)) == ledger.head()
        report = verify(ledger, [FIRST.public], Head(9, "0" * 64))
        assert says(report).startswith("the ledger ends at entry 3, and the head is entry 9")
    for wrong in ("{}", "[]", '{"payload": "!"}', '{"payload": "e30="}', "not json"):
        path.write_text(wrong)
        with pytest.raises(LedgerError, match="holds no head"):
            head_of_envelope(str(path))
    with pytest.raises(LedgerError, match="cannot be read"):
        head_of_envelope(str(tmp_path / "none"))
