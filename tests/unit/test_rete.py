"""The Rete engine: it tells the C code integers alone, and vouches for each of its runs."""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import durable_rules_engine
import pytest

from agreement.strategies import profile as draw_profile
from agreement.strategies import some_pairs, world
from jfsrules import meaning
from jfsrules.condition import ALWAYS, All, Conclusion, Not, Reads, Test
from jfsrules.condition import Any as Some
from jfsrules.engines import rete
from jfsrules.engines.rete import coding
from jfsrules.engines.rete.coding import field_names, fnv1a
from jfsrules.engines.rete.shard import WIDEST
from jfsrules.errors import EngineError, Unavailable
from jfsrules.facts import Profile
from jfsrules.plan import MOST_LEAVES, Plan, plan
from jfsrules.rulebook import Rule, Rulebook
from jfsrules.vocabulary import FLAG, LARGEST, Indicator, Type, Vocabulary

ROOT = Path(__file__).parents[2]
DAY = date(2014, 6, 27)
C = durable_rules_engine
COUNT = Type("number")


def planned(types: dict[str, Type], *rules: Rule) -> Plan:
    indicators = {name: Indicator(name, name, type_, name) for name, type_ in types.items()}
    words = Vocabulary(indicators, {}, {}, {}, {}, {}, {})
    return plan(Rulebook("small", "1", "Small", rules, frozenset(), words, {}, {}, (), "0" * 64))


def rule(name: str, when: Any = ALWAYS, kind: str = "group") -> Rule:
    return Rule(name, name, Conclusion(kind, name), ("P",), "text", when)  # type: ignore[arg-type]


def agrees(made: Plan, profile: Profile) -> bool:
    return not list(rete.differences(made, rete.engine(made)(profile), meaning.find(made, profile)))


def matcher(**calls: Any) -> Any:
    """The C module with some of its calls replaced."""
    return SimpleNamespace(**{**vars(durable_rules_engine), **calls})


# --- what the C code is told: A05-A07 ---------------------------------------------------------


def test_the_c_code_is_told_nothing_but_integers() -> None:
    """A05: on random rulebooks and profiles, definitions and facts hold our field names, our
    keywords and integers of at most 2^53; no text of theirs."""
    told: list[str] = []
    defined: list[str] = []

    def create(name: str, text: str) -> int:
        assert name == "s"
        defined.append(text)
        return C.create_ruleset(name, text)

    def tell(ruleset: int, fact: str) -> Any:
        told.append(fact)
        return C.assert_fact(ruleset, fact)

    last = engine = None
    for drawn, profile in some_pairs(200, first=600_000):
        if drawn is not last:
            last = drawn
            engine = rete._Rete(drawn.plan, matcher(create_ruleset=create, assert_fact=tell))
        engine.find(profile)
    fact = re.compile(r'\{"id":"x","k":1(?:,"f\d+":-?\d{1,16})*,"n":\d+\}')
    assert all(fact.fullmatch(one) for one in told)
    words = {"all", "m", "k", "pri", "$and", "$neq", "$lt", "$lte", "$gt", "$gte", "~"}
    for text in defined:
        for key, value in walked(json.loads(text)):
            assert key in words or re.fullmatch(r"[fa]\d+", key)
            assert isinstance(value, dict | list) or (type(value) is int and abs(value) <= 2**53)


def walked(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, list):
        return [pair for one in value for pair in walked(one)]
    if isinstance(value, dict):
        return [pair for k, v in value.items() for pair in [(k, v), *walked(v)]]
    return []


