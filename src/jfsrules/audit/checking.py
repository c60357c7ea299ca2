"""What a check of a ledger goes by: the keys in force at each entry, and rows beside entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from jfsrules.audit.signing import PublicKey, public_key
from jfsrules.audit.store import Row

Raw: TypeAlias = Mapping[str, Any]
Faults: TypeAlias = Callable[[int, str], None]


class KeysInForce:
    """Which keys may sign the next entry, and which of them are trusted.

    `given` are the keys to trust; without them, signatures are counted and not checked.
    """

    def __init__(self, given: Sequence[PublicKey], fault: Faults) -> None:
        self.given = given
        self.fault = fault
        self.trusted = {key.keyid for key in given}
        self.keys: dict[str, PublicKey] = {}
        self.since = 0
        self.signed = 0

    def check(self, raw: Raw, seq: int, body: bytes, rows: list[Row]) -> None:
        """The signatures of an entry; then the keys it states."""
        changes = raw["kind"] in ("opening", "keys")
        if raw["keys"] != (seq if changes else self.since):
            self.fault(seq, f"entry {seq} does not say by which keys it is signed")
        stated = self.stated(raw, seq) if changes else {}
        may_sign = self.keys or stated
        trusted = self.signatures(seq, body, rows, may_sign)
        if not rows and (may_sign or self.given):
            self.fault(seq, f"entry {seq} is not signed")
        if changes:
            self.since, self.keys = seq, stated
            if trusted:
                self.trusted |= set(stated)

    def stated(self, raw: Raw, seq: int) -> dict[str, PublicKey]:
        """The keys that an entry states."""
        try:
            found = {keyid: public_key(text) for keyid, text in raw["about"]["keys"].items()}
            if all(key.keyid == keyid for keyid, key in found.items()):
                return found
        except (ValueError, KeyError, TypeError, AttributeError):
            pass
        self.fault(seq, f"entry {seq} states no keys that can be read")
        return {}

    def signatures(
        self, seq: int, body: bytes, rows: list[Row], may_sign: Mapping[str, PublicKey]
    ) -> bool:
        """Whether an entry is signed by a key that is trusted; faults for whatever is wrong."""
        trusted = False
        for _, keyid, signature in rows:
            self.signed += 1
            key = may_sign.get(keyid)
            if key is None:
                self.fault(seq, f"entry {seq} is signed by key `{keyid}`, which may not sign it")
            elif self.given:
                if not key.checks(body, bytes(signature)):
                    self.fault(seq, f"the signature of entry {seq} was not made over it")
                elif key.keyid in self.trusted:
                    trusted = True
                else:
                    self.fault(seq, f"entry {seq} is signed by key `{keyid}`, not one given")
        return trusted


class Beside:
    """Rows in order of entries, taken along with the entries."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = iter(rows)
        self._next = next(self._rows, None)

    def before(self, seq: int) -> Sequence[Row]:
        """The rows of entries before one."""
        row = self._next
        if row is None or row[0] >= seq:
            return ()
        found: list[Row] = []
        while row is not None and row[0] < seq:
            found.append(row)
            row = self._next = next(self._rows, None)
        return found

    def take(self, seq: int) -> list[Row]:
        """The rows of one entry."""
        found: list[Row] = []
        row = self._next
        while row is not None and row[0] == seq:
            found.append(row)
            row = self._next = next(self._rows, None)
        return found
