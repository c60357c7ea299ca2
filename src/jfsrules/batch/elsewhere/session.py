"""A Spark session: the one there is, or one of our own, started quietly. Knows no table."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Final

from jfsrules.errors import EngineError, Unavailable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOCAL: Final = "local[*]"
MASTERS: Final = re.compile(
    r"local(\[(\*|\d+)(,\s*\d+)?\])?|local-cluster\[\d+,\s*\d+,\s*\d+\]"
    r"|spark://[^\s/:,]+:\d+(,[^\s/:,]+:\d+)*|yarn|k8s://\S+"
)
EVERYWHERE: Final = {"spark.log.level": "ERROR", "spark.ui.showConsoleProgress": "false"}
# Spark looks for what follows from each pair of columns, which takes minutes for hundreds of them.
ON_QUERIES: Final = {"spark.sql.constraintPropagation.enabled": "false"}
ON_ONE_MACHINE: Final = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
}
NO_JAVA: Final = (
    "Spark needs a Java runtime, version 17 or later, and none is found:"
    " install one, such as `openjdk-17-jre-headless`, or set `JAVA_HOME`"
)


def is_master(master: str) -> bool:
    """Whether a text names a Spark master.

    >>> [is_master(one) for one in ("local[2]", "spark://host:7077", "yarn", "spark:host", "here")]
    [True, True, True, False, False]
    """
    return MASTERS.fullmatch(master) is not None


def is_local(master: str) -> bool:
    """Whether a master stands on this machine."""
    return master.startswith("local")


def session(master: str | None) -> tuple[SparkSession, bool]:
    """A session, and whether it is our own to stop.

    Where a session runs already, as under `spark-submit` or in a notebook, it is that one. Raises
    Unavailable without PySpark or Java, EngineError where Spark does not start.
    """
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        raise Unavailable("`spark` needs PySpark: pip install 'jfsrules[spark]'") from None
    running = SparkSession.getActiveSession()
    if running is not None and master in (None, running.sparkContext.master):
        return running, False
    if running is not None:
        stands = running.sparkContext.master
        raise EngineError(f"a Spark session runs already on `{stands}`, and not on `{master}`")
    submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    wanted = None if submitted and master is None else master or LOCAL
    if not submitted and not _java():
        raise Unavailable(NO_JAVA)
    return _started(wanted), True


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return shutil.which(f"{home}/bin/java" if home else "java") is not None


def _started(master: str | None) -> SparkSession:
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("jfsrules batch")
    if master is not None:
        builder = builder.master(master)
    settings = dict(EVERYWHERE)
    if master is not None and is_local(master):
        settings |= ON_ONE_MACHINE
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    for name, value in settings.items():
        builder = builder.config(name, value)
    with _aside() as said:
        try:
            return builder.getOrCreate()
        except PySparkException as error:
            reason = _last(said) or first_sentence(error)
        except Exception as error:
            if not from_java(error):
                raise
            reason = first_sentence(error)
    raise EngineError(f"Spark did not start on `{master or 'the master it was given'}`: {reason}")


@contextlib.contextmanager
def _aside() -> Iterator[IO[bytes]]:
    """Standard error goes into a file, for Java too, which keeps it there for good: its first
    words and its stack traces are not for the reader of a terminal."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield said
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _last(said: IO[bytes]) -> str:
    """The first error that Java told of while it started."""
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").splitlines()
    found = [line for line in lines if "Error" in line or "Exception" in line]
    return _short(found[0]) if found else ""


def from_java(error: BaseException) -> bool:
    """Whether an error comes out of Spark's Java side, or from the way there."""
    return type(error).__module__.partition(".")[0] in {"py4j", "pyspark"}


def first_sentence(error: BaseException) -> str:
    """What an error of Spark says, without its stack trace.

    >>> first_sentence(ValueError("[PATH_NOT_FOUND] Path does not exist: x. SQLSTATE: 42K03"))
    'Path does not exist: x'
    """
    said = str(error)
    causes = re.findall(r"^Caused by: (.+)$", said, re.MULTILINE)
    java = getattr(error, "java_exception", None)
    if not causes and java is not None:
        said = str(java.getMessage() or java.toString())
    return _short(causes[-1] if causes else said)


def _short(said: str) -> str:
    line = next((one for one in said.splitlines() if one.strip()), "nothing is known of why")
    line = re.sub(r"^(\S*(Exception|Error): )+", "", line.strip())
    line = re.sub(r"^\[[A-Z0-9_.]+\] ", "", line)
    line = re.sub(r" ?SQLSTATE: \w+.*$", "", line)
    return line[:400].rstrip(". ")
