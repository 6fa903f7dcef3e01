"""What may be typed to explore a policy on a page."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import LANG, Command, Parameter

DEFAULT_PORT: Final = 8765
DEFAULT_PEOPLE: Final = 20_000

EXPLORE: Final = Command(
    words=("explore",),
    module="explore_command",
    parameters=(
        Parameter(name="scenario", metavar="SCENARIO", default="launch-2022"),
        Parameter(name="--port", metavar="PORT", default=str(DEFAULT_PORT)),
        Parameter(name="--population", metavar="PEOPLE", default=str(DEFAULT_PEOPLE)),
        Parameter(name="--workers", metavar="N", otherwise="cores"),
        Parameter(name="--export", metavar="FILE"),
        Parameter(name="--sweep", metavar="KEY=VALUES", take="each"),
        LANG,
    ),
    examples=(
        "etalon explore",
        "etalon explore --export page.html --lang fr",
        "etalon explore --export page.html --sweep hotline.agents=500,900 --sweep costs.call=4,6",
        "etalon explore letters-to-seniors --port 0 --lang fr",
    ),
    notes=("page_local", "page_answers", "page_exported", "page_closed"),
)
