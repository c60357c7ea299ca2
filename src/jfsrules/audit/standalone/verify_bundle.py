#!/usr/bin/env python3
"""Check an exported bundle of decisions without trusting, or having, the program that made it.

    python3 verify_bundle.py bundle.json --key auditor.pub --head 12:9f86d0…

One file, Python 3.9 or later, nothing but its own library (signatures need `cryptography` too).
Checks that the bundle is in canonical form; that each document has the digest it is known by; that
the links of the chain join up to the head; that each decision is under the root of its entry; the
signatures; and then every step of every trace by itself: with an evaluator of its own, in three
values, over the rulebook and the profile in the bundle, knowing nothing but what the step names.

Exit 0: all of it holds. 1: something does not, and is named. 2: nothing could be checked.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import struct
import sys
from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Optional

Raw = Any
Head = tuple[int, str]
Truth = Optional[bool]
Values = Callable[..., Any]
Conclusions = Callable[[str], Truth]
Verifies = Callable[[bytes, bytes, bytes], bool]

FORM = "jfsrules/bundle/1"
PAYLOAD_TYPE = b"application/vnd.jfsrules.ledger-entry+json"
ZEROS = "0" * 64
SPKI = bytes.fromhex("302a300506032b6570032100")  # what stands before the 32 bytes of a key
SURE = ("stated", "unverified", "reported", "verified", None)  # from the weakest up
AUTHORITIES = ("text", "practice", "design")
WORST = ("false", "fact_unknown", "judged_unknown", "true")
SCOPE = ("eu_member", "eu_territory", "not_separate_on_that_day", "no_government")
STEP = {"id", "kind", "rule", "authority", "confidence", "says", "from", "facts", "cites"}
MOST_BYTES = 2**29
OPEN, REACHED = (None, "not_started", "ended"), ("in_talks", "signed")
PAGE, WIDTHS = 64, {"flag": 8, "day": 256, "number": 512, "bits": 512}
PAGE_WRITTEN = "2014-06-27"


class Broken(Exception):
    """Something does not hold."""


class Unreadable(Exception):
    """Nothing can be checked."""


def demand(holds: object, *words: object) -> None:
    """Raise Broken with these words where something does not hold."""
    if not holds:
        raise Broken(" ".join(map(str, words)))


# --- bytes ----------------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """The canonical bytes of JSON (RFC 8785, for whole numbers and few decimals)."""
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return written.encode()


def parsed(raw: bytes) -> Raw:
    """A bundle from its bytes, which must be its own canonical form."""

    def no_constant(text: str) -> Any:
        raise Broken("`%s` is no value of JSON" % text)

    def decimal(text: str) -> float:
        demand(not float(text).is_integer(), "`%s` is not the canonical form of a number" % text)
        return float(text)

    def whole(text: str) -> int:
        demand(len(text) < 17, "`%s…` is too large a number" % text[:20])
        return int(text)

    if not raw.startswith(b"{"):
        raise Unreadable("this is no bundle" if raw else "the bundle is cut short: it is empty")
    try:
        found = json.loads(raw.decode(), parse_constant=no_constant, parse_float=decimal, parse_int=whole)
        same = canonical(found) == raw
    except (ValueError, RecursionError):
        raise Unreadable("the bundle is cut short, or no JSON in UTF-8") from None
    demand(same, "the bundle is not in canonical form: some byte of it was changed")
    demand(isinstance(found, dict) and found.get("schema") == FORM, "this is not a bundle of the form", FORM)
    return found


def sha(body: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def exact(text: str) -> bytes:
    """The bytes of a text in hexadecimal, which must be as we write it."""
    body = bytes.fromhex(text)
    demand(body.hex() == text, "some hexadecimal digits are not in canonical form")
    return body


def root_over(leaf: bytes, at: Any, count: Any, proof: Any) -> str:
    """The root of a Merkle tree (RFC 6962), from one leaf and the hashes beside its way up."""
    demand(type(at) is int and type(count) is int and 0 <= at < count, "a decision has no place in its entry")
    found, rest = hashlib.sha256(b"\0" + leaf).digest(), [exact(one) for one in proof]
    while count > 1:
        if at ^ 1 < count:
            demand(rest, "an inclusion proof is too short")
            beside = rest.pop(0)
            found = hashlib.sha256(b"\1" + (beside + found if at & 1 else found + beside)).digest()
        at, count = at // 2, (count + 1) // 2
    demand(not rest, "an inclusion proof is too long")
    return found.hex()


def back_of(seq: int) -> int:
    """The entry that an entry's `back` leads to: its number less the last skew-binary term."""
    rest, term = seq, 0
    while rest:
        term = (1 << ((rest + 1).bit_length() - 1)) - 1
        rest -= term
    return seq - term


# --- chain and signatures -------------------------------------------------------------------------


def check_links(bundle: Raw, head: Head | None) -> Raw:
    """The links of the chain, by number; each but the first leads back to one before it."""
    links = {link["entry"]["seq"]: link for link in bundle["links"]}
    order = [link["entry"]["seq"] for link in bundle["links"]]
    demand(order and order == sorted(links), "the links do not stand in order, each once")
    hashes = {seq: sha(canonical(links[seq]["entry"])) for seq in order}
    hashes[0] = ZEROS
    for seq in order:
        entry = links[seq]["entry"]
        demand(entry["ledger"] == links[order[0]]["entry"]["ledger"], "entry", seq, "is of another ledger")
        ways = {seq - 1: entry["prev"], back_of(seq): entry["back"]}
        known = [before for before in ways if before in hashes]
        demand(known, "entry", seq, "does not lead back to any other in the bundle")
        for before in known:
            demand(ways[before] == hashes[before], "entry", seq, "was not chained to this entry", before)
    top = {"seq": order[-1], "hash": hashes[order[-1]]}
    demand(bundle["head"] == top, "the head of the bundle is not its last link")
    linked = {order[-1]}
    for seq in reversed(order):
        if seq in linked:
            linked |= {seq - 1, back_of(seq)}
    demand(set(order) <= linked, "some link does not join up to the head")
    if head is not None:
        demand(head[0] in hashes, "the bundle does not reach the head", "%s:%s" % head, "- export it anew")
        demand(hashes[head[0]] == head[1], "entry", head[0], "is not the one that the head names")
    return links


