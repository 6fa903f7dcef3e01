"""What patches a process stays in processes of its own: who imports gevent and Locust is known."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOAD = ROOT / "load/etalon_load"
ON_GEVENT = {
    "alarm.py",
    "dispatching.py",
    "generator.py",
    "http_client.py",
    "linking.py",
    "on_locust.py",
    "patience.py",
    "plain_connection.py",
}


KNOWN = {"locust": {"on_locust.py"}, "gevent": ON_GEVENT, "flask": {"web_panel.py"}}
IMPORT = re.compile(r"^ *(?:import|from) (locust|gevent|flask)\b", re.MULTILINE)


def test_few_modules_know_what_patches() -> None:
    """Nobody else imports it, in any package."""
    found: dict[str, set[str]] = {name: set() for name in KNOWN}
    for package in ROOT.glob("*/etalon_*"):
        for module in package.rglob("*.py"):
            for library in IMPORT.findall(module.read_text(encoding="utf-8")):
                found[library].add(str(module.relative_to(LOAD)))

    assert found == KNOWN


def test_who_plans_and_judges_is_not_patched() -> None:
    """Commands import neither Locust nor its patches, and sockets stay those of the system."""
    script = (
        "import sys, socket, etalon_cli.load_run_command, etalon_cli.load_capacity_command\n"
        "import etalon_load.running, etalon_load.searching\n"
        "assert 'locust' not in sys.modules and 'flask' not in sys.modules\n"
        "assert socket.socket.__module__ == 'socket'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
