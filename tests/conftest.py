"""What every test run shares: how deep chance digs, and the account of what ran.

`ETALON_EFFORT` is read once, here. A property takes its number of examples from the profile;
one that needs fewer or more asks in proportion (`@settings(max_examples=settings().max_examples
// 4)`), so that one number deepens them all.
"""

import json
import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings

from tiers import (
    EXAMPLES,
    Account,
    allotments,
    effort_asked,
    not_run,
    package_of,
    skips_agreed,
    slowness,
    stride,
)

EFFORT = effort_asked()
ACCOUNT = Account()

settings.register_profile(
    "etalon", max_examples=EXAMPLES * EFFORT, derandomize=True, deadline=None, database=None
)
settings.load_profile("etalon")


@pytest.fixture(scope="session")
def effort() -> int:
    """Factor on random depth: 1 in `make test`, 20 in `make prove`."""
    return EFFORT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the properties, so that the account can count those that ran."""
    for item in items:
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.user_properties.append(("property", True))


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Time a stride after the last test of each module, in the process that ran it."""
    if nextitem is None or nextitem.path != item.path:
        item.user_properties.append(("stride", stride()))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add one phase of one test to the account."""
    ACCOUNT.seconds[package_of(report.nodeid)] += report.duration
    ACCOUNT.seen.add(report.nodeid)
    if report.when == "call" or not report.passed:
        ACCOUNT.outcomes[report.outcome] += 1
    if report.when == "call" and ("property", True) in report.user_properties:
        ACCOUNT.properties += 1
    if report.when == "teardown":
        ACCOUNT.strides += [float(str(s)) for name, s in report.user_properties if name == "stride"]
    if report.skipped and not hasattr(report, "wasxfail"):
        ACCOUNT.skipped.add(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A module skipped as a whole counts as one skipped test."""
    if report.skipped:
        ACCOUNT.skipped.add(report.nodeid)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Turn a broken agreement into a failure of the run, and hand the figures over."""
    if not _reports_here(session.config):
        yield
        return
    if _faults(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    yield
    if folder := os.environ.get("ETALON_FIGURES"):
        figures = {
            "effort": EFFORT,
            "examples_per_property": EXAMPLES * EFFORT,
            "properties": ACCOUNT.properties,
            "outcomes": dict(sorted(ACCOUNT.outcomes.items())),
            "seconds": {name: round(s, 1) for name, s in sorted(ACCOUNT.seconds.items())},
        }
        text = json.dumps(figures, indent=2) + "\n"
        (Path(folder) / "figures.json").write_text(text, encoding="utf-8")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what ran: effort, properties, seconds of each package beside its allotment."""
    terminalreporter.section("what ran")
    terminalreporter.line(
        f"effort {EFFORT}: {ACCOUNT.properties} properties, "
        f"{EXAMPLES * EFFORT} examples each unless they ask in proportion"
    )
    allotted = allotments()
    for package, used in sorted(ACCOUNT.seconds.items()):
        beyond = ", beyond its own" if used > allotted.get(package, 0) else ""
        terminalreporter.line(f"{package:12} {used:6.1f} s of {allotted.get(package, 0)} s{beyond}")
    terminalreporter.line(
        f"{'together':12} {sum(ACCOUNT.seconds.values()):6.1f} s of {sum(allotted.values())} s"
    )
    terminalreporter.line(
        f"{slowness(ACCOUNT.strides):.2f} times the seconds agreed for this machine's pace "
        f"({len(ACCOUNT.strides)} strides)"
    )
    for fault in _faults(terminalreporter.config):
        terminalreporter.line(f"FAILED {fault}", red=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Name what was not run, on the last line."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    line = not_run(ACCOUNT.skipped) if _reports_here(config) else ""
    if line and reporter is not None:
        reporter.write_line(line)


def _reports_here(config: pytest.Config) -> bool:
    """Tell whether this process gives the verdict: not a worker, and not only collecting."""
    return not hasattr(config, "workerinput") and not config.getoption("collectonly")


def _faults(config: pytest.Config) -> list[str]:
    """Compare the account with the agreements; seconds are allotted for effort 1."""
    selected = bool(config.getoption("keyword") or config.getoption("markexpr"))
    whole = config.args == config.getini("testpaths") and not selected
    return ACCOUNT.faults(allotments() if EFFORT == 1 else None, skips_agreed(), whole=whole)