def test_each_ruleset_gets_only_the_fields_it_reads() -> None:
    """A fact carries no field that no alternative of its ruleset tests, and misses none."""
    read: dict[int, set[str]] = {}
    written: dict[int, set[str]] = {}

    def create(name: str, text: str) -> int:
        ruleset = C.create_ruleset(name, text)
        read[ruleset] = set(re.findall(r'"(f\d+)"', text))
        written[ruleset] = set()
        return ruleset

    def tell(ruleset: int, fact: str) -> Any:
        fields = set(re.findall(r'"(f\d+)"', fact))
        assert fields <= read[ruleset]
        written[ruleset] |= fields
        return C.assert_fact(ruleset, fact)

    drawn = world(7)
    engine = rete._Rete(drawn.plan, matcher(create_ruleset=create, assert_fact=tell))
    for number in range(60):
        engine.find(draw_profile(drawn.vocabulary, number))
    assert written == read


HOSTILE = ('"', "\\", "\n", "\0", '"}}', "$and", "id", "~", "é", "x" * 70_000, "1", "true", "")


def test_hostile_text_never_reaches_the_c_code() -> None:
    """A07: values, partners and rule ids that would break JSON, or mean something to the C code."""
    types = {"$s": Type("one_of", HOSTILE), "sid": FLAG, "id": FLAG}
    rules = [rule(f"{text}{n}", Test("$s", "=", (text,))) for n, text in enumerate(HOSTILE)]
    rules += [
        rule("lists", Test("$s", "in", tuple(sorted(HOSTILE[:4])))),
        rule("partner", Test("partner", "=", ('"',))),
        rule("partners", Test("partner", "not in", ('"', "\0"))),
        rule("reserved", All((Test("sid", "=", (True,)), Test("id", "=", (False,))))),
    ]
    made = planned(types, *rules)
    for text in HOSTILE:
        assert agrees(made, Profile(text, DAY, {"$s": text, "sid": True, "id": False}))


def test_no_two_fields_share_their_32_bits_with_each_other_or_with_a_reserved_name() -> None:
    """A06, A07: names the C code could not tell apart are passed over."""
    names = field_names()
    many = [next(names) for _ in range(5_000)]
    taken = {fnv1a(name) for name in (*many, *coding.RESERVED)}
    assert len(taken) == 5_000 + len(coding.RESERVED)
    digests = {"f0": 1, "f1": 1, "f2": 2, "f3": 99, "f4": 2, "f5": 5, "sid": 99}
    names = field_names(lambda name: digests.get(name, -fnv1a(name)))
    assert [next(names) for _ in range(4)] == ["f0", "f2", "f5", "f6"]


def test_names_the_c_code_takes_for_one_are_known() -> None:
    """The digest is the C code's own: these words are the same to it."""
    assert fnv1a("costarring") == fnv1a("liquid")
    assert fnv1a("zinke") == fnv1a("altarage")


@pytest.mark.parametrize("op", ["=", "≠", "<", "≤", ">", "≥", "in", "not in"])
def test_extreme_numbers_and_days_keep_their_order(op: Any) -> None:
    """Numbers to four decimals up to 10^11, and any day, compare as they do in Python."""
    numbers = (-LARGEST, LARGEST, 0, -0.0, 0.0001, -0.0001, LARGEST - 0.0001, 12.3456, 12.3457)
    days = (date.min, date.max, DAY, date(2014, 6, 28))
    made = planned(
        {"count": COUNT, "day": Type("date")},
        *(rule(f"n{n}", Test("count", op, (one,))) for n, one in enumerate(numbers)),
        *(rule(f"d{n}", Test("day", op, (one,))) for n, one in enumerate(days)),
    )
    for number in numbers:
        for day in days:
            assert agrees(made, Profile("MD", DAY, {"count": number, "day": day}))


def test_a_value_outside_its_type_is_an_error() -> None:
    """What no loader would let through is refused by name, not matched somehow."""
    made = planned({"flag": FLAG, "count": COUNT}, rule("r", Test("flag", "=", (True,))))
    with pytest.raises(EngineError, match="`yes`"):
        rete.engine(made)(Profile("MD", DAY, {"flag": "yes"}))
    made = planned({"count": COUNT}, rule("r", Test("count", ">", (1,))))
    for value in (float("nan"), float("inf"), 10**12, "5", True):
        with pytest.raises(EngineError):
            rete.engine(made)(Profile("MD", DAY, {"count": value}))


