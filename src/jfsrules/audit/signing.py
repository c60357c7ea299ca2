"""Ed25519 signatures over entries, in DSSE envelopes; the keys that make and check them.

Why `cryptography` and not a DSSE library: docs/decisions. Loads it on use.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jfsrules.audit.entries import PAYLOAD_TYPE, hash_of, read_entry
from jfsrules.decision import Json
from jfsrules.errors import LedgerError, Unavailable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

    from jfsrules.audit.ledger import Head, Ledger

SIGNING_KEY: Final = "JFSRULES_SIGNING_KEY"
PUBLIC_KEYS: Final = "JFSRULES_PUBLIC_KEYS"
BEGIN: Final = "-----BEGIN "


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What checks signatures: the 32 bytes of an Ed25519 key, and the id it is known by."""

    raw: bytes
    keyid: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keyid", hashlib.sha256(self.raw).hexdigest()[:32])

    def checks(self, body: bytes, signature: bytes) -> bool:
        """Whether this key made a signature over an entry."""
        from cryptography.exceptions import InvalidSignature

        try:
            _public(self.raw).verify(signature, encoded(body))
        except InvalidSignature:
            return False
        return True

    def text(self) -> str:
        """The key as entries name it: base64."""
        return base64.b64encode(self.raw).decode()

    def pem(self) -> str:
        """The key as a file holds it."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        spki = PublicFormat.SubjectPublicKeyInfo
        return _public(self.raw).public_bytes(Encoding.PEM, spki).decode()


@dataclass(frozen=True, slots=True)
class Signer:
    """What makes signatures: a private key."""

    private: Ed25519PrivateKey = field(repr=False)
    public: PublicKey

    def sign(self, body: bytes) -> bytes:
        """The signature over an entry."""
        return self.private.sign(encoded(body))

    def pem(self) -> str:
        """The private key as a file holds it, without a password."""
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            NoEncryption,
            PrivateFormat,
        )

        made = self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return made.decode()


def encoded(body: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """What DSSE signs: type and body, each with its length, so that neither can be taken apart
    in another way.

    >>> encoded(b"hello", "a/b")
    b'DSSEv1 3 a/b 5 hello'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body)


def envelope(body: bytes, signatures: Mapping[str, bytes]) -> dict[str, Json]:
    """An entry with its signatures as a DSSE envelope, for other tools."""
    return {
        "payload": base64.b64encode(body).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [
            {"keyid": keyid, "sig": base64.b64encode(made).decode()}
            for keyid, made in sorted(signatures.items())
        ],
    }


def envelope_of(ledger: Ledger, seq: int) -> dict[str, Json]:
    """One entry of a ledger as a DSSE envelope; the last one is a signed head."""
    signatures = {keyid: bytes(made) for _, keyid, made in ledger.store.signatures_of(seq)}
    return envelope(ledger.entry(seq).body(), signatures)


def head_of_envelope(named: str) -> Head:
    """The head that the envelope in a file stands for; raises LedgerError."""
    from jfsrules.audit.ledger import Head

    try:
        body = base64.b64decode(json.loads(Path(named).read_bytes())["payload"], validate=True)
        return Head(read_entry(body)["seq"], hash_of(body))
    except OSError as error:
        raise LedgerError(f"the head `{named}` cannot be read: {_reason(error)}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise LedgerError(f"`{named}` holds no head: `jfsrules audit head -o` writes one") from None


def write_keys(signer: Signer, name: Path) -> tuple[Path, Path]:
    """Write a key into two new files, the private one readable by its owner alone."""
    private, public = Path(f"{name}.key"), Path(f"{name}.pub")
    try:
        for path, words, mode in (
            (private, signer.pem(), 0o600),
            (public, signer.public.pem(), 0o644),
        ):
            with os.fdopen(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w"
            ) as opened:
                opened.write(words)
    except OSError as error:
        raise LedgerError(f"`{path}` cannot be written: {_reason(error)}") from None
    return private, public


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or "no file can have such a name").lower()


def new_signer() -> Signer:
    """A new key, from the system's source of randomness."""
    return _signer(_ed25519().Ed25519PrivateKey.generate())


def load_signer(source: str | None = None) -> Signer | None:
    """The private key of a file, or of the environment (`JFSRULES_SIGNING_KEY`: the key itself, or
    a file); None where neither names one. Raises LedgerError."""
    named = source or os.environ.get(SIGNING_KEY)
    if not named:
        return None
    serialization = _serialization()
    try:
        key = serialization.load_pem_private_key(_pem(named, "signing key"), None)
    except _unreadable():
        raise _no_key(named, "private", "a file that `jfsrules audit key new` wrote") from None
    if not isinstance(key, _ed25519().Ed25519PrivateKey):
        raise _no_key(named, "private", "a key made for Ed25519")
    return _signer(key)


def load_public_keys(sources: Iterable[str] = ()) -> tuple[PublicKey, ...]:
    """The public keys of some files, or of those the environment names (`JFSRULES_PUBLIC_KEYS`,
    with the system's separator of paths between them). Raises LedgerError."""
    named = list(sources) or _listed(os.environ.get(PUBLIC_KEYS, ""))
    return tuple(_load_public(one) for one in named)


def public_key(text: str) -> PublicKey:
    """The key that an entry names; ValueError for anything else."""
    raw = base64.b64decode(text, validate=True)
    key = PublicKey(raw)
    if len(raw) != 32 or key.text() != text:
        raise ValueError("this is no public key")
    return key


def _listed(named: str) -> list[str]:
    if BEGIN in named:
        return [named]
    return [one for one in named.split(os.pathsep) if one]


def _load_public(named: str) -> PublicKey:
    serialization = _serialization()
    try:
        key = serialization.load_pem_public_key(_pem(named, "public key"))
    except _unreadable():
        raise _no_key(named, "public", "the `.pub` file of a key") from None
    if not isinstance(key, _ed25519().Ed25519PublicKey):
        raise _no_key(named, "public", "a key made for Ed25519")
    return PublicKey(_raw(key))


def _no_key(named: str, which: str, instead: str) -> LedgerError:
    shown = "the key in the environment" if BEGIN in named else f"`{named}`"
    return LedgerError(f"{shown} is no {which} key: give {instead}")


def _pem(named: str, what: str) -> bytes:
    if BEGIN in named:
        return named.encode()
    try:
        return Path(named).read_bytes()
    except (OSError, ValueError) as error:
        raise LedgerError(f"the {what} `{named}` cannot be read: {_reason(error)}") from None


def _signer(key: Ed25519PrivateKey) -> Signer:
    return Signer(key, PublicKey(_raw(key.public_key())))


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes_raw()


def _public(raw: bytes) -> Ed25519PublicKey:
    found: Ed25519PublicKey = _ed25519().Ed25519PublicKey.from_public_bytes(raw)
    return found


def _ed25519() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise _unavailable() from error
    return ed25519


def _serialization() -> Any:
    try:
        from cryptography.hazmat.primitives import serialization
    except ImportError as error:
        raise _unavailable() from error
    return serialization


def _unreadable() -> tuple[type[Exception], ...]:
    """What is raised for a file that holds no key, or one behind a password."""
    from cryptography.exceptions import UnsupportedAlgorithm

    return (ValueError, TypeError, UnsupportedAlgorithm)


def _unavailable() -> Unavailable:
    return Unavailable("signatures need the library cryptography: pip install 'jfsrules[audit]'")
