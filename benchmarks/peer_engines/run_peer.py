"""Run the workload once on one engine, in this process, and say what it cost.

python -m peer_engines.run_peer ENGINE WORKLOAD WARM, from `benchmarks`: the workload WARM runs
first, so that nothing is imported or compiled while the clock runs.
"""

import gc
import importlib
import json
import resource
import sys
import time
from pathlib import Path

from peer_engines.workload import Workload, digest


def main() -> None:
    """Warm up, run, print."""
    engine = importlib.import_module(f"peer_engines.{sys.argv[1]}")
    work, warm = Workload(Path(sys.argv[2])), Workload(Path(sys.argv[3]))
    engine.run(warm)
    gc.collect()
    started = time.process_time()
    counted = engine.run(work)
    sealed = digest(counted)
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_bytes = peak if sys.platform == "darwin" else peak * 1024
    print(json.dumps({"cpu_seconds": seconds, "peak_bytes": peak_bytes, "digest": sealed}))


if __name__ == "__main__":
    main()