def test_more_rules_than_one_ruleset_holds_are_found_alike() -> None:
    """A04: 300 rules that all hold at once, in five rulesets."""
    types = {f"flag_{n}": FLAG for n in range(300)}
    made = planned(types, *(rule(name, Test(name, "=", (True,))) for name in types))
    assert agrees(made, Profile("MD", DAY, dict.fromkeys(types, True)))
    assert agrees(made, Profile("MD", DAY, dict.fromkeys(types, False)))
    assert agrees(made, Profile("MD", DAY, {}))


def test_the_widest_condition_a_plan_admits_fits_into_a_fact() -> None:
    """240 indicators tested together are found alike; the plan refuses more."""
    types = {f"flag_{n}": FLAG for n in range(WIDEST)}
    wide = rule("wide", All(tuple(Test(name, "=", (True,)) for name in types)), "focus")
    made = planned(types, wide)
    assert agrees(made, Profile("MD", DAY, dict.fromkeys(types, True)))
    assert WIDEST == MOST_LEAVES


def test_what_nothing_concludes_is_read_as_false() -> None:
    """Reading a conclusion without rules is certainly false, and its `not` certainly true."""
    never = Reads(Conclusion("group", "nobody"))
    made = planned({"flag": FLAG}, rule("r", Not(never)), rule("s", Some((never, never))))
    assert agrees(made, Profile("MD", DAY, {}))


# --- the engine: A08-A11 ----------------------------------------------------------------------


@pytest.fixture
def one_pair() -> tuple[Plan, Profile]:
    drawn, profile = next(some_pairs(1, first=610_000))
    return drawn.plan, profile


