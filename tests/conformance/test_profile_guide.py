"""The blocks of the guide of profiles make one profile, which is read as the guide says."""

import re
from pathlib import Path
from typing import Final

from etalon_model.states import State
from etalon_target.profile import read_profile

GUIDE: Final = Path(__file__).parents[2] / "docs" / "guides" / "target-profile.md"


def test_the_blocks_of_the_guide_are_one_profile(tmp_path: Path) -> None:
    """Every source of tokens and every way of an operation is shown there."""
    blocks = re.findall(r"```toml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    file = tmp_path / "target.toml"
    file.write_text("\n".join(blocks), "utf-8")

    profile = read_profile(file)

    sources = {source.source for source in profile.authentication.values()}
    assert len(blocks) == 7
    assert profile.mail is not None
    assert (profile.mail.smtp, profile.mail.patience) == ("mx.dossier.example:25", 30)
    assert profile.metrics is not None
    assert len(profile.metrics.addresses) == 2
    assert sources == {
        "fixed",
        "command",
        "client_credentials",
        "authorization_code",
        "token_exchange",
    }
    assert [len(steps) for steps in profile.operations.values()] == [1, 2, 1, 1, 1]
    assert (profile.people[0].state, profile.people[0].since_days) == (State.NOTIFIED, 43)