def check_signatures(links: Raw, keys: Iterable[bytes], verifies: Verifies) -> None:
    """Each link is signed by a key in force then, which is one given or was brought in by one."""
    in_force: Raw = {}
    since, trusted = 0, {key_id(key) for key in keys}
    for seq in sorted(links):
        entry, signatures = links[seq]["entry"], links[seq]["signatures"]
        changes = entry["kind"] in ("opening", "keys")
        demand(changes == (entry["keys"] == seq), "entry", seq, "does not say by which keys it is signed")
        demand(changes or entry["keys"] == since, "the link that names the keys of entry", seq, "is missing")
        stated = {}
        if changes:
            stated = {keyid: base64.b64decode(text, validate=True) for keyid, text in entry["about"]["keys"].items()}
            for keyid, key in stated.items():
                demand(key_id(key) == keyid and len(key) == 32, "entry", seq, "states a key that is none")
        may_sign = in_force or stated
        demand(signatures, "entry", seq, "is not signed")
        for one in signatures:
            keyid, made = one["keyid"], base64.b64decode(one["sig"], validate=True)
            demand(base64.b64encode(made).decode() == one["sig"], "a signature is not in canonical form")
            demand(keyid in may_sign, "entry", seq, "is signed by key", keyid, "which may not sign it")
            demand(keyid in trusted, "entry", seq, "is signed by key", keyid, "which is not one given")
            body = canonical(entry)
            sealed = b"DSSEv1 %d %b %d %b" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE, len(body), body)
            demand(verifies(may_sign[keyid], made, sealed), "the signature of entry", seq, "was not made over it")
        if changes:
            in_force, since = stated, seq
            trusted |= set(stated)


def key_id(key: bytes) -> str:
    """The id of a public key."""
    return sha(key)[:32]


def read_key(text: str) -> bytes:
    """The 32 bytes of an Ed25519 public key in PEM."""
    try:
        lines = [line for line in text.split("\n") if line and not line.startswith("-----")]
        body = base64.b64decode("".join(lines), validate=True)
    except ValueError:
        body = b""
    if len(body) != 44 or not body.startswith(SPKI) or "PUBLIC KEY" not in text:
        raise Unreadable("this is no Ed25519 public key in PEM")
    return body[len(SPKI) :]


