"""`etalon conformance run`: test a server, keep the evidence, say what was concluded.

What takes time to read is read once the target starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.conformance_options import OF_CLIENTS, asked_for, refuse_others
from etalon_cli.console import print_result
from etalon_cli.storage_explanations import storage_explained

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_cli.campaign import Campaign
    from etalon_cli.conformance_options import Asked
    from etalon_text.language import Language


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    if options.role == "client":
        from etalon_cli.witness_session_command import run as run_client  # noqa: PLC0415 (heavy)

        return run_client(options, language)
    refuse_others(options, OF_CLIENTS, "server")
    asked = asked_for(options)
    try:
        with storage_explained(language):
            campaign = _carried_out(asked, options, language)
    finally:
        asked.target.close()
    from etalon_cli.campaign_answer import campaign_lines, plain_campaign  # noqa: PLC0415

    if options.json:
        print_json(plain_campaign(campaign))
    else:
        for line in campaign_lines(campaign, language):
            print_result(line)
    return campaign.judged.exit_code


def _carried_out(asked: Asked, options: Namespace, language: Language) -> Campaign:
    """Read what people say, and test the target.

    Raises:
        Stopped: A file of theirs cannot be used, or the target is none.
        UnusableDirectoryError: The directory asked for cannot be used.
        StorageError: The disk is full or refused a file.
    """
    from etalon_cli.campaign import carry_out  # noqa: PLC0415
    from etalon_cli.judgement_options import judging_asked, write_baseline  # noqa: PLC0415
    from etalon_conformance.power import published  # noqa: PLC0415
    from etalon_conformance.requirements import requirement_set  # noqa: PLC0415
    from etalon_conformance.verdict_file import Circumstances  # noqa: PLC0415
    from etalon_scenarios.versions import installed_version  # noqa: PLC0415

    judging = judging_asked(options, requirement_set(asked.choice.requirement_set), language)
    circumstances = Circumstances(
        version=installed_version(),
        findings_fail=asked.findings_fail,
        baseline=judging.baseline,
        answers=judging.answers,
        power=published(),
    )
    campaign = carry_out(asked, circumstances, language)
    write_baseline(judging, campaign.judged.results)
    return campaign
