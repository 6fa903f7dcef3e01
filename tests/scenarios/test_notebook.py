# pyright: standard
"""The notebook of the documents runs as it stands, and is kept without its outputs."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

DOCS = Path(__file__).parents[2] / "docs"
NOTEBOOK = DOCS / "notebooks" / "first-question.ipynb"
GUIDE = DOCS / "guides" / "python.md"


@pytest.mark.filterwarnings("default::DeprecationWarning")
def test_the_first_question_is_answered_from_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each cell ends well, and shows the frame that the text beside it speaks of."""
    for name in ("IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    asyncio.run(client.async_execute(env=environment))

    shown = [
        str(output["data"].get("text/html", output["data"]["text/plain"]))
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output["output_type"] == "execute_result"
    ]
    words = ("opt_out_rate", "as it was", "informed", "R. 1111-28")
    assert [word in one for word, one in zip(words, shown, strict=True)] == [True] * len(words)


def test_a_notebook_is_kept_without_what_it_showed() -> None:
    """Outputs differ from machine to machine; the text is what is reviewed."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]

    assert code
    assert [(cell["outputs"], cell["execution_count"]) for cell in code] == [([], None)] * len(code)


def test_the_program_of_the_guide_runs_as_it_stands(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fewer people, fewer seeds and plain frames, to take less time."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setattr("etalon_scenarios.asking.REPLICATIONS", 2)
    program = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert program is not None
    short = program[1].replace("population=2_000", "population=600").replace("300", "60")

    exec(compile(short, GUIDE.name, "exec"), {})  # noqa: S102 (our own page)

    before, after, difference = capsys.readouterr().out.splitlines()
    assert int(before.split()[0]) > int(after.split()[0])
    assert float(difference) == float(difference)