def ed25519() -> Verifies | None:
    """What checks a signature: key, signature, message. None where no kept library is at hand."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None

    def verifies(key: bytes, made: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(made, message)
        except InvalidSignature:
            return False
        return True

    return verifies


# --- three values ---------------------------------------------------------------------------------


def every(values: Iterable[Truth]) -> Truth:
    """Strong Kleene *and*."""
    values = list(values)
    return False if False in values else None if None in values else True


def some(values: Iterable[Truth]) -> Truth:
    """Strong Kleene *or*."""
    values = list(values)
    return True if True in values else None if None in values else False


def opposite(value: Truth) -> Truth:
    """Strong Kleene *not*."""
    return None if value is None else not value


PASSES: Raw = {
    "=": lambda value, wanted: value == wanted[0],
    "≠": lambda value, wanted: value != wanted[0],
    "<": lambda value, wanted: value < wanted[0],
    "≤": lambda value, wanted: value <= wanted[0],
    ">": lambda value, wanted: value > wanted[0],
    "≥": lambda value, wanted: value >= wanted[0],
    "in": lambda value, wanted: value in wanted,
    "not in": lambda value, wanted: value not in wanted,
}


OPPOSITE = dict(zip(PASSES, ("≠", "=", "≥", ">", "≤", "<", "not in", "in")))


def holds(condition: Raw, value_of: Values, concluded: Conclusions) -> Truth:
    """The value of a condition, given what atoms and conclusions are (None: unknown)."""
    ((kind, body),) = condition.items()
    if kind == "test":
        value = value_of(body["atom"], body["op"], body["values"])
        return None if value is None else PASSES[body["op"]](value, body["values"])
    if kind == "reads":
        value = concluded(body["conclusion"])
        return value if body["wanted"] else opposite(value)
    if kind == "not":
        return opposite(holds(body["part"], value_of, concluded))
    parts = [holds(part, value_of, concluded) for part in body["parts"]]
    return every(parts) if kind == "all" else some(parts)


def test(atom: str, op: str, value: Any) -> Raw:
    """A leaf of a condition."""
    return {"test": {"atom": atom, "op": op, "values": [value]}}


def tests_in(condition: Raw) -> list[Any]:
    """Every test of a condition, and its opposite, as a step reads them."""
    ((kind, body),) = condition.items()
    if kind == "test":
        return [(body["atom"], op, body["values"]) for op in (body["op"], OPPOSITE[body["op"]])]
    if kind == "reads":
        return []
    return [one for part in (body["parts"] if "parts" in body else [body["part"]]) for one in tests_in(part)]


def reads_in(condition: Raw) -> list[str]:
    """Every conclusion that a condition reads."""
    ((kind, body),) = condition.items()
    if kind in ("test", "reads"):
        return [body["conclusion"]] if kind == "reads" else []
    return [one for part in (body["parts"] if "parts" in body else [body["part"]]) for one in reads_in(part)]


def in_order(values: Iterable[Any]) -> list[Any]:
    """The values of a test as a step lists them: by type, then by value."""
    return sorted(values, key=lambda value: (str(type(value)), value))


def span(text: str) -> tuple[str, str]:
    """The first and last day of a date as written: `2014-06-27`, `2014-06`, `2014`, `by …`."""
    if text.startswith("by "):
        return "0001-01-01", span(text[3:])[1]
    year, month, day = [*text.split("-"), "", ""][:3]
    first, last = month or "01", month or "12"
    days = "%02d" % monthrange(int(year), int(last))[1]
    return "-".join((year, first, day or "01")), "-".join((year, last, day or days))


def on(fact: Raw, day: str) -> Truth:
    """Whether a fact holds on a day: certainly, certainly not, or (None) its dates leave it open."""
    since = span(fact["since"])
    until = span(fact["until"]) if fact["until"] else ("9999-12-31", "9999-12-31")
    if day < since[0] or day >= until[1]:
        return False
    return True if day >= since[1] and day < until[0] else None


def weakest(ranks: Iterable[Any]) -> Any:
    """The least sure of some confidences."""
    return min(ranks, key=SURE.index, default=None)


def rests_on(ground: Any) -> list[Any]:
    """The documents that a ground of the profile names."""
    if isinstance(ground, str):
        return []
    return [*ground.get("facts", []), *([ground["list"]] if "list" in ground else [])]


# --- one decision ---------------------------------------------------------------------------------


class Evaluation:
    """What a rulebook makes of a profile, by an evaluator of our own."""

    def __init__(self, decision: Raw, profile: Raw, rulebook: Raw, document: Callable[[str], Raw]) -> None:
        self.decision, self.profile, self.document = decision, profile, document
        self.rules = {name: raw["rule"] for name, raw in rulebook["rules"].items()}
        self.book, self.words = rulebook, rulebook["vocabulary"]
        self.given = {"partner": profile["partner"], "as_of": profile["as_of"]}
        self.groups = sorted(rulebook["group_order"], key=rulebook["group_order"].get)
        self.concluding: dict[str, list[str]] = {}
        self.overriders: dict[str, list[str]] = {name: [] for name in self.rules}
        self._effective: dict[str, Truth] = {}
        for name, rule in sorted(self.rules.items()):
            for other in rule["overrides"]:
                self.overriders[other].append(name)
            if not rule["conclusion"].startswith("repeal:"):
                self.concluding.setdefault(rule["conclusion"], []).append(name)
        self.steps: Raw = {step["id"]: step for step in decision["trace"]}

    def value(self, atom: str, *_: Any) -> Any:
        """What the profile says of an atom."""
        return self.given.get(atom, self.profile["values"].get(atom))

    def condition(self, name: str) -> Raw:
        """A rule's condition, together with the days on which it is in force."""
        rule = self.rules[name]
        days = (("≥", rule["since"]), ("<", rule["until"]))
        dated = [test("as_of", op, day) for op, day in days if day is not None]
        return {"all": {"parts": [rule["when"], *dated]}}

    def asked(self, name: str) -> Raw:
        """What a requirement asks for."""
        rule = self.rules[name]
        return test(rule["judged"], "=", True) if rule["judged"] else rule["that"]

    def parts(self, name: str) -> list[Raw]:
        """A rule's condition and, for a requirement, what it asks for."""
        asks = self.rules[name]["conclusion"].startswith("requirement:")
        return [self.condition(name), self.asked(name)] if asks else [self.condition(name)]

    def when(self, name: str) -> Truth:
        """Whether a rule's condition holds."""
        return holds(self.condition(name), self.value, self.concluded)

    def that(self, name: str) -> Truth:
        """Whether what a requirement asks for holds."""
        return holds(self.asked(name), self.value, self.concluded)

    def effective(self, name: str) -> Truth:
        """Whether a rule's condition holds and no effective rule overrides it."""
        if name not in self._effective:
            self._effective[name] = None  # a circle would stay unknown: the maker refuses them
            over = some(map(self.effective, self.overriders[name]))
            self._effective[name] = every((self.when(name), opposite(over)))
        return self._effective[name]

    def concluded(self, conclusion: str) -> Truth:
        """Whether some effective rule concludes it; of a requirement, whether all are met."""
        rules = self.concluding.get(conclusion, [])
        if conclusion.startswith("requirement:"):
            return every(map(self.met, rules))
        return some(map(self.effective, rules))

    def met(self, name: str) -> Truth:
        """Whether a requirement's rule is not effective, or what it asks for holds."""
        return some((opposite(self.effective(name)), self.that(name)))

    def true_rules(self, conclusion: str) -> list[str]:
        """The effective rules of a conclusion."""
        return [name for name in self.concluding.get(conclusion, []) if self.effective(name)]

    def cites(self, rules: Iterable[str]) -> list[str]:
        """What some rules cite."""
        return sorted({cite for name in rules for cite in self.rules[name]["cites"]})

    def authority(self, rules: Iterable[str]) -> str:
        """The first authority among some rules."""
        return min((self.rules[name]["authority"] for name in rules), key=AUTHORITIES.index, default="design")

    def open_leaves(self, condition: Raw) -> Any:
        """The value of a condition and, where it is unknown, the leaves that keep it so."""
        ((kind, body),) = condition.items()
        if kind == "not":
            value, leaves = self.open_leaves(body["part"])
            return opposite(value), leaves
        if kind in ("all", "any"):
            parts = [self.open_leaves(part) for part in body["parts"]]
            value = (every if kind == "all" else some)(part[0] for part in parts)
            return value, [leaf for part in parts for leaf in part[1]] if value is None else []
        value = holds(condition, self.value, self.concluded)
        return value, [condition] if value is None else []

    def open_atoms(self, condition: Raw) -> set[str]:
        """The unknown atoms that keep a condition unknown."""
        found: set[str] = set()
        for leaf in self.open_leaves(condition)[1]:
            found |= {leaf["test"]["atom"]} if "test" in leaf else self.missing(leaf["reads"]["conclusion"])
        return found

    def missing(self, conclusion: str) -> set[str]:
        """The unknown atoms that keep a conclusion unknown."""
        if self.concluded(conclusion) is not None:
            return set()
        rules = self.concluding[conclusion]
        found: set[str] = set().union(*map(self.missing_rule, rules))
        for name in rules if conclusion.startswith("requirement:") else ():
            if self.met(name) is None:
                found |= self.open_atoms(self.asked(name))
        return found

    def missing_rule(self, name: str) -> set[str]:
        """The unknown atoms that keep it open whether a rule is effective."""
        if self.effective(name) is not None:
            return set()
        return self.open_atoms(self.condition(name)).union(*map(self.missing_rule, self.overriders[name]))


