"""Tables in Spark: read, answered for and written where they lie, a folder out.

Nothing here runs Python on the workers, so that only the driver needs this package.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import polars as pl

from jfsrules.batch.elsewhere.engine import FILE, LINE, PLACE, UNREAD, Files, Given
from jfsrules.batch.elsewhere.session import ON_QUERIES, first_sentence, from_java, session
from jfsrules.batch.reading import SUFFIXES
from jfsrules.errors import EngineError, refuse

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

REMOTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
TEXTS: Final[Mapping[str, str | bool]] = {
    "header": True,
    "quote": '"',
    "escape": '"',
    "encoding": "UTF-8",
}
TYPES: Final[Mapping[str, pl.DataType]] = {
    "string": pl.String(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "void": pl.Null(),
    "array<string>": pl.List(pl.String()),
    "tinyint": pl.Int8(),
    "smallint": pl.Int16(),
    "int": pl.Int32(),
    "bigint": pl.Int64(),
    "float": pl.Float32(),
    "double": pl.Float64(),
}
NOWHERE: Final = (f"CAST(NULL AS BIGINT) AS {PLACE}", f"CAST(NULL AS BIGINT) AS {LINE}")
NATIVE: Final = {type(made): name for name, made in TYPES.items()}


class SparkDialect:
    """SQL as Spark reads it."""

    def name(self, column: str) -> str:
        """A column, in its quotes."""
        return "`" + column.replace("`", "``") + "`"

    def text(self, value: str) -> str:
        """A text, in its quotes."""
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def matches(self, term: str, pattern: str) -> str:
        """Whether a text is what a pattern describes."""
        return f"{term} RLIKE {self.text(rf'^(?:{pattern})' + chr(92) + 'z')}"

    def joined(self, term: str) -> str:
        """A list of texts as one text."""
        return f"array_join({term}, ';', '')"

    def each(self, terms: Sequence[str], split: tuple[str, str] | None = None) -> str:
        """One row for each of some terms, and of the parts of a text."""
        listed = f"array({', '.join(terms)})"
        if split:
            before, text = self.text(split[0]), split[1]
            parts = f"transform(split({text}, ';'), one -> concat({before}, one))"
            listed = f"concat({listed}, {parts})"
        return f"explode({listed})"

    def row(self, columns: Sequence[str]) -> str:
        """Some columns as one text in JSON."""
        return f"to_json(struct({', '.join(map(self.name, columns))}))" if columns else "'{}'"


@dataclass(slots=True)
class Spark:
    """A Spark session with what a batch asks of it."""

    master: str | None = None
    name: str = "spark"
    dialect: SparkDialect = field(default_factory=SparkDialect)
    _session: SparkSession = field(init=False, repr=False)
    _own: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._session, self._own = session(self.master)
        for name, value in ON_QUERIES.items():
            self._session.conf.set(name, value)

    # --- in -------------------------------------------------------------------------------------

    def schema(self, path: str) -> Mapping[str, pl.DataType]:
        """The columns of a table at an address, or nothing for lines of JSON, which may have any."""
        reader = self._session.read
        with told(path):
            match kind_of(path):
                case "parquet":
                    fields = reader.parquet(path).schema.fields
                    return {one.name: type_of(one.dataType.simpleString()) for one in fields}
                case "csv":
                    found = reader.options(**TEXTS, sep=separator(path)).csv(path)
                    return dict.fromkeys(found.columns, pl.String())
                case _:
                    return {}

    def read(self, files: Files) -> Given:
        """The rows of some files."""
        paths = [address(path) for path in files.paths]
        with told(files.name):
            match files.kind:
                case "parquet":
                    return self._parquet(files, paths)
                case "csv":
                    return self._csv(files, paths)
                case _:
                    return self._json(files, paths)

    def _parquet(self, files: Files, paths: list[str]) -> Given:
        frame = self._session.read.parquet(*paths)
        columns = [self.dialect.name(name) for name in files.schema]
        columns += [self._file(files), f"_metadata.row_index AS {PLACE}"]
        columns += [f"CAST(NULL AS BIGINT) AS {LINE}", f"CAST(NULL AS STRING) AS {UNREAD}"]
        return Given(frame.selectExpr(*columns), files.schema)

    def _csv(self, files: Files, paths: list[str]) -> Given:
        """Lines with too few or too many cells are kept as Spark's own corrupt records."""
        how: dict[str, str | bool] = {
            **TEXTS,
            "enforceSchema": False,
            "columnPruning": False,
            "sep": files.separator,
        }
        reader = self._session.read.options(**how, columnNameOfCorruptRecord=UNREAD)
        names = [*files.schema, UNREAD]
        frame = reader.schema(", ".join(f"{self.dialect.name(n)} STRING" for n in names)).csv(paths)
        columns = [self.dialect.name(name) for name in files.schema]
        columns += [self._file(files), *NOWHERE, UNREAD]
        return Given(frame.selectExpr(*columns), files.schema)

    def _json(self, files: Files, paths: list[str]) -> Given:
        """Each line is read as a text first, and then taken apart."""
        names = ", ".join(map(self.dialect.text, files.schema))
        shape = self.dialect.text(", ".join(f"{self.dialect.name(n)} STRING" for n in files.schema))
        fits = "json_object_keys(value) IS NOT NULL AND try_parse_json(value) IS NOT NULL"
        if not files.extra:
            fits += f" AND size(array_except(json_object_keys(value), array({names}))) = 0"
        lines = self._session.read.text(paths).where("trim(value) <> ''")
        frame = lines.selectExpr("value", self._file(files), f"COALESCE({fits}, FALSE) AS fits")
        cells = f"CASE WHEN fits THEN from_json(value, {shape}) END AS cells"
        frame = frame.selectExpr("*", cells)
        columns = [f"cells.{self.dialect.name(name)}" for name in files.schema]
        columns += [FILE, *NOWHERE]
        columns.append(f"CASE WHEN NOT fits THEN value END AS {UNREAD}")
        return Given(frame.selectExpr(*columns), files.schema)

    def _file(self, files: Files) -> str:
        alone = len(files.paths) == 1 and Path(files.paths[0]).is_file()
        name = self.dialect.text(files.paths[0]) if alone else "_metadata.file_path"
        return f"{name} AS {FILE}"

    def handed(self, frame: pl.DataFrame) -> DataFrame:
        """A table of Polars, handed over row by row."""
        texts = [name for name, type_ in frame.schema.items() if type(type_) not in NATIVE]
        plain = frame.with_columns(pl.col(texts).cast(pl.String))
        types = (
            f"{self.dialect.name(name)} {NATIVE[type(type_)]}"
            for name, type_ in plain.schema.items()
        )
        return self._session.createDataFrame(plain.rows(), ", ".join(types))

    # --- between --------------------------------------------------------------------------------

    def select(self, frame: DataFrame, terms: Mapping[str, str]) -> DataFrame:
        """A frame with a column for each term."""
        return frame.selectExpr(*(f"{t} AS {self.dialect.name(n)}" for n, t in terms.items()))

    def where(self, frame: DataFrame, term: str) -> DataFrame:
        """The rows of which a term is true."""
        return frame.where(term)

    def together(self, frames: Sequence[DataFrame]) -> DataFrame:
        """The rows of all frames, by the names of their columns."""
        whole = frames[0]
        for frame in frames[1:]:
            whole = whole.unionByName(frame, allowMissingColumns=True)
        return whole

    def rows(self, frame: DataFrame) -> Iterator[dict[str, Any]]:
        """The rows of a frame, one partition after the other."""
        with told("the input"):
            for row in frame.toLocalIterator():
                found = row.asDict()
                if found.get(FILE):
                    found[FILE] = shown(found[FILE])
                yield found

    def count(self, frame: DataFrame) -> int:
        """How many rows a frame has."""
        with told("the input"):
            return frame.count()

    # --- out ------------------------------------------------------------------------------------

    def stands(self, out: str) -> bool:
        """Whether there is something at a path already."""
        with told(out):
            files, path = self._files(out)
            return bool(files.exists(path))

    def write(self, frame: DataFrame, out: str, format: str, metadata: str) -> None:
        """Write a folder; what its readers must know stands beside it."""
        with told(out):
            writer = frame.write.mode("overwrite")
            match format:
                case "parquet":
                    writer.option("compression", "zstd").parquet(address(out))
                case "csv":
                    writer.options(**TEXTS).csv(address(out))
                case _:
                    writer.option("ignoreNullFields", False).json(address(out))
            self._note(f"{out.rstrip('/')}.meta.json", metadata)

    def _note(self, path: str, text: str) -> None:
        if not REMOTE.match(path):
            Path(path).write_text(text + "\n", "utf-8")
            return
        files, place = self._files(path)
        stream = files.create(place, True)
        stream.write(bytearray(text.encode()))
        stream.close()

    def _files(self, path: str) -> tuple[Any, Any]:
        """The file system of an address, and the address as it knows it."""
        context = self._session.sparkContext
        java: Any = context._jvm  # noqa: SLF001 - Spark has no other way to its file systems
        place = java.org.apache.hadoop.fs.Path(address(path))
        return place.getFileSystem(context._jsc.hadoopConfiguration()), place  # noqa: SLF001

    def written(self, out: str, format: str, names: Sequence[str]) -> DataFrame:
        """Columns of texts of what was written, read again."""
        reader, path = self._session.read, address(out)
        with told(out):
            match format:
                case "parquet":
                    found = reader.parquet(path)
                case "csv":
                    found = reader.options(**TEXTS, multiLine=True).csv(path)
                case _:
                    types = ", ".join(f"{self.dialect.name(name)} STRING" for name in names)
                    found = reader.schema(types).json(path)
            return found.selectExpr(*map(self.dialect.name, names))

    def tally(self, frame: DataFrame, each: str) -> Mapping[str, int]:
        """How often each text comes up that a term gives."""
        with told("what was written"):
            listed = frame.selectExpr(f"{each} AS counted").groupBy("counted").count()
            return {row[0]: row[1] for row in listed.collect()}

    def close(self) -> None:
        """Stop the session where it is our own."""
        if self._own:
            self._session.stop()


