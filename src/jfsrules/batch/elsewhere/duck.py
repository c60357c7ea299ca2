"""Tables in DuckDB: one machine, more rows than fit in memory, one file out."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl

from jfsrules.batch.apart import Apart
from jfsrules.batch.csv_rows import BROKEN
from jfsrules.batch.elsewhere.engine import FILE, LINE, PLACE, UNREAD, Files, Given
from jfsrules.batch.parts import beside
from jfsrules.batch.texts import ragged
from jfsrules.errors import Diagnostic, EngineError, Refused, refuse

LARGEST_LINE: Final = 16 * 2**20
COPIES: Final = {
    "parquet": "FORMAT parquet, COMPRESSION zstd, KV_METADATA {{jfsrules: {metadata}}}",
    "csv": "FORMAT csv, HEADER true",
    "jsonl": "FORMAT json",
}


class DuckDialect:
    """SQL as DuckDB reads it."""

    def name(self, column: str) -> str:
        """A column, in its quotes."""
        return '"' + column.replace('"', '""') + '"'

    def text(self, value: str) -> str:
        """A text, in its quotes."""
        return "'" + value.replace("'", "''") + "'"

    def matches(self, term: str, pattern: str) -> str:
        """Whether a text is what a pattern describes."""
        return f"regexp_full_match({term}, {self.text(pattern)})"

    def joined(self, term: str) -> str:
        """A list of texts as one text."""
        return f"array_to_string(list_transform({term}, lambda one: COALESCE(one, '')), ';')"

    def each(self, terms: Sequence[str], split: tuple[str, str] | None = None) -> str:
        """One row for each of some terms, and of the parts of a text."""
        listed = f"[{', '.join(terms)}]"
        if split:
            before, text = self.text(split[0]), split[1]
            parts = f"list_transform(string_split({text}, ';'), lambda one: concat({before}, one))"
            listed = f"list_concat({listed}, {parts})"
        return f"unnest({listed})"

    def row(self, columns: Sequence[str]) -> str:
        """Some columns as one text in JSON."""
        packed = ", ".join(f"{self.name(one)} := {self.name(one)}" for one in columns)
        return f"CAST(to_json(struct_pack({packed})) AS VARCHAR)" if columns else "'{}'"


@dataclass(slots=True)
class Duck:
    """An in-memory database that spills into a folder of its own."""

    name: str = "duckdb"
    dialect: DuckDialect = field(default_factory=DuckDialect)
    _folder: tempfile.TemporaryDirectory[str] = field(init=False, repr=False)
    _base: duckdb.DuckDBPyConnection = field(init=False, repr=False)
    _made: int = 0

    def __post_init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="jfsrules-")
        self._base = duckdb.connect()
        self._base.execute(f"SET temp_directory = {self.dialect.text(self._folder.name)}")
        self._base.execute("SET enable_progress_bar = false")
        # Many short lists of values, each of which it would make a join of.
        self._base.execute("SET disabled_optimizers = 'in_clause'")

    # --- in -------------------------------------------------------------------------------------

    def schema(self, path: str) -> Mapping[str, pl.DataType]:
        """DuckDB reads what is on this machine, of which the columns are known."""
        raise refuse("no-such-file", f"there is no file `{path}`")

    def read(self, files: Files) -> Given:
        """The rows of some files; those of text are kept as Parquet while the batch runs."""
        with told(files.name):
            match files.kind:
                case "parquet":
                    return self._parquet(files.paths, files.schema)
                case "csv":
                    return self._csv(files)
                case _:
                    return self._json(files)

    def _parquet(self, paths: Sequence[str], schema: Mapping[str, pl.DataType]) -> Given:
        columns = [self.dialect.name(name) for name in schema]
        columns += [f"filename AS {FILE}", f"file_row_number AS {PLACE}"]
        columns += [f"CAST(NULL AS BIGINT) AS {LINE}", f"CAST(NULL AS VARCHAR) AS {UNREAD}"]
        read = f"read_parquet({self._listed(paths)}, filename = true, file_row_number = true)"
        return Given(self._base.sql(f"SELECT {', '.join(columns)} FROM {read}"), schema)

    def _csv(self, files: Files) -> Given:
        """Lines with too few or too many cells are passed by, and told of by DuckDB."""
        frames: list[Any] = []
        apart: list[Apart] = []
        names = ", ".join(f"{self.dialect.text(name)}: 'VARCHAR'" for name in files.schema)
        for path in files.paths:
            mark = self.dialect.text(files.separator)
            how = f"header = true, columns = {{{names}}}, auto_detect = false, delim = {mark}"
            how += """, quote = '"', escape = '"', strict_mode = true, store_rejects = true"""
            how += f", max_line_size = {LARGEST_LINE}"
            rejected = f"reject_{len(frames)}_{self._made}"
            how += f", rejects_table = '{rejected}', rejects_scan = 'scan_{rejected}'"
            read = f"read_csv({self.dialect.text(path)}, {how})"
            kept = self._kept(f"SELECT *, row_number() OVER () - 1 AS {PLACE} FROM {read}")
            lines = self._rejected(rejected)
            apart += [_passed_by(path, files, *line) for line in lines]
            frames.append(self._from_kept(kept, path, files.schema))
        return Given(self.together(frames), files.schema, tuple(apart))

    def _rejected(self, table: str) -> list[tuple[int, str, str]]:
        query = f"SELECT line, any_value(csv_line), any_value(error_type)::VARCHAR FROM {table}"
        return self._base.sql(f"{query} GROUP BY line ORDER BY line").fetchall()

    def _kept(self, query: str) -> str:
        """The rows of a query, kept in a file of their own."""
        self._made += 1
        kept = str(Path(self._folder.name) / f"{self._made}.parquet")
        self._base.execute(f"COPY ({query}) TO {self.dialect.text(kept)} (FORMAT parquet)")
        return kept

    def _from_kept(self, kept: str, path: str, schema: Mapping[str, pl.DataType]) -> Any:
        columns = [self.dialect.name(name) for name in schema]
        columns += [f"{self.dialect.text(path)} AS {FILE}", PLACE]
        columns += [f"CAST(NULL AS BIGINT) AS {LINE}", f"CAST(NULL AS VARCHAR) AS {UNREAD}"]
        read = f"read_parquet({self.dialect.text(kept)})"
        return self._base.sql(f"SELECT {', '.join(columns)} FROM {read}")

    def _json(self, files: Files) -> Given:
        """Each line is read as a text first, and then taken apart."""
        names = [self.dialect.text(name) for name in files.schema]
        shape = self.dialect.text("{" + ", ".join(f'"{n}": "VARCHAR"' for n in files.schema) + "}")
        fits = "json_valid(line) AND json_type(line) = 'OBJECT' AND"
        fits += (
            f" len(list_filter(json_keys(line), lambda key: key NOT IN ({', '.join(names)}))) = 0"
        )
        columns = [f"cells.{self.dialect.name(name)}" for name in files.schema]
        frames = []
        for path in files.paths:
            how = "header = false, columns = {'line': 'VARCHAR'}, auto_detect = false, delim = ''"
            how += f", quote = '', escape = '', max_line_size = {LARGEST_LINE}"
            read = f"read_csv({self.dialect.text(path)}, {how})"
            lines = f"SELECT line, row_number() OVER () AS {LINE} FROM {read}"
            told_apart = f"SELECT *, COALESCE({fits}, FALSE) AS fits FROM ({lines})"
            told_apart += " WHERE trim(line) <> ''"
            cells = f"CASE WHEN fits THEN from_json(line, {shape}) END AS cells"
            rows = f"SELECT *, {cells} FROM ({told_apart})"
            unread = f"CASE WHEN NOT fits THEN line END AS {UNREAD}"
            source = f"{self.dialect.text(path)} AS {FILE}"
            place = f"CAST(NULL AS BIGINT) AS {PLACE}"
            query = f"SELECT {', '.join([*columns, source, place, LINE, unread])} FROM ({rows})"
            kept = self.dialect.text(self._kept(query))
            frames.append(self._base.sql(f"SELECT * FROM read_parquet({kept})"))
        return Given(self.together(frames), files.schema)

    def handed(self, frame: pl.DataFrame) -> Any:
        """A table of Polars, by way of a file."""
        self._made += 1
        kept = Path(self._folder.name) / f"{self._made}.parquet"
        frame.write_parquet(kept)
        return self._base.sql(f"SELECT * FROM read_parquet({self.dialect.text(str(kept))})")

    # --- between --------------------------------------------------------------------------------

    def select(self, frame: Any, terms: Mapping[str, str]) -> Any:
        """A frame with a column for each term."""
        return frame.project(
            ", ".join(f"{term} AS {self.dialect.name(name)}" for name, term in terms.items())
        )

    def where(self, frame: Any, term: str) -> Any:
        """The rows of which a term is true."""
        return frame.filter(term)

    def together(self, frames: Sequence[Any]) -> Any:
        """The rows of all frames, by the names of their columns."""
        if len(frames) == 1:
            return frames[0]
        views = map(self._view, frames)
        return self._base.sql(" UNION ALL BY NAME ".join(f"FROM {view}" for view in views))

    def rows(self, frame: Any) -> Iterator[dict[str, Any]]:
        """The rows of a frame, some at a time."""
        names = list(frame.columns)
        with told("the input"):
            found = self._base.execute(f"FROM {self._view(frame)}")
            while some := found.fetchmany(4096):
                yield from (dict(zip(names, row, strict=True)) for row in some)

    def _view(self, frame: Any) -> str:
        self._made += 1
        frame.create_view(f"frame_{self._made}")
        return f"frame_{self._made}"

    def count(self, frame: Any) -> int:
        """How many rows a frame has."""
        with told("the input"):
            return int(frame.aggregate("count(*)").fetchall()[0][0])

    # --- out ------------------------------------------------------------------------------------

    def stands(self, out: str) -> bool:
        """Whether there is something at a path already."""
        return Path(out).exists()

    def write(self, frame: Any, out: str, format: str, metadata: str) -> None:
        """Write one file beside its place first, so that a run that fails leaves nothing half."""
        view, fresh = self._view(frame), f"{out}.new"
        how = COPIES[format].format(metadata=self.dialect.text(metadata))
        try:
            with told(out):
                self._base.execute(f"COPY (FROM {view}) TO {self.dialect.text(fresh)} ({how})")
                if format != "parquet":
                    beside(Path(out)).write_text(metadata + "\n", "utf-8")
                Path(fresh).replace(out)
        finally:
            Path(fresh).unlink(missing_ok=True)

    def written(self, out: str, format: str, names: Sequence[str]) -> Any:
        """Columns of texts of what was written, read again."""
        path = self.dialect.text(out)
        types = ", ".join(f"{self.dialect.text(name)}: 'VARCHAR'" for name in names)
        read = {
            "parquet": f"read_parquet({path})",
            "csv": f"read_csv({path}, header = true, all_varchar = true, delim = ',', quote = '\"',"
            " escape = '\"', auto_detect = true)",
            "jsonl": f"read_json({path}, format = 'newline_delimited', columns = {{{types}}})",
        }
        columns = ", ".join(map(self.dialect.name, names))
        with told(out):
            return self._base.sql(f"SELECT {columns} FROM {read[format]}")

    def tally(self, frame: Any, each: str) -> Mapping[str, int]:
        """How often each text comes up that a term gives."""
        with told("what was written"):
            listed = frame.project(f"{each} AS counted")
            return dict(listed.aggregate("counted, count(*)", "counted").fetchall())

    def close(self) -> None:
        """Close the database, and take its folder away."""
        self._base.close()
        self._folder.cleanup()

    def _listed(self, paths: Sequence[str]) -> str:
        return "[" + ", ".join(map(self.dialect.text, paths)) + "]"


def _passed_by(path: str, files: Files, line: int, text: str, error: str) -> Apart:
    """A line that DuckDB could not read as a row."""
    if error in ("MISSING COLUMNS", "TOO MANY COLUMNS"):
        said = ragged(text.count(files.separator) + 1, len(files.schema))
    elif error == "INVALID ENCODING":
        help_ = "save the file with the encoding UTF-8"
        said = Diagnostic("not-utf-8", "this line is not text in UTF-8", None, help_)
    else:
        said = BROKEN
    return Apart(path, (said,), int(line), text=text)


@contextlib.contextmanager
def told(name: str) -> Iterator[None]:
    """What DuckDB says, as one sentence."""
    try:
        yield
    except Refused:
        raise
    except (duckdb.Error, OSError) as error:
        said = str(error).strip().partition("\n")[0].rstrip(".")
        raise EngineError(f"DuckDB gave up on `{name}`: {said}") from None
