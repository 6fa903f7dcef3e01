"""Where keys and the list of signers are kept: told without the libraries that sign."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from etalon_cli.stopping import because

_KEY_NAME: Final = "signing-key.pem"
_LIST_NAME: Final = "trusted-signers.toml"


def default_key() -> Path:
    """Return where the private key of the user is kept."""
    return _configuration() / _KEY_NAME


def default_list() -> Path:
    """Return where the list of signers that the user trusts is kept."""
    return _configuration() / _LIST_NAME


def _configuration() -> Path:
    """Return the folder of Étalon among those where programs keep what users choose.

    Raises:
        Stopped: The account has no home.
    """
    variable, fallback = (
        ("APPDATA", "AppData/Roaming") if os.name == "nt" else ("XDG_CONFIG_HOME", ".config")
    )
    named = os.environ.get(variable)
    try:
        return (Path(named) if named else Path.home() / fallback) / "etalon"
    except RuntimeError as error:
        raise because(reason="no_home") from error
