"""The example of the README runs as it is printed."""

import contextlib
import io
import re

from import_table import ROOT


def test_the_example_of_the_readme_does_what_it_shows() -> None:
    """A body goes to XML, and a patch becomes a change of status."""
    readme = (ROOT / "model" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", readme.partition("## etalon_wire")[2], re.DOTALL)
    said = io.StringIO()

    with contextlib.redirect_stdout(said):
        exec(blocks[0], {})  # noqa: S102 (our own text)

    assert '<status value="current"/>' in said.getvalue()
    assert "StatusChange(status='superseded', codes=None, archived=None)" in said.getvalue()
