"""Bundles: what a stranger needs to verify decisions, with a verifier that needs nothing of ours."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agreement.strategies import some_pairs
from conftest import ROOT
from jfsrules.audit import Case, Ledger
from jfsrules.audit.bundles import BUNDLE, VERIFIER, At, bundle, write
from jfsrules.audit.merkle import leaf, path, root, root_by
from jfsrules.audit.signing import new_signer, write_keys
from jfsrules.audit.standalone import verify_bundle
from jfsrules.deciding import profile_of, ready
from jfsrules.errors import LedgerError
from jfsrules.loading import load_dossier, load_lists, load_rulebook, rulebook_names
from jfsrules.loading.fingerprint import fingerprint
from jfsrules.plan import plan
from ledgers import case, cases, decided, documents

SIGNER = new_signer()
SOURCE = ROOT / "src" / "jfsrules" / "audit" / "standalone" / VERIFIER


def real(code: str, day: str, rulebook: str) -> Case:
    """A case of a shipped rulebook and dossier."""
    book = load_rulebook(rulebook)
    dossier, lists = load_dossier(code, book.vocabulary), load_lists(book.vocabulary)
    profile = profile_of(dossier, day, book)
    cited = {**lists.citations, **dossier.citations}
    return Case(ready(book, "reference").decide(profile), profile, book, cited)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger.open(str(tmp_path / "ledger.db"), create=True, signer=SIGNER)
    with made:
        yield made


def verified(body: bytes, **more: object) -> list[str]:
    keys = [SIGNER.public.raw]
    return verify_bundle.check(body, keys, verifies=verify_bundle.ed25519(), **more)


def test_every_decision_of_a_batch_has_a_short_proof(ledger: Ledger) -> None:
    """Any one of a thousand decisions is proved by ten hashes and one link of the chain."""
    receipt = ledger.append_many(list(cases(20)) * 50)
    for pos in (0, 1, 511, 512, 998, 999):
        body = bundle(ledger, [At(receipt.seq, pos)])
        assert verified(body)
        raw = json.loads(body)
        assert len(raw["decisions"][0]["proof"]) <= 10
        assert len(raw["links"]) == 2


def test_a_bundle_reaches_the_head(ledger: Ledger) -> None:
    """A bundle of an early entry is bound to the latest head by few links."""
    for one in cases(70):
        ledger.append(one)
    head = ledger.head()
    body = bundle(ledger, [At(5), At(60)])
    assert verified(body, head=tuple(head)) == []
    assert len(json.loads(body)["links"]) < 30
    with pytest.raises(verify_bundle.Broken, match="not the one that the head names"):
        verified(body, head=(head.seq, "0" * 64))
    with pytest.raises(verify_bundle.Broken, match="does not reach the head"):
        verified(body, head=(head.seq + 1, head.hash))


@pytest.mark.parametrize("rulebook", rulebook_names())
def test_real_decisions_verify(ledger: Ledger, rulebook: str) -> None:
    """Every kind of answer that the shipped rulebooks give follows, step by step."""
    days = (("MD", "2014-06-27"), ("UA", "2026-11-23"), ("RU", "2014-03-05"), ("RU", "2022-06-01"),
            ("US", "2014-06-27"), ("FR", "2014-06-27"), ("XK", "2008-01-01"), ("MA", "2013-06-07"),
            ("AX", "2020-01-01"), ("DZ", "2020-01-01"), ("CV", "2008-06-05"), ("TR", "2016-03-18"))  # fmt: skip
    receipt = ledger.append_many(real(code, day, rulebook) for code, day in days)
    body = bundle(ledger, [At(receipt.seq, pos) for pos in range(len(days))])
    assert verified(body)


def test_random_decisions_verify() -> None:
    """So do those of random rulebooks, with overrides, requirements, judgements and unknowns."""
    plans = {}
    for world, profile in some_pairs(400, first=80_000):
        if world.seed not in plans:
            book = world.rulebook
            plans[world.seed] = plan(replace(book, digest=fingerprint(book)))
        contents, about = documents(decided(plans[world.seed], profile, "reference"))
        verify_bundle.check_case(about, contents)


def test_the_verifier_imports_nothing_but_the_standard_library() -> None:
    """Whoever reads the one file has read all that runs; only signatures ask for a library."""
    imported = set()
    for node in ast.walk(ast.parse(SOURCE.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_the_verifier_runs_by_itself(ledger: Ledger, tmp_path: Path) -> None:
    """The program in a bundle's folder says whether all holds, by its exit code and in words."""
    ledger.append(case(1))
    private, public = write_keys(SIGNER, tmp_path / "audit")
    folder, broken = tmp_path / "bundle", tmp_path / "broken.json"
    write(folder, bundle(ledger, [At(2)]))
    broken.write_bytes((folder / BUNDLE).read_bytes().replace(b'"tier":"', b'"tier":"x', 1))
    head = str(ledger.head())

    def call(*words: str) -> tuple[int, str]:
        made = subprocess.run(
            [sys.executable, "-I", VERIFIER, *words],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "Traceback" not in made.stderr
        return made.returncode, made.stdout + made.stderr

    assert call(BUNDLE, "--key", str(public), "--head", head) == (0, f"whole: {BUNDLE}\n")
    code, words = call(BUNDLE, "--key", str(public))
    assert (code, "not checked against a head" in words) == (0, True)
    code, words = call(BUNDLE)
    assert (code, "signature not checked: no public key" in words) == (1, True)
    code, words = call(BUNDLE, "--no-signatures")
    assert (code, "note: signature not checked" in words) == (0, True)
    assert call(str(broken), "--no-signatures")[0] == 1
    code, words = call(str(folder), "--no-signatures")
    assert (code, "is a folder: name the file in it" in words) == (2, True)
    for wrong in (
        ("none.json",),
        (BUNDLE, "--key", str(private)),
        (BUNDLE, "--key", "none"),
        (BUNDLE, "--key", str(public), "--head", "x"),
        (),
    ):
        assert call(*wrong)[0] == 2


def test_without_a_library_signatures_are_not_taken_on_trust(ledger: Ledger) -> None:
    """Where signatures cannot be checked, the verifier says so, and does not call it whole."""
    ledger.append(case(1))
    body = bundle(ledger, [At(2)])
    with pytest.raises(verify_bundle.Broken, match="no library"):
        verify_bundle.check(body, [SIGNER.public.raw], verifies=None)
    assert "signature not checked" in verify_bundle.check(body, signatures=False)


def test_what_is_not_there_is_not_exported(ledger: Ledger, tmp_path: Path) -> None:
    """A decision that does not exist, a folder that cannot be: each gets a sentence."""
    ledger.append(case(1))
    for place in (At(2, 1), At(9), At(1)):
        with pytest.raises(LedgerError, match=r"has no entry|there is no decision"):
            bundle(ledger, [place])
    with pytest.raises(LedgerError, match="no decision to export"):
        bundle(ledger, [])
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="cannot be written"):
        write(tmp_path / "file", b"{}")
    assert At.read("7.12") == At(7, 12)
    for wrong in ("x", "1.x", "-1", "1.2.3", "", "9" * 30):
        with pytest.raises(LedgerError, match="names no decision"):
            At.read(wrong)


def test_proofs_hold_for_their_own_leaf_alone() -> None:
    """For trees of every size: each leaf has a path to the root, and no other leaf or place has."""
    for size in range(1, 40):
        leaves = [leaf(bytes([number])) for number in range(size)]
        top = root(leaves)
        for at in range(size):
            proof = path(leaves, at)
            assert root_by(leaves[at], at, size, proof) == top
            assert root_by(leaf(b"other"), at, size, proof) != top
            for wrong in (at - 1, at + 1, size):
                try:
                    assert root_by(leaves[at], wrong, size, proof) != top
                except ValueError:
                    continue
            for wrong_proof in (proof[:-1], (*proof, top)):
                if wrong_proof != proof:
                    with pytest.raises(ValueError, match="too"):
                        root_by(leaves[at], at, size, wrong_proof)
