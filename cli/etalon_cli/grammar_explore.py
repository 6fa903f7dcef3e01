"""What may be typed to explore a policy on a page."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import LANG, Command, Parameter

DEFAULT_PORT: Final = 8765
DEFAULT_PEOPLE: Final = 20_000

EXPLORE: Final = Command(
    words=("explore",),
    help="open a page on this machine where levers are moved and the national run answers",
    module="explore_command",
    parameters=(
        Parameter(
            name="scenario",
            help="scenario that the page opens with: name of a shipped one, or path of a TOML file",
            metavar="SCENARIO",
            default="launch-2022",
        ),
        Parameter(
            name="--port",
            help="port to listen on, between 0 and 65535; 0 takes a free one",
            metavar="PORT",
            default=str(DEFAULT_PORT),
        ),
        Parameter(
            name="--population",
            help="people of the coarse answer, between 1000 and 1000000",
            metavar="PEOPLE",
            default=str(DEFAULT_PEOPLE),
        ),
        Parameter(
            name="--workers",
            help="processes for the draws behind the intervals",
            metavar="N",
            default="the number of cores, at most 8",
        ),
        Parameter(
            name="--export",
            help="write one page that needs no server, over a sweep of two or three levers, in "
            "place of serving one",
            metavar="FILE",
        ),
        Parameter(
            name="--sweep",
            help="a lever of the exported page and its values, such as hotline.agents=500,1000,"
            "2000; two or three of them, at most 400 points",
            metavar="KEY=VALUES",
            take="each",
        ),
        LANG,
    ),
    examples=(
        "etalon explore",
        "etalon explore --export page.html --lang fr",
        "etalon explore --export page.html --sweep hotline.agents=500,900 --sweep costs.call=4,6",
        "etalon explore letters-to-seniors --port 0 --lang fr",
    ),
    notes=(
        (
            "The page listens on 127.0.0.1 and asks nothing of any other machine. It needs Shiny, "
            "which comes with the extra `explore`."
        ),
        (
            "A coarse answer comes first, then the run of everybody; runs of everybody are made "
            "one at a time, each session in turn. Nothing stays on the disk once the page is "
            "closed: take away what you want to keep."
        ),
        (
            "An exported page is under 5 MB and interpolates between the points of its sweep, "
            "which it says; without `--sweep`, the levers are the window to object, the age from "
            "which a letter is sent and the points of trust. It simulates `--population` people a "
            "point."
        ),
        "Ctrl-C or SIGTERM closes the page, with exit code 0.",
    ),
)
