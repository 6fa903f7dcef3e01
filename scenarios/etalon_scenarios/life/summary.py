"""What `summary.json` says of the life of spaces: months, coverage, adoption, groups."""

from __future__ import annotations

from datetime import timedelta
from math import sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.intervals import NORMAL_QUANTILE, share_intervals
from etalon_scenarios.life.adoption import adoption_table, months_between
from etalon_scenarios.life.kinds import CARE_KINDS, HOLDER_KINDS, KINDS, MOMENT, MOMENTS, PROGRAMMES
from etalon_scenarios.parameters import AGE_BANDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.life.account import Account
    from etalon_scenarios.life.following import Lives
    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.scenario import Scenario

SHARES: Final = {
    "with_one_document": "first_document",
    "with_five_documents": "fifth_document",
    "entered": "entered",
}
"""Shares of the spaces ever opened, and the moment that each counts."""

_MONTHLY: Final = (
    "space_opened",
    "space_ended",
    "space_reopened",
    "app_paired",
    "entered_by_phone",
)


def summarise_lives(lives: Lives, scenario: Scenario) -> dict[str, Json]:
    """Sum up what happened in the spaces of a run."""
    account = lives.account
    totals = account.deposits.sum(axis=(0, 1)).tolist()
    return {
        "law_digest": lives.law.digest(),
        "totals": {kind.name: count for kind, count in zip(KINDS, totals, strict=True)},
        "documents_of_care": _documents(account),
        "shares": [_share(account, name) for name in SHARES],
        "months": _months(account, scenario),
        "adoption": _adoption(account, scenario),
        "by_age_band": _by_age(account),
        "by_department": _by_department(account),
    }


def life_intervals(lives: Lives, scope: float) -> dict[str, Json]:
    """Give the intervals of the documents of care and of the shares, by headline.

    The spread of documents is that of a Poisson number at a pace of one's own: its variance is
    the mean, plus the square of the mean times the squared spread of paces. What differs by age
    comes on top and is left out: it belongs to the people, whom chance does not change.
    """
    account, law = lives.account, lives.law
    documents, people = _documents(account), _count(account, "space_opened")
    paces = law.care.pace.astype(float)
    speeds = 1 / paces[paces.shape[0] // 2]
    uneven = float(speeds.var() / speeds.mean() ** 2)
    variance = documents * (1 + uneven * documents / people) if people else 0.0
    found: dict[str, Json] = {"documents": _around(documents, sqrt(variance), scope)}
    for name, moment in SHARES.items():
        found[name] = share_intervals(_count(account, moment), people, scope, 1.0)
    return found


def counted_in_spaces(account: Account) -> dict[str, int]:
    """Return what policies are compared by, of the people simulated."""
    followed = sum(_count(account, f"{programme.name}_followed") for programme in PROGRAMMES)
    return {
        "documents": _documents(account),
        "with_one_document": _count(account, "first_document"),
        "with_five_documents": _count(account, "fifth_document"),
        "reminders_followed": followed,
        "apps_paired": _count(account, "app_paired"),
    }


def entered_until(account: Account, day: int) -> int:
    """Count the spaces that somebody had entered by the end of a day, of the people simulated."""
    return int(account.moments[MOMENT[SHARES["entered"]], : day + 1].sum())


def _around(count: int, spread: float, scope: float) -> Json:
    chance, noise = (NORMAL_QUANTILE * spread * sqrt(part) for part in (scope, max(0.0, 1 - scope)))
    return {
        "chance": [max(0.0, count - chance), count + chance],
        "sample_noise": [max(0.0, count - noise), count + noise] if scope < 1 else None,
        "knowledge": None,
    }


def _documents(account: Account) -> int:
    return int(account.deposits[:, :, : len(CARE_KINDS)].sum())


def _count(account: Account, moment: str) -> int:
    return int(account.moments[MOMENT[moment]].sum())


def _share(account: Account, name: str) -> dict[str, Json]:
    above, below = _count(account, SHARES[name]), _count(account, "space_opened")
    return {
        "key": name,
        "value": above / below if below else None,
        "numerator": above,
        "denominator": below,
        "denominator_name": "denominator.spaces_ever_opened",
    }


def _months(account: Account, scenario: Scenario) -> list[Json]:
    """Return one row a month: what came, and how many had what by its end."""
    starts = scenario.starts_on
    months = months_between(starts, account.days)
    edges = [max(0, (month - starts).days) for month in months] + [account.days]
    deposits = np.add.reduceat(account.deposits.sum(axis=0), edges[:-1], axis=0)
    moments = np.add.reduceat(account.moments.sum(axis=2), edges[:-1], axis=1)
    reached = np.cumsum(moments, axis=1)
    rows: list[Json] = []
    for rank, month in enumerate(months):
        happened = dict(zip(MOMENTS, moments[:, rank].tolist(), strict=True))
        by_end = dict(zip(MOMENTS, reached[:, rank].tolist(), strict=True))
        counts = deposits[rank].tolist()
        rows.append(
            {
                "month": month.isoformat()[:7],
                "last_day_on": (starts + timedelta(days=edges[rank + 1] - 1)).isoformat(),
                "days": edges[rank + 1] - edges[rank],
                "deposits": {kind.name: n for kind, n in zip(KINDS, counts, strict=True)},
                "ever_opened": by_end["space_opened"],
                "open": by_end["space_opened"] + by_end["space_reopened"] - by_end["space_ended"],
                **{name: by_end[moment] for name, moment in SHARES.items()},
                "entered_later": by_end["entered_later"],
                **{name: happened[name] for name in _MONTHLY},
                "reminders": [
                    {
                        "programme": programme.name,
                        "due": happened[f"{programme.name}_due"],
                        "followed": happened[f"{programme.name}_followed"],
                    }
                    for programme in PROGRAMMES
                ],
            }
        )
    return rows


def _adoption(account: Account, scenario: Scenario) -> list[Json]:
    if scenario.life is None:
        return []
    months = months_between(scenario.starts_on, account.days)
    return [
        {
            "month": row.month.isoformat()[:7],
            "sender": row.sender,
            "equipped": round(float(row.equipped), 6),
            "identified": round(float(row.identified), 6),
            "refusing": round(float(row.refusing), 6),
            "sending": round(float(row.sending), 6),
        }
        for row in adoption_table(scenario.life, months)
    ]


def _by_age(account: Account) -> list[Json]:
    wanted = {"ever_opened": "space_opened", **SHARES}
    columns = {
        name: account.moments[MOMENT[moment]].sum(axis=0).tolist()
        for name, moment in wanted.items()
    }
    return [
        {"band": band, **{name: column[rank] for name, column in columns.items()}}
        for rank, band in enumerate(AGE_BANDS)
    ]


def _by_department(account: Account) -> list[Json]:
    sums: NDArray[np.int64] = account.deposits.sum(axis=1)
    own = len(CARE_KINDS), len(CARE_KINDS) + len(HOLDER_KINDS)
    return [
        {
            "department": code,
            "documents": int(row[: own[0]].sum()),
            "by_holders": int(row[own[0] : own[1]].sum()),
        }
        for code, row in zip(account.departments, sums, strict=True)
    ]