def kind_of(path: str) -> str | None:
    """What the name of a path says it holds."""
    return SUFFIXES.get(Path(path.rstrip("/*")).suffix.lower())


def separator(path: str) -> str:
    """What stands between two cells."""
    return "\t" if path.rstrip("/*").lower().endswith(".tsv") else ","


def address(path: str) -> str:
    """A path as Spark reads it: one without a scheme is a file that every worker can read."""
    return path if REMOTE.match(path) else f"file://{Path(path).absolute()}"


def shown(found: str) -> str:
    """The name of a file as people write it.

    >>> shown("file:///tmp/a%20b.csv"), shown("hdfs://host/a.csv")
    ('/tmp/a b.csv', 'hdfs://host/a.csv')
    """
    local = re.fullmatch(r"file:(?://)?(/.*)", found)
    return unquote(local[1]) if local else found


def type_of(native: str) -> pl.DataType:
    """The type that Polars has for one of Spark's."""
    if native.startswith("decimal"):
        return pl.Float64()
    if native.startswith(("char", "varchar")):
        return pl.String()
    return TYPES.get(native, pl.Binary())


@contextlib.contextmanager
def told(name: str) -> Iterator[None]:
    """What Spark says, as one sentence."""
    try:
        yield
    except Exception as error:
        if not from_java(error):
            raise
        said = first_sentence(error)
        if "PATH_NOT_FOUND" in str(error):
            raise refuse("no-such-file", f"there is no file `{name}`") from None
        raise EngineError(f"Spark gave up on `{name}`: {said}") from None