class Steps(Evaluation):
    """The trace of one decision: each step by itself."""

    def check_steps(self) -> None:
        """Each step by itself, in an order in which nothing comes before what it stands on."""
        done: Raw = {}
        trace = self.decision["trace"]
        demand([step["id"] for step in trace] == sorted(self.steps), "the steps do not stand in order, each once")
        for step in trace:
            self.visit(step["id"], done)
        answer = ["order:tier"]
        for line in self.decision["focus_areas"] + self.decision["tracks"]:
            answer += line["why"]
        for kind, lines in (("class", "instrument_classes"), ("channel", "channels")):
            for line in self.decision[lines]:
                subject = line["id"] + ("/" + (line["mode"] or "") if kind == "channel" else "")
                answer += ["rule:" + name for name in self.true_rules(kind + ":" + subject)]
        groups = [name for group in self.groups for name in self.concluding.get("group:" + group, [])]
        answer += [step for step in map("rule:{}".format, groups) if step in self.steps]
        used = set()
        while answer:
            name = answer.pop()
            demand(name in self.steps, "the answer stands on the step", name, "which there is not")
            if name not in used:
                used.add(name)
                answer += self.steps[name]["from"]
        demand(used == set(self.steps), "a step proves nothing in the answer:", *sorted(set(self.steps) - used)[:1])

    def visit(self, name: str, done: Raw) -> None:
        """Check a step after those it stands on; a circle is no proof."""
        demand(done.get(name) != "begun", "the step", name, "stands on itself")
        if name in done:
            return
        done[name] = "begun"
        step = self.steps.get(name)
        demand(step is not None, "a step stands on", name, "which there is not")
        demand(step["from"] == sorted(set(step["from"])), "the step", name, "does not name in order what it stands on")
        for below in step["from"]:
            self.visit(below, done)
        try:
            self.check_step(step)
        except (Broken, KeyError, TypeError, ValueError, AttributeError) as error:
            why = error if isinstance(error, Broken) else "it is not made as a step is (%r)" % error
            raise Broken("the step %s does not follow: %s" % (name, why)) from None
        done[name] = "done"

    def check_step(self, step: Raw) -> None:
        """One step: it follows from what it names, and from nothing else."""
        under = [self.steps[name] for name in step["from"]]
        kind = step["id"].partition(":")[0]
        demand(step.keys() == STEP, "it has other parts")
        if kind in ("fact", "stated", "absence", "unknown"):
            demand(
                not under and not step["facts"] and step["rule"] is None and step["authority"] is None,
                "it stands on nothing else",
            )
            return self.check_ground(step)
        demand(
            step["confidence"] == weakest(one["confidence"] for one in under),
            "its confidence is not the weakest under it",
        )
        demand(step["kind"] == kind or kind == "rule", "its kind is another's")
        self.check_readings(step, {one["says"]["args"].get("indicator") for one in under if one["rule"] is None})
        if kind == "rule":
            return self.check_rule(step)
        demand(step["rule"] is None, "it is no rule")
        return {"order": self.check_order, "advice": self.check_advice}[kind](step)

    def check_readings(self, step: Raw, grounded: set[Any]) -> None:
        """Each reading is a test that the step's rule makes, of a value that the profile has."""
        conditions = [test(SCOPE[0], "=", True)]
        if step["rule"] is not None:
            conditions = self.parts(step["rule"])
        made = [one for condition in conditions for one in tests_in(condition)]
        keys = []
        for read in step["facts"]:
            demand(read.keys() == {"indicator", "op", "wanted", "value"}, "a reading has other parts")
            atom, op, wanted = read["indicator"], read["op"], read["wanted"]
            same = any((atom, op) == one[:2] and wanted == in_order(one[2]) for one in made)
            demand(same or step["kind"] == "advice", "the rule makes no such test of", atom)
            demand(read["value"] == self.value(atom), "the profile has another value of", atom)
            demand(atom in grounded or atom in self.given, "no step below it gives", atom)
            keys.append((atom, op, str(tuple(read["wanted"]))))
        demand(keys == sorted(set(keys)), "its readings do not stand in order, each once")

    def check_ground(self, step: Raw) -> None:
        """A fact holds on the day, an absence follows from a list or from dates, a statement is one."""
        key, args = step["says"]["key"], step["says"]["args"]
        atom, day = args["indicator"], self.given["as_of"]
        value = self.profile["values"].get(atom)
        raw = self.profile["grounds"].get(
            atom, {"kind": "stated", "why": "stated"} if value is not None else "not_stated"
        )
        raw = {"kind": "unknown", "why": raw} if isinstance(raw, str) else raw
        facts = [self.document(digest) for digest in raw.get("facts", ())]
        listed = self.document(raw["list"]) if "list" in raw else None
        kind, cites = (raw["kind"], {cite for one in facts + [listed] * bool(listed) for cite in one["cites"]})
        expected, sure = {"indicator": atom, "value": value}, None
        demand(
            key == raw["why"] and all(one["atom"] == atom for one in facts), "it gives another reason than the profile"
        )
        demand((value is None) == (kind == "unknown"), "the profile has another value of", atom)
        if kind == "fact":
            demand(facts[0]["value"] == value and on(facts[0], day), "the fact does not hold on", day)
        elif kind == "absence" and listed:
            covers = listed["complete_from"] <= day <= listed["vouched_until"]
            demand(covers and listed["atom"] == atom and listed["absent"] == value, "the list does not say so on", day)
            expected["list"], sure = listed["id"], listed["confidence"]
        elif kind == "absence":
            over = facts[0]["until"] is not None and day >= span(facts[0]["until"])[1]
            demand(facts[0]["value"] is True and value is False, "no fact says so")
            demand(
                over if key == "ended" else key == "began_later" and day < span(facts[0]["since"])[0],
                "the dates do not say so",
            )
        elif kind == "unknown":
            expected["facts"] = [one["id"] for one in facts]
            demand(
                key != "date_not_known" or all(on(one, day) is None for one in facts), "the dates leave nothing open"
            )
        else:
            demand(kind == "stated", "there is no such ground")
            sure = "stated"
        if facts and "list" not in expected:
            expected.update({"fact": facts[0]["id"], "from": facts[0]["since"], "until": facts[0]["until"]})
            sure = None if kind == "unknown" else facts[0]["confidence"]
        demand(args == expected, "it does not say what the profile says of", atom)
        demand(step["id"] == ("fact:" + facts[0]["id"] if kind == "fact" else kind + ":" + atom), "its id is another's")
        demand(step["kind"] == ("undecided" if kind == "unknown" else kind), "its kind is another's")
        demand(step["cites"] == sorted(cites) and step["confidence"] == sure, "it cites, or is sure of, something else")

    def check_rule(self, step: Raw) -> None:
        """A rule fired, or did not, by the readings and rules that the step itself names."""
        name, kind, args = step["rule"], step["kind"], step["says"]["args"]
        demand(step["id"] == "rule:" + str(name) and step["says"]["key"] == kind, "it is another rule's step")
        rule, effective = self.rules[name], self.effective(name)
        demand(
            step["authority"] == rule["authority"] and step["cites"] == self.cites([name]), "it cites something else"
        )
        demand(args["conclusion"] == rule["conclusion"], "the rule concludes something else")
        when, that, established = self.locally(step)
        asks = rule["conclusion"].startswith("requirement:") and effective is not False
        expected = ["conclusion"] + ["holds"] * asks + ["by"] * (kind == "overridden")
        demand(sorted(args) == sorted(expected), "it has other arguments")
        if asks:
            demand(args["holds"] == self.that(name), "what it requires comes out otherwise")
            demand(args["holds"] is None or that == args["holds"], "what it names does not settle what is required")
        for conclusion in {one for part in self.parts(name) for one in reads_in(part)}:
            if any("rule:" + one in step["from"] for one in self.concluding.get(conclusion, [])):
                self.names_rules(step, conclusion)
        if kind == "overridden":
            by = [one for one in self.overriders[name] if self.effective(one)]
            demand(by and args["by"] == by, "it was not overridden, or by others")
            demand(all(map(established, by)), "it does not name the step of what overrides it")
        elif kind == "undecided":
            demand(effective is None or (asks and args["holds"] is None), "it is decided")
            demand(not effective or when, "what it names does not make the rule fire")
            open_ = self.open_leaves(self.condition(name))[1] + (self.open_leaves(self.asked(name))[1] if asks else [])
            read = {(one["indicator"], one["op"], str(one["wanted"])) for one in step["facts"]}
            tests = [leaf["test"] for leaf in open_ if "test" in leaf]
            unread = {
                one["atom"] for one in tests if (one["atom"], one["op"], str(in_order(one["values"]))) not in read
            }
            demand(not unread, "it does not name the unknown", *sorted(unread))
            for leaf in open_:
                if "reads" in leaf:
                    self.names_rules(step, leaf["reads"]["conclusion"])
            over = ["rule:" + one for one in self.overriders[name]]
            demand(set(over) <= set(step["from"]), "it does not name what may override it")
        elif kind == "blocked" and not asks:
            demand(effective is False and when is False, "what it names does not block the rule")
        else:
            demand(kind == ("fired" if args.get("holds", True) else "blocked"), "its kind is another's")
            demand(
                effective and when and all(established(one) is False for one in self.overriders[name]),
                "what it names does not make the rule fire",
            )

    def locally(self, step: Raw) -> Any:
        """What a step's rule comes to, knowing nothing but what the step names."""
        known = {(read["indicator"], read["op"], str(read["wanted"])) for read in step["facts"]}
        under, name = set(step["from"]), step["rule"]

        def value_of(atom: str, op: str, values: list[Any]) -> Any:
            read = {(atom, one, str(in_order(values))) for one in (op, OPPOSITE[op])}
            return self.value(atom) if read & known else None

        def established(other: str) -> Truth:
            if "rule:" + other not in under:
                return None
            below = self.steps["rule:" + other]
            if below["kind"] == "undecided":  # perhaps effective, with a requirement that is open
                return self.effective(other)
            return bool(below["kind"] == "fired" or (below["kind"] == "blocked" and "holds" in below["says"]["args"]))

        def concluded(conclusion: str) -> Truth:
            return some(map(established, self.concluding.get(conclusion, [])))

        if name is None:
            return value_of, concluded, established
        asks = self.rules[name]["conclusion"].startswith("requirement:")
        when = holds(self.condition(name), value_of, concluded)
        return when, holds(self.asked(name), value_of, concluded) if asks else None, established

    def check_order(self, step: Raw) -> None:
        """Scope and tier, by the rules of the groups in the order in which they lead."""
        value_of, concluded, _ = self.locally(step)
        in_scope, reason = self.scope(self.value, self.concluded)
        if step["id"] == "order:scope":
            page = ["INTRO-1"] if "INTRO-1" in self.book["passages"] else []
            demand(step["cites"] == page and step["authority"] == "text", "it cites something else")
            demand(
                step["says"] == {"key": "scope", "args": {"in_scope": in_scope, "reason": reason}},
                "scope comes out otherwise",
            )
            self.check_scope(step, in_scope, reason, self.scope_values(value_of, concluded))
            return
        demand(step["id"] == "order:tier" and "order:scope" in step["from"], "the tier stands on the scope")
        demand(step["authority"] == "design" and not step["cites"], "it cites something else")
        tier = self.tier(in_scope, self.concluded)
        demand(
            step["says"] == {"key": "tier", "args": {"tier": tier, "reason": reason}}, "the tier comes out otherwise"
        )
        demand(
            tier == "undetermined" or self.tier(in_scope, concluded) == tier, "what it names does not settle the tier"
        )
        for group in self.groups if in_scope is not False else ():
            self.names_rules(step, "group:" + group)
            if tier == group:
                break

    def check_scope(self, step: Raw, in_scope: Truth, reason: str | None, shown: list[Truth]) -> None:
        """The scope stands on every reason to be out of it, or on the one that holds."""
        member = in_scope is not False or reason == SCOPE[0]
        demand(len(step["facts"]) == member, "it reads something else")
        for conclusion in ["derived:" + one for one in SCOPE[1:] if in_scope is not False or one == reason]:
            self.names_rules(step, conclusion)
        if in_scope is not None:
            settled = shown[SCOPE.index(reason)] if reason else not any(one is not False for one in shown)
            demand(settled, "what it names does not settle the scope")

    def names_rules(self, step: Raw, conclusion: str) -> None:
        """A step names the rules that a conclusion stands on."""
        rules = self.concluding.get(conclusion, [])
        if self.concluded(conclusion) and not conclusion.startswith("requirement:"):
            rules = self.true_rules(conclusion)
        demand({"rule:" + one for one in rules} <= set(step["from"]), "it does not name the rules on", conclusion)

    def scope_values(self, value_of: Values, concluded: Conclusions) -> list[Truth]:
        """Each reason to be out of scope: whether it holds."""
        return [value_of(SCOPE[0], "=", [True])] + [concluded("derived:" + reason) for reason in SCOPE[1:]]

    def scope(self, value_of: Values, concluded: Conclusions) -> tuple[Truth, str | None]:
        """Whether the partner is in scope, and the first reason why not."""
        values = self.scope_values(value_of, concluded)
        if True in values:
            return False, SCOPE[values.index(True)]
        return (None if None in values else True), None

    def tier(self, in_scope: Truth, concluded: Conclusions) -> str:
        """The group that leads."""
        if not in_scope:
            return "undetermined" if in_scope is None else "out_of_scope"
        for group in self.groups:
            value = concluded("group:" + group)
            if value is not False:
                return group if value else "undetermined"
        return "none"

    def advice(self, name: str) -> tuple[int, str]:
        """The row of the advice table that applies to an instrument, and its advice."""
        state, meant, moot = (self.value(name), self.concluded("track:" + name), self.concluded("moot:" + name))
        requires = min(map(self.amounts_to, self.required(name)), key=WORST.index, default="true")
        closed = state in OPEN[1:]
        rows = (
            (1, closed and meant is False, "no_track"),
            (2, state is None and meant and moot, "moot"),
            (3, state is None, "undetermined"),
            (4, closed and meant is None, "undetermined"),
            (5, state == "superseded", "moot"),
            (6, moot, "moot"),
            (7, moot is None, "undetermined"),
            (8, state == "in_force", "maintain"),
            (9, state in ("suspended", "not_performed"), "on_hold"),
            (10, state in REACHED, "continue"),
            (11, requires == "false", "blocked"),
            (12, requires == "fact_unknown", "undetermined"),
            (13, requires == "judged_unknown", "possible"),
            (14, True, "propose"),
        )
        return next((number, advice) for number, applies, advice in rows if applies)

    def required(self, name: str) -> list[str]:
        """The requirements of an instrument, in order."""
        return sorted(one for one in self.concluding if one.startswith("requirement:" + name + "/"))

    def amounts_to(self, conclusion: str) -> str:
        """What a requirement amounts to in the advice table."""
        value = self.concluded(conclusion)
        if value is not None:
            return "true" if value else "false"
        open_ = [name for name in self.concluding[conclusion] if self.met(name) is None]
        judged = all(self.rules[name]["judged"] and self.effective(name) for name in open_)
        return "judged_unknown" if judged else "fact_unknown"

    def check_advice(self, step: Raw) -> None:
        """The row of the table applies, and every rule it asks about is named."""
        name = step["id"].partition(":")[2]
        (row, advice), in_scope = self.advice(name), self.scope(self.value, self.concluded)[0]
        args = {"instrument": name, "advice": advice if in_scope else "undetermined", "row": row}
        demand(step["says"] == {"key": "advice", "args": args}, "the advice comes out otherwise")
        demand(step["authority"] == "design" and not step["cites"], "it cites something else")
        demand(
            step["facts"] == [{"indicator": name, "op": "=", "wanted": [], "value": self.value(name)}],
            "it reads something else",
        )
        demand(in_scope or "order:scope" in step["from"], "it does not stand on the scope")
        asked = self.required(name) + ["moot:" + name] * (row != 5)
        for conclusion in asked + ["track:" + name] * (row not in range(5, 11)):
            self.names_rules(step, conclusion)


