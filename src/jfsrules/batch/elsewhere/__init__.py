"""A batch on another engine: DuckDB for more than fits in memory, Spark for more than one machine.

Tables are read, typed, answered for and written by the engine, with the same expressions as on
Polars. Files of cases are read here and handed over. Rows that do not fit come back here, where
what is wrong with each is said in the same words.
"""

from jfsrules.batch.elsewhere.running import ENGINES, answer_elsewhere

__all__ = ["ENGINES", "answer_elsewhere"]
