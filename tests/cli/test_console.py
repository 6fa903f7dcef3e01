"""What is written while a run goes on, on a terminal and elsewhere."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from etalon_cli.console import ProgressLine, accept_any_character
from etalon_cli.interruption import Interruption, interruptible
from etalon_cli.options import LONGEST_RUN, check_memory, people_asked
from etalon_cli.stopping import Stopped
from etalon_scenarios.memory import memory_needed


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def show_all(line: ProgressLine, total: int) -> None:
    """Report every part of two stages."""
    for stage in ("days", "draws"):
        for done in range(total + 1):
            line.show(stage, done, total, "")
    line.end()


def test_a_log_gets_a_line_at_the_start_and_the_end_of_a_stage() -> None:
    """A thousand quick steps make two lines a stage, not a thousand."""
    log = io.StringIO()

    show_all(ProgressLine("en", log), 1000)

    assert log.getvalue().splitlines() == [
        "days simulated 0/1000",
        "days simulated 1000/1000",
        "draws of the parameters 0/1000",
        "draws of the parameters 1000/1000",
    ]


def test_a_terminal_gets_one_line_a_stage_that_fills() -> None:
    """The bar is drawn over itself; the line ends with its stage."""
    terminal = Terminal()

    show_all(ProgressLine("fr", terminal), 4)

    first, second, rest = terminal.getvalue().split("\n")
    assert first.split("\r")[-1] == f"[{'#' * 28}] jours simulés 4/4"
    assert second.split("\r")[1].startswith(f"[{'.' * 28}] tirages des paramètres 0/4")
    assert rest == ""


def test_a_terminal_without_the_signs_of_print_gets_those_of_a_keyboard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What no keyboard has either becomes a question mark; nothing ends the run."""
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, "latin-1"))

    accept_any_character()
    print("l\u2019été\u202f: 23\u202f180 \u2265 5\u00a0%", flush=True)  # noqa: T201 (the claim)

    assert written.getvalue().decode("latin-1") == "l'été : 23 180 ? 5\u00a0%\n"


def test_the_first_signal_asks_and_the_second_interrupts() -> None:
    """Whoever presses Ctrl-C twice does not want to wait for the end of the day."""
    interruption = Interruption()

    interruption.receive(2, None)

    assert interruption.is_asked()
    with pytest.raises(KeyboardInterrupt):
        interruption.receive(2, None)


def test_signals_are_as_before_once_a_run_is_over() -> None:
    """The handlers are put back, even after an error."""
    import signal  # noqa: PLC0415 (used here only)

    before = signal.getsignal(signal.SIGINT)

    with interruptible():
        assert signal.getsignal(signal.SIGINT) != before

    assert signal.getsignal(signal.SIGINT) == before


@pytest.mark.skipif(sys.platform == "win32", reason="a pipeline of POSIX systems")
def test_a_reader_who_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    """`etalon scenarios schema | head -1` ends without a message."""
    script = f"'{sys.executable}' -m etalon_cli scenarios schema | head -1; exit ${{PIPESTATUS[0]}}"

    answer = subprocess.run(
        ["/bin/bash", "-c", script], capture_output=True, check=False, cwd=tmp_path
    )

    assert (answer.returncode, answer.stderr) == (0, b"")
    assert answer.stdout == b"{\n"


@pytest.mark.parametrize(
    ("typed", "people"),
    [(None, 1000), ("full", 1000), ("10", 10), ("0.5", 500), ("1", 1), ("1000", 1000)],
)
def test_a_population_is_a_number_a_share_or_full(typed: str | None, people: int) -> None:
    """Of a scope of a thousand people; 1 is one person, below 1 is a share."""
    assert people_asked(typed, 1000) == people


@pytest.mark.parametrize(("spare", "refused"), [(None, False), (0, False), (-1, True)])
def test_a_population_that_cannot_fit_is_refused_at_once(
    spare: int | None, *, refused: bool
) -> None:
    """What a run is estimated to need, against what is available."""
    needed = memory_needed(1, LONGEST_RUN, "agents")
    available = None if spare is None else needed + spare
    if refused:
        with pytest.raises(Stopped) as stopped:
            check_memory(1, available)
        assert stopped.value.exit_code == 2
    else:
        check_memory(1, available)
