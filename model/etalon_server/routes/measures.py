"""Measures: of referenced services (W-MEA-01 to W-MEA-06), and of whoever decides for a space."""

from collections.abc import Mapping
from typing import Final

from etalon_server.exchange import Handler
from etalon_server.measures.entering import enter_measure, read_measure, read_measures
from etalon_server.measures.feeding import feed_measure
from etalon_server.measures.searching import find_measures

HANDLERS: Final[Mapping[str, Handler]] = {
    "feed_measure": feed_measure,
    "find_measures": find_measures,
    "find_measures_by_form": find_measures,
    "enter_measure": enter_measure,
    "read_measure": read_measure,
    "read_measures": read_measures,
}