class Answer(Steps):
    """The answer of one decision: each line of it."""

    def check_answer(self) -> None:
        """Every line of the answer, none more and none less."""
        said, in_scope = self.decision, self.scope(self.value, self.concluded)[0]
        for about, expected in self.answer(in_scope).items():
            demand(said[about] == expected, "the answer says otherwise about", about.replace("_", " "))
        demand(
            said.keys() == self.answer(in_scope).keys() | {"trace", "rulebook", "schema"}, "the answer has other parts"
        )
        demand(said["schema"] == "jfsrules/decision/1", "the decision has another form")

    def answer(self, in_scope: Truth) -> Raw:
        """The answer, from our own evaluation; confidences come from the steps."""
        profile, tracks, open_ = self.profile, [], {}
        groups = {group: every((in_scope, self.concluded("group:" + group))) for group in self.groups}
        scope_open = self.scope_open() if in_scope is None else set()
        if in_scope is None:
            open_["scope"] = scope_open
        leading, before, led = self.tier(in_scope, self.concluded), set(scope_open), False
        for group in self.groups:
            if groups[group] is None:
                open_["group:" + group] = scope_open | self.missing("group:" + group)
                before |= set() if led else open_["group:" + group]
            led = led or self.concluded("group:" + group) is True
        if leading == "undetermined":
            open_["tier"] = before
        areas = self.lines("focus", self.area) if in_scope else []
        served = {area["id"] for area in areas}
        for name in sorted(self.words["instruments"]) if in_scope is not False else ():
            row, advice = self.advice(name)
            if row == 1:
                continue
            tracks.append(self.track(name, in_scope, advice if in_scope else "undetermined", served))
            if tracks[-1]["advice"] in ("undetermined", "possible"):
                open_["track:" + name] = scope_open | self.track_open(name, row)
        return {
            "partner": {"code": profile["partner"], "name": profile["name"] or profile["partner"]},
            "as_of": profile["as_of"],
            "notes": self.notes(),
            "profile_digest": self.profile_digest(),
            "tier": leading,
            "out_of_scope": self.scope(self.value, self.concluded)[1],
            "groups": [group for group in self.groups if groups[group]],
            "possible_groups": [group for group in self.groups if groups[group] is None],
            "undetermined": [
                {"about": about, "missing": sorted(atoms), "settled_anyway": None}
                for about, atoms in sorted(open_.items())
            ],
            "focus_areas": sorted(areas, key=lambda area: (area["id"], area["mode"] or "")),
            "tracks": tracks,
            "instrument_classes": self.lines(
                "class", lambda subject, rules: {"id": subject, "cites": self.cites(rules)}
            )
            if in_scope
            else [],
            "channels": self.lines("channel", self.channel) if in_scope else [],
        }

    def notes(self) -> list[str]:
        """What every answer says, what a day before the page was written does, and what was set aside."""
        notes = ["set_aside:" + atom for atom, raw in self.profile["grounds"].items() if raw == "set_aside"]
        if self.profile["footnote"]:
            notes.append("footnote:" + self.profile["footnote"])
        return sorted(["advice", *notes] + ["page_written_later"] * (self.profile["as_of"] < PAGE_WRITTEN))

    def lines(self, kind: str, make: Callable[[str, list[str]], Raw]) -> list[Any]:
        """A line for each true conclusion of a kind."""
        subjects = sorted(one.partition(":")[2] for one in self.concluding if one.startswith(kind + ":"))
        ruled = [(subject, self.true_rules(kind + ":" + subject)) for subject in subjects]
        return [make(subject, rules) for subject, rules in ruled if rules]

    def area(self, subject: str, rules: list[str]) -> Raw:
        """The line of a focus area."""
        name, _, mode = subject.partition("/")
        why = ["rule:" + rule for rule in rules]
        return {
            "id": name,
            "mode": mode or None,
            "qualified": sorted({one for rule in rules for one in self.rules[rule]["qualified"]}),
            "authority": self.authority(rules),
            "confidence": weakest(self.steps[step]["confidence"] for step in why if step in self.steps),
            "why": why,
            "cites": self.cites(rules),
        }

    def channel(self, subject: str, rules: list[str]) -> Raw:
        """The line of an organisation."""
        name, _, mode = subject.partition("/")
        return {"id": name, "mode": mode or None, "cites": self.cites(rules)}

    def track(self, name: str, in_scope: Truth, advice: str, served: set[str]) -> Raw:
        """The line of an instrument."""
        made = self.words["instruments"][name]["instrument"]
        rules = self.true_rules("track:" + name) + self.true_rules("moot:" + name)
        step = self.steps.get("advice:" + name)
        demand(step is not None, "the answer has no step of the advice on", name)
        return {
            "instrument": name,
            "class": made["instrument_class"],
            "meant": every((in_scope, self.concluded("track:" + name))),
            "state": self.value(name),
            "advice": advice,
            "requires": [line for line in map(self.requirement, self.required(name)) if line],
            "serves": sorted(served & set(made["serves"])),
            "authority": self.authority(rules),
            "confidence": step["confidence"],
            "why": ["advice:" + name],
            "cites": self.cites(rules),
        }

    def requirement(self, conclusion: str) -> Any:
        """The line of a requirement; None where no rule of it applies."""
        rules = [self.rules[name] for name in self.concluding[conclusion] if self.effective(name) is not False]
        return rules and {
            "id": conclusion.partition("/")[2],
            "holds": self.concluded(conclusion),
            "judged": any(rule["judged"] for rule in rules),
            "says": "; ".join(dict.fromkeys(rule["says"] or rule["title"] for rule in rules)),
        }

    def scope_open(self) -> set[str]:
        """The unknown atoms that keep it open whether the partner is in scope."""
        values = zip(SCOPE, self.scope_values(self.value, self.concluded))
        open_ = [reason for reason, value in values if value is None]
        found = [{one} if one == SCOPE[0] else self.missing("derived:" + one) for one in open_]
        return set().union(*found)

    def track_open(self, name: str, row: int) -> set[str]:
        """The unknown atoms that keep an advice open."""
        found = {name} if self.value(name) is None else set()
        found |= self.missing("track:" + name) if row in (3, 4) else set()
        found |= self.missing("moot:" + name) if row in (3, 7) else set()
        return found.union(*(map(self.missing, self.required(name)) if row in (12, 13) else ()))

    def profile_digest(self) -> str:
        """The digest by which the decision knows its profile."""
        rows = {}
        for atom, value in self.profile["values"].items():
            raw = self.profile["grounds"].get(atom, {"kind": "stated"})
            rows[atom] = [value, raw["kind"], [self.document(one)["id"] for one in rests_on(raw)]]
        body = {"partner": self.profile["partner"], "as_of": self.profile["as_of"], "facts": rows}
        return sha(canonical(body))


