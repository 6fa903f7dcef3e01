"""Writes a failure as files: a script for sh, a test for pytest, a diagram, a page."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from etalon_conformance.concluding import Concluded, Examined
from etalon_conformance.evidence.plan import Plan
from etalon_conformance.evidence.planning import LOCAL, Setting, plan_of
from etalon_conformance.evidence.pytest_file import test_file
from etalon_conformance.evidence.sentences import LANGUAGES, Story, page, sentence
from etalon_conformance.evidence.sequence import sequence
from etalon_conformance.evidence.shell import script
from etalon_conformance.races.evidence import write_races
from etalon_conformance.requirement import Requirement

FOLDER: Final = "counterexamples"
SCRIPT: Final = "replay.sh"
TEST: Final = "test_replay.py"
_USAGE: Final = (
    "",
    "Replays the calls of the check and looks at the answers again. Needs curl and python3.",
    "    sh replay.sh [FHIR BASE]     (or ETALON_TARGET; else {default})",
    "Exit code: 1 the defect shows; 0 it does not; 2 nothing can be said (no server, or another",
    "call went wrong before). ETALON_ROOT and ETALON_SANDBOX say where those are, CURL_OPTIONS",
    "what else curl is told (--cacert, --cert …), ETALON_SECONDS how long a call may take (30).",
    "CERT_FIRST and CERT_SECOND are files of client certificates, where calls show them.",
)


def write_counterexample(
    run: Path,
    concluded: Concluded,
    requirement: Requirement,
    examined: Examined,
    setting: Setting,
) -> str:
    """Write the folder of a failure or of a finding; return its name.

    Args:
        run: Directory of the run.
        concluded: The verdict, with the assertion it rests on.
        requirement: The requirement.
        examined: What the check did.
        setting: The target.

    Raises:
        ValueError: The verdict rests on no assertion.
        OSError: The files cannot be written.
    """
    broken = concluded.assertion
    if broken is None:
        message = f"{concluded.result.requirement}: a verdict without an assertion"
        raise ValueError(message)
    last = max((one.number for one in broken.exchanges), default=0)
    held = tuple(one for one in examined.exchanges if one.number <= last)
    story = Story(
        requirement=requirement,
        result=concluded.result,
        assertion=broken,
        exchanges=held,
        setting=setting,
    )
    name = f"{requirement.ident}-{examined.check.name}"
    folder = run / FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    default = setting.fhir_base if setting.lasts else LOCAL
    try:
        plan = plan_of(broken, examined.asserted, held, setting)
        problem = _problem(plan)
        if not problem:
            _write_scripts(folder, story, plan, default)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 (a script that cannot be made must not lose a verdict)
        problem = f"{type(error).__name__}: {error}"
    story = replace(story, problem=story.safe(problem))
    write_races(folder, broken.exchanges)
    (folder / "README.md").write_text(page(story, default), encoding="utf-8")
    (folder / "sequence.svg").write_text(sequence(story, "en"), encoding="utf-8")
    (folder / "sequence.fr.svg").write_text(sequence(story, "fr"), encoding="utf-8")
    return name


def _problem(plan: Plan) -> str:
    """Return why a plan cannot be a script: what a program of the profile did is not in it."""
    if plan.by_hand:
        return ", ".join(dict.fromkeys(plan.by_hand))
    return "" if plan.calls else "-"


def _write_scripts(folder: Path, story: Story, plan: Plan, default: str) -> None:
    setting = story.setting
    defaults = {"base": default, "root": "", "sandbox": ""}
    if setting.lasts:
        if setting.root != default.removesuffix("/fhir"):
            defaults["root"] = setting.root
        if setting.sandbox and setting.sandbox != f"{setting.root}/sandbox":
            defaults["sandbox"] = setting.sandbox
    name = f"{story.requirement.ident} {story.result.check}"
    told = [sentence(story, language) for language in reversed(LANGUAGES)]
    comment = [name, *told, *(line.format(default=default) for line in _USAGE)]
    path = folder / SCRIPT
    path.write_text(script(plan, comment, defaults, setting.sources), encoding="utf-8")
    path.chmod(0o755)
    written = test_file(plan, name, [name, *told], defaults)
    (folder / TEST).write_text(written, encoding="utf-8")
