"""Arrivals wake their dispatcher when they are due, and nothing wakes it afterwards."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import json, sys, time
import gevent
from gevent.hub import get_hub
from etalon_load.alarm import DescriptorAlarm, LoopAlarm, alarm_of

rings = 0
class Counted(DescriptorAlarm):
    def _ring(self):
        global rings
        rings += 1
        super()._ring()

def slept(alarm, asked):
    began = time.perf_counter()
    alarm.sleep(asked)
    return time.perf_counter() - began

hub = get_hub()
found = {"chosen": type(alarm_of(hub)).__name__}
for kind in (DescriptorAlarm, LoopAlarm):
    alarm = kind(hub)
    found[kind.__name__] = sorted(slept(alarm, 0.0103) for _ in range(31))
    alarm.close()
alarm = Counted(hub)
sleeper = gevent.spawn(alarm.sleep, 0.02)
gevent.sleep(0.005)
sleeper.kill()
gevent.sleep(0.06)
found["rings"] = rings
found["again"] = slept(alarm, 0.01)
print(json.dumps(found))
"""

Found = dict[str, float | str | list[float]]


@pytest.fixture(scope="module")
def found() -> Found:
    """What sleepers of both kinds tell, in a process of their own."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: Found = json.loads(done.stdout)
    return told


@pytest.mark.skipif(sys.platform != "linux", reason="timer descriptors are of Linux")
def test_linux_wakes_a_dispatcher_by_a_descriptor(found: Found) -> None:
    """The loop's own timer waits in whole milliseconds."""
    assert found["chosen"] == "DescriptorAlarm"


@pytest.mark.parametrize("kind", ["DescriptorAlarm", "LoopAlarm"])
def test_nobody_is_woken_before_the_instant(kind: str, found: Found) -> None:
    """An arrival sent early would shorten its own latency."""
    slept = found[kind]
    assert isinstance(slept, list)
    assert min(slept) >= 0.0103


def test_a_descriptor_wakes_nearer_to_the_instant_than_the_loop(found: Found) -> None:
    """10.3 ms are 11 to the loop: the earliest waking of many says how fine each counts."""
    fine, coarse = found["DescriptorAlarm"], found["LoopAlarm"]
    assert isinstance(fine, list)
    assert isinstance(coarse, list)
    assert fine[0] < coarse[0]


def test_an_alarm_whose_sleeper_is_gone_rings_once(found: Found) -> None:
    """A descriptor that stays readable would spin the loop; it can be set again afterwards."""
    assert found["rings"] == 1
    again = found["again"]
    assert isinstance(again, float)
    assert again >= 0.01
