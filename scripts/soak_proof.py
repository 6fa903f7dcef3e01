"""Half an hour of load at one rate: latency and memory of our server stay where they were.

The load is a `soak`: its own verdict tells whether objectives hold and whether anything rose. What
it says is left as the figures of the proof; the exit code is 0 when it passes. People think five
times faster than they do, so that the last journeys end soon after the half hour.

    python scripts/soak_proof.py [--minutes 30] [--peak 10]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from results import Json


def soaked(minutes: float, peak: float, out: Path) -> int:
    """Send the load, and return the exit code of the command."""
    load = ("load", "run", "--target", "embedded", "--profile", "soak", "--lang", "en")
    asked = ("--peak", f"{peak:g}", "--duration", f"{minutes:g}m", "--time-scale", "5")
    return subprocess.run(
        [sys.executable, "-m", "etalon_cli", *load, *asked, "--out", str(out)], check=False
    ).returncode


def figures_of(out: Path) -> dict[str, Json]:
    """Return what is kept of a load: its verdict, what drifted, latencies, counts."""
    told = json.loads((out / "summary.json").read_bytes())
    kept = ("verdict", "steadiness", "drift", "faults", "totals", "response", "lag", "server")
    missed: list[Json] = [
        f"{one['journey']} {one['step']} {one['reason']}".replace("  ", " ")
        for one in told["objectives"]
        if one["verdict"] != "PASS"
    ]
    return {**{name: told[name] for name in kept}, "objectives_not_held": missed}


def main() -> int:
    """Soak, and keep what it says; 0 when it passes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--peak", type=float, default=10.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "soak"
        code = soaked(asked.minutes, asked.peak, out)
        if not (out / "summary.json").is_file():
            return code or 1
        figures = figures_of(out)
    text = json.dumps(figures, indent=2, ensure_ascii=False)
    print(text)
    if "ETALON_FIGURES" in os.environ:
        (Path(os.environ["ETALON_FIGURES"]) / "figures.json").write_text(text + "\n", "utf-8")
    return 0 if figures["verdict"] == "PASS" else 1


if __name__ == "__main__":
    sys.exit(main())