def test_an_engine_that_fires_nothing_decides_nothing(
    one_pair: tuple[Plan, Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the C code stubbed to fire nothing, deciding fails: cold and warm."""
    made, profile = one_pair
    warm = rete.engine(made)
    warm(profile)
    monkeypatch.setattr(C, "start_action_for_state", lambda *_: None)
    for engine in (warm, rete.engine(made)):
        with pytest.raises(EngineError):
            engine(profile)
    monkeypatch.undo()
    assert not list(rete.differences(made, warm(profile), meaning.find(made, profile)))


def test_a_ruleset_is_deleted_with_what_used_it() -> None:
    """Nothing stays behind in the C code when an engine is dropped."""
    made: list[int] = []
    gone: list[int] = []

    def create(*args: Any) -> int:
        made.append(C.create_ruleset(*args))
        return made[-1]

    def delete(ruleset: int) -> None:
        gone.append(ruleset)
        C.delete_ruleset(ruleset)

    drawn, profile = next(some_pairs(1))
    engine = rete._Rete(drawn.plan, matcher(create_ruleset=create, delete_ruleset=delete))
    engine.find(profile)
    assert made and not gone
    del engine
    gc.collect()
    assert sorted(gone) == sorted(made)


def test_an_error_of_the_c_code_is_an_engine_error(
    one_pair: tuple[Plan, Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Callers see one kind of error, with the C code's words in it."""
    made, profile = one_pair

    def failing(*_: Any) -> Any:
        raise C.error("Could not assert fact, error code: 303")

    engine = rete.engine(made)
    monkeypatch.setattr(C, "assert_fact", failing)
    with pytest.raises(EngineError, match="303"):
        engine(profile)


def test_without_the_library_the_engine_is_unavailable(
    one_pair: tuple[Plan, Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine says what it lacks when it is asked for, and importing it is no error."""
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    with pytest.raises(Unavailable, match="durable-rules"):
        rete.engine(one_pair[0])


def test_verifying_holds_each_run_against_the_law(
    one_pair: tuple[Plan, Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With JFSRULES_VERIFY=1 a fault that vouches for itself is an error all the same."""
    made, profile = one_pair
    monkeypatch.setattr(rete, "conclude", wrong)
    monkeypatch.delenv("JFSRULES_VERIFY", raising=False)
    assert rete.engine(made)(profile)
    monkeypatch.setenv("JFSRULES_VERIFY", "1")
    with pytest.raises(EngineError, match="differ about"):
        rete.engine(made)(profile)


def wrong(made: Plan, level: int, found: meaning.Findings) -> None:
    meaning.conclude(made, level, found)
    found.concluded |= dict.fromkeys(made.settles[level], True)


def test_threads_take_turns() -> None:
    """A10: eight threads on one engine find what one finds alone."""
    drawn = world(3)
    profiles = [p for w, p in some_pairs(64, cases=64, first=3) if w.seed == 3]
    engine = rete.engine(drawn.plan)
    alone = [meaning.find(drawn.plan, profile) for profile in profiles]
    with ThreadPoolExecutor(8) as threads:
        for _ in range(4):
            for found, law in zip(threads.map(engine, profiles), alone, strict=True):
                assert not list(rete.differences(drawn.plan, found, law))


def python(program: str) -> str:
    """What a program prints that runs in a process of its own."""
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def test_a_forked_child_finds_alike_even_if_the_lock_was_held() -> None:
    """A11: after use, parent and child go on; a lock held while forking is renewed."""
    printed = python("""
        import os, signal
        from agreement.strategies import some_pairs
        from jfsrules import meaning
        from jfsrules.engines import rete
        pairs = list(some_pairs(30, cases=30, first=620_000))
        plan = pairs[0][0].plan
        engine = rete.engine(plan)
        def check():
            for _, profile in pairs:
                law = meaning.find(plan, profile)
                assert not list(rete.differences(plan, engine(profile), law))
        check()
        rete._lock.acquire()
        child = os.fork()
        if not child:
            signal.alarm(20)
            check()
            os._exit(0)
        rete._lock.release()
        check()
        print(os.waitpid(child, 0)[1])
    """)
    assert printed == "0\n"


def test_an_interruption_at_any_moment_leaves_nothing_behind() -> None:
    """A08: 300 interruptions at random moments, each followed by a right answer."""
    printed = python("""
        import random, signal
        from agreement.strategies import some_pairs
        from jfsrules import meaning
        from jfsrules.engines import rete
        class Stop(BaseException): pass
        def stop(*_): raise Stop
        signal.signal(signal.SIGALRM, stop)
        pairs = list(some_pairs(30, cases=30, first=630_000))
        plan = pairs[0][0].plan
        engine, draw, stopped = rete.engine(plan), random.Random(1), 0
        laws = [meaning.find(plan, profile) for _, profile in pairs]
        engine(pairs[0][1])
        for number in range(300):
            try:
                signal.setitimer(signal.ITIMER_REAL, draw.uniform(2e-5, 3e-4))
                while True:
                    engine(pairs[number % 30][1])
            except Stop:
                stopped += 1
            found = engine(pairs[(number + 7) % 30][1])
            assert not list(rete.differences(plan, found, laws[(number + 7) % 30]))
        print(stopped)
    """)
    assert printed == "300\n"


def test_memory_stays_flat() -> None:
    """Twenty thousand cases leave the process as large as two thousand do, to 3 MB."""
    printed = (
        python("""
        from agreement.strategies import some_pairs
        from jfsrules.engines import rete
        pairs = list(some_pairs(100, cases=100, first=640_000))
        engine = rete.engine(pairs[0][0].plan)
        def size():
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * 4096
        for number in range(20_000):
            engine(pairs[number % 100][1])
            if number == 2_000:
                first = size()
        print(size() - first)
    """)
        if Path("/proc/self/statm").exists()
        else "0"
    )
    assert int(printed) < 3_000_000
