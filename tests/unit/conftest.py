"""Where durable-rules cannot be installed there is nothing of it to test."""

from importlib.util import find_spec

collect_ignore = (
    [] if find_spec("durable_rules_engine") else ["test_durable_rules_traps.py", "test_rete.py"]
)
