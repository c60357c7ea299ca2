"""Where durable-rules cannot be installed there is one engine less to agree with."""

from importlib.util import find_spec

collect_ignore = (
    [] if find_spec("durable_rules_engine") else ["test_engines_agree.py", "test_faults.py"]
)
