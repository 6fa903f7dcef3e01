"""The smallest opt-out scheme that still has every kind of event, and its tables for any engine.

It is `launch-2022` for adults alone, with what its peers do not have switched off: nobody is born
or dies, no e-mail fails, no letter comes back, nobody mistypes, and the web site admits everyone.
Left are waves by département, e-mail and post, wishes that ripen with the days, codes, openings
by silence, changes of mind, and a hotline of finite staff with impatience and closing time.

The tables hold integers only. With them and the draws of `peer_engines/workload.py`, any engine
must count the same events on the same days.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.departments import departments
from etalon_scenarios.draws import Slot, stream
from etalon_scenarios.law_building import build_law, lay_out
from etalon_scenarios.layout import CHILD_BANDS, SEXES
from etalon_scenarios.ledger import COUNT, COUNTERS, Ledger
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.parameters import AGE_BANDS
from etalon_scenarios.population_table import population_table, shipped_people
from peer_engines.workload import COUNTERS as COMMON

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from etalon_scenarios.law import Law
    from etalon_scenarios.layout import Layout
    from etalon_scenarios.scenario import Scenario

SEED: Final = 1
CHANGES: Final = (
    "population.vital_events=false",
    "population.protected_share=0",
    "enrolment.code_validity=P1Y",
    "notices.email_bounce=0",
    "post.letters_per_day=1000000000",
    "post.undelivered=0",
    "reading.email=1",
    "reading.letter=1",
    "friction.identity_failure=0",
    "friction.lost_code=0",
    "routes.phone=[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]",
    "routes.post=0",
    "routes.counter=0",
    "hotline.agents=300",
    "hotline.lines=1000000000",
    "hotline.retry=0",
    "hotline.attempts=1",
    "hotline.information_calls=0.02",
    "website.admissions_per_minute=1000000000",
    "creation.clock='own-notice'",
    "creation.per_day=1000000000",
    "creation.impossible_share=0",
    "closing.per_year=0",
)
"""What differs from `launch-2022`."""


def minimal_scenario(folder: Path) -> Scenario:
    """Load the scenario; its table of people is written into `folder`."""
    table = folder / "adults.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("department", "age_band", "sex", "people"))
        for code in departments():
            for band, pair in enumerate(shipped_people().counts[code]):
                for sex, people in zip(SEXES, pair, strict=True):
                    rows.writerow((code, AGE_BANDS[band], sex, people * (band >= CHILD_BANDS)))
    return load_scenario("launch-2022", [*CHANGES, f"population.table='{table.as_posix()}'"])


def write_tables(scenario: Scenario, people: int, file: Path) -> None:
    """Write the integers of the workload for so many people, as a NumPy archive."""
    table = population_table(scenario)
    layout = lay_out(scenario, table, people)
    days = (scenario.ends_on - scenario.starts_on).days + 1
    law = build_law(scenario, table, layout, days)
    tables = _tables(law, layout)
    np.savez(file, allow_pickle=False, **tables)


def _tables(law: Law, layout: Layout) -> dict[str, NDArray[np.int64]]:
    phone, opening, wave = law.phone, law.opening, law.waves[0]
    cells = [layout.cell_range(cell).start for cell in range(len(law.notice.email))]
    mail = [law.mail_day(day) for day in range(len(law.mail) - 7)]
    answering = [phone.open_day(day) for day in range(len(phone.open_days) - 7)]
    opens_on = [max(first, opening.starts) for first in opening.eligible]
    found: dict[str, object] = {
        "people": [layout.size],
        "days": [law.days],
        "cell_starts": [*cells, layout.size],
        "email": law.notice.email,
        "wave_days": wave.days,
        "wave_before": wave.before,
        "wave_size": wave.size,
        "wave_total": [wave.total],
        "post_delay": law.notice.post_delay,
        "mail_day": mail,
        "oppose": law.response.oppose,
        "activate": law.response.activate,
        "oppose_reached": np.cumsum(law.response.oppose_steps),
        "activate_reached": np.cumsum(law.response.activate_steps),
        "opens_on": opens_on,
        "information": [phone.information],
        "information_days": [phone.information_days],
        "answering_day": answering,
        "phone_opens": [phone.opens],
        "phone_span": [phone.span],
        "agents": [phone.agents],
        "service": phone.service,
        "patience": phone.patience,
        "keys": [_signed(stream(SEED, slot, again)) for slot, again in STREAMS],
    }
    return {name: np.array(value, dtype=np.int64) for name, value in found.items()}


def workload_counts(ledger: Ledger) -> dict[str, NDArray[np.int64]]:
    """Sum the ledger to the counts that all engines of the workload keep."""
    days = np.zeros((len(COUNTERS), ledger.days), dtype=np.int64)
    for day in range(ledger.days):
        addresses, counts = ledger.day_cells(day)
        np.add.at(days[:, day], addresses % len(COUNTERS), counts)
    found = {name: days[COUNT[name]] for name in COMMON if name in COUNT}
    return found | {"waiting": np.array(ledger.waiting, dtype=np.int64)}


STREAMS: Final = (
    (Slot.NOTICE, 0),
    (Slot.DELIVERY, 0),
    (Slot.OPPOSE, 0),
    (Slot.ACTIVATE, 0),
    (Slot.INFORMATION_CALL, 0),
    (Slot.CALL, 10),
    (Slot.CALL_LENGTH, 10),
)
"""The draws of the workload, in the order in which `peer_engines/workload.py` names them."""


def _signed(key: int) -> int:
    """Return the same 64 bits as a signed integer."""
    return key - (1 << 64) if key >> 63 else key
