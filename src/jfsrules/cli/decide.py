"""`jfsrules decide`: the main job, for a partner, a profile file or standard input."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import click

from jfsrules.cli import shared

if TYPE_CHECKING:
    from jfsrules.decision import Decision
    from jfsrules.facts import Dossier, Profile
    from jfsrules.rulebook import Rulebook

BOTH: Final = ("text-2014", "practice")
BOTH_NAME: Final = "both"


@click.command(
    cls=shared.Verb,
    short_help="Decide on a partner or a profile.",
    examples=(
        ("jfsrules decide MD", "on the latest day the facts are vouched for"),
        ("jfsrules decide UA --as-of 2022-06-22", "on another day"),
        ("jfsrules decide MD --set visa_regime=visa_required", "what if"),
        ("jfsrules decide RU --as-of 2014-06-27 --rulebook both", "what the page and practice say"),
        ("jfsrules decide profile.yaml --trace", "your own facts, with the proof"),
        ("jfsrules decide - --format json < profile.json", "from a program, for a program"),
    ),
)
@click.argument("subject", metavar="PARTNER|FILE|-")
@shared.as_day
@shared.as_settings
@shared.as_rulebook
@click.option(
    "--engine",
    type=click.Choice(("auto", "rete", "reference")),
    default="auto",
    show_default=True,
    help="Which engine decides; auto is rete where durable-rules is installed.",
)
@shared.as_trust
@click.option("--trace", is_flag=True, help="Show the proof of each line, down to the facts.")
@shared.as_log
@shared.as_format("text", "json", "md")
def decide(
    subject: str,
    as_of: str | None,
    settings: tuple[str, ...],
    rulebook: str,
    engine: Any,
    trust: Any,
    trace: bool,
    ledger: str | None,
    asked_by: str | None,
    signing: str | None,
    form: str,
) -> None:
    """Say where PARTNER stands, what may be offered to it, and why.

    PARTNER is a two-letter code such as MD (XK for Kosovo). FILE is a profile in YAML or JSON,
    with your own facts and nothing else; a single - reads it from standard input.

    With `--rulebook both` the page and practice stand side by side, differences first.
    """
    from jfsrules import deciding, loading

    if rulebook == BOTH_NAME and trace:
        raise click.UsageError("a proof is that of one rulebook: leave out `--trace`, or name one")
    books = [loading.load_rulebook(name) for name in BOTH if rulebook == BOTH_NAME]
    book = books[0] if books else loading.load_rulebook(rulebook)
    stated, place = shared.stated(settings, book.vocabulary)
    own = deciding.is_file(subject)
    dossier = None if own else loading.load_dossier(subject, book.vocabulary)
    profile = deciding.profile_of(dossier or subject, as_of, book, trust)
    if stated:
        profile = deciding.stating(profile, stated, book, place)
    decisions = [deciding.ready(one, engine).decide(profile) for one in books or [book]]
    if ledger:
        _log(ledger, decisions, profile, books or [book], dossier, asked_by, signing)
    if form == "json" and not books:
        shared.say_json(decisions[0].to_json())
        return
    sentences = _source(subject, as_of, dossier), _setting(settings, trust, decisions[0], engine)
    basis = " ".join(filter(None, sentences))
    if books:
        _both(decisions, books, dossier, basis, form)
    else:
        _show(decisions[0], book, dossier, basis, trace, form)


def _log(
    ledger: str,
    decisions: list[Decision],
    profile: Profile,
    books: list[Rulebook],
    dossier: Dossier | None,
    asked_by: str | None,
    signing: str | None,
) -> None:
    """Append to a ledger before anything is shown: an answer that is not logged is not given."""
    from jfsrules.audit import Case, append
    from jfsrules.loading import load_lists

    cited = {**load_lists(books[0].vocabulary).citations, **dossier.citations} if dossier else {}
    cases = [
        Case(decision, profile, book, cited, asked_by)
        for decision, book in zip(decisions, books, strict=True)
    ]
    receipt = append(ledger, cases, sign_with=signing)
    sys.stderr.write(f"logged as {receipt.seq} in {receipt.ledger}, head {receipt.head}\n")


def _both(
    decisions: list[Decision],
    books: list[Rulebook],
    dossier: Dossier | None,
    basis: str,
    form: str,
) -> None:
    """Two readings side by side, differences first."""
    from jfsrules.compare import compare

    compared = compare(decisions[0], decisions[1])
    if form == "json":
        shared.say_json(compared.to_json())
        return
    from jfsrules.loading import load_lists
    from jfsrules.render.comparison import comparison_markdown, comparison_text, sheet
    from jfsrules.render.text import note
    from jfsrules.render.words import Wording

    lists = load_lists(books[0].vocabulary) if dossier else None
    shown = sheet(
        compared, (Wording.of(books[0], dossier, lists), Wording.of(books[1], dossier, lists))
    )
    if form == "md":
        from jfsrules.render.phrases import harmless

        shared.say(harmless(f"{comparison_markdown(shown)}\n{basis}\n"))
    else:
        screen = shared.screen()
        shared.say(note(basis, screen) + comparison_text(shown, screen))


def _show(
    decision: Decision,
    book: Rulebook,
    dossier: Dossier | None,
    basis: str,
    trace: bool,
    form: str,
) -> None:
    from jfsrules.loading import load_lists
    from jfsrules.render.page import page
    from jfsrules.render.words import Wording

    wording = Wording.of(book, dossier, load_lists(book.vocabulary) if dossier else None)
    shown = page(decision, wording, basis, trace)
    if form == "md":
        from jfsrules.render.markdown import markdown

        shared.say(markdown(shown))
    else:
        from jfsrules.render.text import text

        shared.say(text(shown, shared.screen()))


def _source(subject: str, as_of: str | None, dossier: Dossier | None) -> str:
    """Where the facts come from, and up to when they are vouched."""
    from jfsrules.loading import knowledge_date
    from jfsrules.render.phrases import day_words

    until = f"{day_words(knowledge_date().isoformat())} (the knowledge date)"
    if dossier is None:
        name = "standard input" if subject == "-" else f"`{subject}`"
        return f"Facts come from {name} alone; what it does not state is unknown."
    if as_of is None:
        return (
            f"Facts are vouched up to {until}; no day was asked for, so this is the answer for it."
        )
    return f"Facts are vouched up to {until}."


def _setting(settings: tuple[str, ...], trust: str, decision: Decision, engine: str) -> str:
    """What else bears on the answer."""
    sentences = []
    if settings:
        sentences.append(f"Stated for this answer: {', '.join(settings)}.")
    if trust != "unverified":
        sentences.append(f"Facts that are not {_AT_LEAST[trust]} count as unknown.")
    if engine == "auto" and decision.engine == "reference":
        sentences.append("The reference evaluator decided: durable-rules is not installed here.")
    return " ".join(sentences)


_AT_LEAST = {"verified": "verified", "reported": "at least reported"}
