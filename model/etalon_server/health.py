"""Whether a server lives and whether it takes requests."""

import os
import time
from pathlib import Path

from etalon_server.exchange import Desk
from etalon_server.metrics import Gauges
from etalon_wire.json_body import Resource


def health_of(desk: Desk) -> tuple[bool, Resource]:
    """Return whether requests are taken, and why not."""
    failure = desk.host.failure
    if failure is None:
        return True, {"status": "ready"}
    return False, {"status": "failed", "kind": type(failure).__name__}


def gauges_of(desk: Desk) -> Gauges:
    """Return values of the moment, for the metrics."""
    cache = desk.cache
    return {
        **_memory(),
        "etalon_people": ("People affiliated.", len(desk.host.service)),
        "etalon_commands_waiting": (
            "Commands carried out and not yet on the disk.",
            desk.host.waiting,
        ),
        "etalon_cache_bytes": ("Bytes of encoded documents held.", cache.size_bytes),
        "etalon_cache_entries": ("Encoded documents held.", len(cache)),
        "etalon_ready": ("1 when requests are taken.", float(desk.host.failure is None)),
    }


def counters_of(desk: Desk) -> Gauges:
    """Return what only grows, for the metrics."""
    cache = desk.cache
    return {
        "process_cpu_seconds_total": ("CPU seconds of the process.", time.process_time()),
        "etalon_cache_hits_total": ("Documents answered from the cache.", cache.hits),
        "etalon_cache_misses_total": ("Documents encoded anew.", cache.misses),
        "etalon_group_commits_total": ("Group commits to the journal.", desk.host.groups),
    }


def _memory() -> Gauges:
    """Return the memory in use, under the name that Prometheus gives it; nothing where unknown."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return {}
    in_use = float(pages * os.sysconf("SC_PAGE_SIZE"))
    return {"process_resident_memory_bytes": ("Memory in use, in bytes.", in_use)}
