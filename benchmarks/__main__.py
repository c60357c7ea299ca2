"""Every table of benchmarks/, one after the other: `python -m benchmarks`."""

from __future__ import annotations

import runpy
import sys

for name in ("rete", "decide", "audit", "batch", "engines"):
    sys.argv = [name]
    print(f"\n## {name}\n")
    runpy.run_module(f"benchmarks.{name}", run_name="__main__")
