"""Programs that give tokens run in a worker too, where threads are greenlets that take turns."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

WORKER: Final = """
from gevent import monkey; monkey.patch_all()
import json, sys, gevent
from pathlib import Path
from etalon_target.programs import ProgramError, run_program

turns = 0
def others():
    global turns
    while True:
        turns += 1
        gevent.sleep(0.01)
gevent.spawn(others)

def ran(*line, seconds=20.0, most=1 << 20):
    try:
        found = run_program([sys.executable, "-c", *line], Path("."), seconds, most)
    except ProgramError as error:
        return str(error).partition(" ")[2]
    return [found.code, len(found.output), found.errors]

told = [
    ran("print('t' * 200_000)"),
    ran("import time; time.sleep(0.3); print('late')"),
    ran("import sys; sys.exit('no')"),
    ran("print('t' * 200_000)", most=1_000),
    ran("import time; time.sleep(60)", seconds=0.5),
]
print(json.dumps([told, turns]))
"""


def test_a_program_is_heard_to_its_end_while_others_go_on(tmp_path: Path) -> None:
    """Bounded in time and size as anywhere."""
    paths = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", WORKER],
        check=True,
        capture_output=True,
        cwd=tmp_path,
        env=paths,
        timeout=120,
    )

    told, turns = json.loads(done.stdout)
    assert told == [
        [0, 200_001, ""],
        [0, 5, ""],
        [1, 0, "no\n"],
        "wrote more than 1000 bytes and was stopped",
        "took more than 0.5 seconds and was stopped",
    ]
    assert turns > 10
