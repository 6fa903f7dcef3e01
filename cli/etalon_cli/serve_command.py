"""`etalon serve`: run the reference server until it is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_cli.serve_options import asked_for
from etalon_cli.stopping import because

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_text.language import Language


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    asked = asked_for(options)
    try:
        from etalon_cli.serving import serve  # noqa: PLC0415 (needs the extra `server`)
    except ImportError as error:
        if (error.name or "").startswith("etalon"):
            raise
        feature = "etalon serve"
        raise because(reason="extra_missing", feature=feature, extra="server") from error
    return serve(asked, options, language)
