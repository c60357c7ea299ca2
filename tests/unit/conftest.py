"""Where durable-rules cannot be installed there is nothing of it to test."""

from importlib.util import find_spec

OF_RETE = ["test_durable_rules_traps.py", "test_rete.py", "test_rete_shard.py"]
collect_ignore = [] if find_spec("durable_rules_engine") else OF_RETE