# --- rows of a table ------------------------------------------------------------------------------


class RowAnswer(Answer):
    """The answer of a row, which has no steps: what a row keeps of it."""

    def track(self, name: str, in_scope: Truth, advice: str, served: set[str]) -> Raw:  # noqa: ARG002
        """What a row keeps of a track."""
        return {"instrument": name, "advice": advice}

    def lines(self, kind: str, make: Callable[[str, list[str]], Raw]) -> list[Any]:  # noqa: ARG002
        """Nothing: a row keeps no such lines."""
        return []

    def answers(self) -> Raw:
        """Everything a row keeps, by its name in the layout."""
        said = self.answer(self.scope(self.value, self.concluded)[0])
        found = {"tier": said["tier"], "out_of_scope": said["out_of_scope"]}
        found["missing"] = sorted({atom for one in said["undetermined"] for atom in one["missing"]})
        found["fired"] = sorted(name for name in self.rules if self.effective(name))
        for group in self.groups:
            possible = None if group in said["possible_groups"] else False
            found["group:" + group] = True if group in said["groups"] else possible
        advice = {track["instrument"]: track["advice"] for track in said["tracks"]}
        for name in self.words["instruments"]:
            found["advice:" + name] = advice.get(name, "no_track")
        return found


def page_of(one: Raw) -> bytes:
    """The bytes of the page that a row stands on, which are under the root of its section."""
    record, page = one["record"], one["page"]
    demand(page.keys() == {"salt", "body", "proof"}, "a page has other parts")
    demand(
        record.keys() - {"asked_by"}
        == {"schema", "first", "count", "root", "rows", "layout", "engine", "version", "rulebook"},
        "a section has other parts",
    )
    at, body = one["pos"] - record["first"], base64.b64decode(page["body"], validate=True)
    demand(0 <= at < record["count"], "the row is not in this section")
    demand(base64.b64encode(body).decode() == page["body"], "a page is not in canonical form")
    salt = exact(page["salt"])
    demand(len(salt) == 16, "a page has another salt")
    root = root_over(salt + body, at // PAGE, -(-record["count"] // PAGE), page["proof"])
    demand(root == record["root"], "the page is not under the root of its section")
    return body


def cell(column: Raw, known: bytes, values: bytes, at: int) -> Any:
    """The value of a row in one column of its page."""
    names, kind = column["values"], column["kind"]
    if not known[at >> 3] >> (at & 7) & 1:
        return None
    if kind == "flag":
        return bool(values[at >> 3] >> (at & 7) & 1)
    width = len(values) // PAGE
    one = values[at * width : at * width + width]
    if kind == "name":
        return names[int.from_bytes(one, "little")]
    if kind == "day":
        return (date(1970, 1, 1) + timedelta(int.from_bytes(one, "little", signed=True))).isoformat()
    if kind == "number":
        return struct.unpack("<d", one)[0]
    word = int.from_bytes(one, "little")
    return [name for bit, name in enumerate(names) if word >> bit & 1]


def check_row(one: Raw, contents: Raw) -> set[str]:
    """One row of a table: under its root, and answered as it follows. Gives the documents it used."""
    record = one["record"]
    used = {record["layout"], record["rulebook"]["digest"]}
    demand(used <= contents.keys(), "the layout or the rulebook is missing")
    layout, body, at = contents[record["layout"]], page_of(one), (one["pos"] - record["first"]) % PAGE
    given: Raw = {}
    answered: Raw = {}
    begin = 0
    for column in layout["columns"]:
        two = len(column["values"]) > 256
        width = PAGE * (1 + two) if column["kind"] == "name" else WIDTHS[column["kind"]]
        known, values = body[begin : begin + PAGE // 8], body[begin + PAGE // 8 : begin + PAGE // 8 + width]
        begin += PAGE // 8 + width
        value = cell(column, known, values, at)
        if column["kind"] == "bits":
            answered[column["name"]] = sorted(answered.get(column["name"], []) + (value or []))
        elif column["side"] == "answered":
            answered[column["name"]] = value
        elif value is not None:
            given[column["name"]] = value
    demand(begin == len(body), "the page has not the width of its layout")
    profile = {"partner": given.pop("partner"), "as_of": given.pop("as_of"), "values": given}
    profile.update({"name": None, "footnote": None, "grounds": {}, "citations": {}})
    rulebook = contents[record["rulebook"]["digest"]]
    follows = RowAnswer({"trace": []}, profile, rulebook, lambda digest: contents[digest]).answers()
    demand({"tier", "fired"} <= answered.keys() <= follows.keys(), "the row keeps other answers")
    for name, value in answered.items():
        demand(follows[name] == value, "the row says otherwise about", name)
    return used


# --- a whole bundle -------------------------------------------------------------------------------


MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, OverflowError, struct.error)


def check_case(record: Raw, contents: Raw) -> set[str]:
    """One decision: record, documents, steps and answer agree. Gives the documents it used."""
    try:
        return _check_case(record, contents)
    except MALFORMED as error:
        raise Broken("it is not made as a decision is (%r)" % error) from None


def _check_case(record: Raw, contents: Raw) -> set[str]:
    used = {record["decision"], record["profile"], record["rulebook"]["digest"]}

    def document(digest: str) -> Raw:
        demand(digest in contents, "the document", digest, "is missing")
        used.add(digest)
        return contents[digest]

    decision, profile = document(record["decision"]), document(record["profile"])
    case = Answer(decision, profile, document(record["rulebook"]["digest"]), document)
    demand(decision["rulebook"] == record["rulebook"], "decision and record name different rulebooks")
    said = {"partner": decision["partner"]["code"], "as_of": decision["as_of"], "tier": decision["tier"]}
    demand(all(record[name] == said[name] for name in said), "decision and record differ")
    case.check_steps()
    case.check_answer()
    for raw in profile["grounds"].values():
        for digest in rests_on(raw):
            document(digest)
    for key, digest in profile["citations"].items():
        demand(document(digest)["id"] == key, "a citation has another name")
    return used


def check(
    raw: bytes,
    keys: Sequence[bytes] = (),
    head: Head | None = None,
    signatures: bool = True,
    verifies: Verifies | None = None,
) -> list[str]:
    """Check a bundle's bytes; Broken or Unreadable where it does not hold. Gives notes."""
    bundle, notes = parsed(raw), []
    try:
        demand(bundle.keys() == {"schema", "head", "links", "decisions", "contents"}, "the bundle has other parts")
        links = check_links(bundle, head)
        contents = bundle["contents"]
        for digest, document in contents.items():
            demand(sha(canonical(document)) == digest, "the document", digest, "was changed")
        used = set()
        for one in bundle["decisions"]:
            where = "%s.%s" % (one["seq"], one["pos"])
            entry = links[one["seq"]]["entry"]
            rows = {"section", "page"} if entry["kind"] == "table" else set()
            demand(one.keys() == {"seq", "pos", "record", "proof"} | rows, "decision", where, "has other parts")
            leaf = one["section"] if rows else one["pos"]
            root = root_over(canonical(one["record"]), leaf, entry["count"], one["proof"])
            demand(root == entry["root"], "decision", where, "is not under the root of its entry")
            try:
                used |= check_row(one, contents) if rows else check_case(one["record"], contents)
            except Broken as error:
                raise Broken("decision %s: %s" % (where, error)) from None
            except MALFORMED as error:
                raise Broken("decision %s: it is not made as one is (%r)" % (where, error)) from None
        places = [(one["seq"], one["pos"]) for one in bundle["decisions"]]
        demand(places, "the bundle holds no decision")
        demand(places == sorted(set(places)), "the decisions do not stand in order, each once")
        demand(used == contents.keys(), "the bundle holds a document that nothing names")
        for link in bundle["links"]:
            demand(link.keys() == {"entry", "signatures"}, "a link has other parts")
            demand(
                link["signatures"] == sorted(link["signatures"], key=lambda one: one["keyid"]),
                "signatures out of order",
            )
            demand(all(one.keys() == {"keyid", "sig"} for one in link["signatures"]), "a signature has other parts")
        if keys and verifies:
            stated = {keyid for link in bundle["links"] for keyid in link["entry"]["about"].get("keys", ())}
            if stated and not stated & {key_id(key) for key in keys}:
                raise Unreadable(
                    "wrong key: what is given signs nothing here; the keys are %s" % ", ".join(sorted(stated))
                )
            check_signatures(links, keys, verifies)
        elif signatures:
            why = "this Python has no library `cryptography`" if keys else "no public key was given"
            raise Broken("signature not checked: %s" % why)
        else:
            notes.append("signature not checked")
    except MALFORMED as error:
        raise Broken("the bundle is not made as a bundle is (%r)" % error) from None
    if head is None:
        notes.append("not checked against a head: entries after the bundle's last would not show")
    return notes


def read(name: str) -> bytes:
    """The bytes of a file; Unreadable where it is none, or larger than any bundle should be."""
    try:
        with open(name, "rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
    except IsADirectoryError:
        raise Unreadable("`%s` is a folder: name the file in it, as `%s/bundle.json`" % (name, name)) from None
    except OSError as error:
        raise Unreadable("`%s` cannot be read: %s" % (name, (error.strerror or str(error)).lower())) from None
    if len(raw) > MOST_BYTES:
        raise Unreadable("`%s` is larger than %d MiB: export fewer decisions at a time" % (name, MOST_BYTES >> 20))
    return raw


def read_head(text: str) -> Head:
    """A head as it is written, `12:9f86…`."""
    number, _, digest = text.strip().partition(":")
    if not (number.isascii() and number.isdigit() and len(number) < 19 and len(digest) == len(ZEROS)):
        raise Unreadable("`%s` is no head: write it as `jfsrules audit head` prints it" % text[:80])
    return int(number), digest


def plain(error: object) -> str:
    """One line that can do nothing to a terminal, whatever the bundle holds."""
    words = "".join(one if one.isprintable() else "?" for one in str(error))
    return words if len(words) < 600 else words[:599] + "…"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check one bundle, as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", help="the file that `jfsrules audit export` wrote")
    parser.add_argument("--key", action="append", default=[], help="a public key to trust (PEM); repeatable")
    parser.add_argument("--head", help="a head kept elsewhere, as `12:9f86…`")
    parser.add_argument("--no-signatures", action="store_true", help="do not check signatures, and say so")
    asked = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        raw = read(asked.bundle)
        keys = [read_key(read(name).decode("ascii", "replace")) for name in asked.key]
        head = read_head(asked.head) if asked.head is not None else None
        notes = check(raw, keys, head, not asked.no_signatures, ed25519())
    except Broken as error:
        print("BROKEN: %s" % plain(error))
        return 1
    except (Unreadable, OSError, ValueError, MemoryError) as error:
        print("cannot check: %s" % plain(error), file=sys.stderr)
        return 2
    for note in notes:
        print("note: %s" % note)
    print("whole: %s" % asked.bundle)
    return 0


if __name__ == "__main__":
    sys.exit(main())
