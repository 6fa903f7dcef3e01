"""`etalon conformance run`: test a server, keep the evidence, say what was concluded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.campaign import carry_out
from etalon_cli.campaign_answer import campaign_lines, plain_campaign
from etalon_cli.conformance_options import asked_for
from etalon_cli.console import print_result
from etalon_cli.explanations import explained
from etalon_cli.judgement_options import judging_asked, write_baseline
from etalon_conformance.power import published
from etalon_conformance.requirements import requirement_set
from etalon_conformance.verdict_file import Circumstances
from etalon_scenarios.versions import installed_version

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_text.language import Language


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    asked = asked_for(options)
    known = requirement_set(asked.choice.requirement_set)
    with explained(language):
        judging = judging_asked(options, known, language)
        circumstances = Circumstances(
            version=installed_version(),
            findings_fail=asked.findings_fail,
            baseline=judging.baseline,
            answers=judging.answers,
            power=published(),
        )
        campaign = carry_out(asked, circumstances, language)
        write_baseline(judging, campaign.judged.results)
    if options.json:
        print_json(plain_campaign(campaign))
    else:
        for line in campaign_lines(campaign, language):
            print_result(line)
    return campaign.judged.exit_code
