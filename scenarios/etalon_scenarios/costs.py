"""What a run costs: letters, e-mails and calls at the unit costs of its scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_scenarios.scenario import Scenario


def running_costs(
    scenario: Scenario, counts: Mapping[str, int], *, whole: bool
) -> dict[str, float]:
    """Return the cost of what was sent and answered, in euros, by item and in total.

    Args:
        scenario: With its unit costs.
        counts: Counter -> count.
        whole: Whether everybody was simulated; below that queues do not scale, and the calls
            offered stand for those answered.
    """
    costs = scenario.costs
    items = {
        "letters": float(costs.letter.value * counts["sent_letter"]),
        "emails": float(costs.email.value * counts["sent_email"]),
        "calls": float(costs.call.value * counts["calls_answered" if whole else "calls"]),
    }
    return {"total": sum(items.values()), **items}
