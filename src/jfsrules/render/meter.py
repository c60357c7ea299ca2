"""How far a batch is: share, rows, rate and time left, on a terminal and nowhere else."""

from __future__ import annotations

import time
from types import TracebackType
from typing import IO, TYPE_CHECKING, Final, Self

from rich.console import Console

from jfsrules.render.phrases import harmless

if TYPE_CHECKING:
    from rich.progress import Progress

    from jfsrules.batch.counting import Closing

BAR: Final = 20
NAME: Final = 28
QUICK: Final = 0.5  # seconds, before which nothing is shown


class Meter:
    """How far a batch is, on a terminal: share, rows, rows a second, time left, and where it is.

    Everywhere else it is silent. Called with the name of a source, the share done, and the counts.
    """

    def __init__(self, stream: IO[str], shown: bool, colour: bool) -> None:
        self.begun = time.monotonic()
        self.shown = shown
        self._stream, self._colour = stream, colour
        self._progress: Progress | None = None
        self._from: tuple[float, float] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take it off the screen."""
        if self._progress:
            self._progress.stop()
            self._progress = None

    def __call__(self, name: str, share: float, closing: Closing) -> None:
        """Show how far it is."""
        passed = time.monotonic() - self.begun
        left = self._left(passed, share)
        if not self.shown or passed < QUICK:
            return
        words = f"{closing.rows_in:,} rows  {rate(closing.rows_in - closing.resumed, passed)}"
        words += f"  {lasting(left)} left" if left is not None else ""
        words += f"  {closing.rows_apart:,} apart" if closing.rows_apart else ""
        self._show(name, share, words)

    def _left(self, passed: float, share: float) -> float | None:
        """The seconds left, by how fast it went since it was first told how far it is.

        So neither the start nor what an earlier run has done makes it look faster or slower.
        """
        first, before = self._from = self._from or (passed, share)
        if share <= before or share >= 1:
            return None
        return (passed - first) * (1 - share) / (share - before)

    def doing(self, words: str) -> None:
        """Say what is done after the last row."""
        if self.shown and time.monotonic() - self.begun >= QUICK:
            self._show(words, 1.0, "")

    def _show(self, name: str, share: float, words: str) -> None:
        begun = self._progress is not None
        progress = self._progress = self._progress or self._made()
        progress.update(
            progress.task_ids[0],
            completed=min(share, 1.0),
            description=harmless(tail_of(name, NAME)),
            words=words,
        )
        if not begun:
            progress.start()

    def _made(self) -> Progress:
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        console = Console(
            file=self._stream, force_terminal=True, no_color=not self._colour, highlight=False
        )
        progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=BAR),
            TaskProgressColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[words]}", markup=False),
            console=console,
            transient=True,
            refresh_per_second=5,
        )
        progress.add_task("", total=1.0, words="")
        return progress


def rate(rows: int, seconds: float) -> str:
    """Rows a second, in words.

    >>> rate(2_500_000, 2.0), rate(30, 0.0)
    ('1,250,000 rows/s', '30 rows')
    """
    if seconds <= 0:
        return f"{rows:,} rows"
    each = rows / seconds
    return f"{each:,.0f} rows/s" if each >= 10 else f"{each:.1f} rows/s"


def lasting(seconds: float) -> str:
    """A length of time, as exact as it is useful.

    >>> lasting(0.34), lasting(42), lasting(187), lasting(7300)
    ('0.34 s', '42 s', '3 min 07 s', '2 h 01 min')
    """
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def tail_of(words: str, most: int) -> str:
    """The end of words that are too long, since that is where paths and ids differ.

    >>> tail_of("a/long/path.csv", 9)
    '…path.csv'
    """
    return words if len(words) <= most else f"…{words[-most + 1 :]}"
