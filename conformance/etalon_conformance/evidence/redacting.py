"""The copy of exchanges that may be shared: what was said, without what proves who said it."""

import base64
import binascii
from collections.abc import Mapping
from typing import cast

from etalon_target.secrecy import Redaction
from etalon_wire.json_body import Json

_Object = dict[str, "Json"]


def redacted_line(line: Mapping[str, Json], redaction: Redaction) -> _Object:
    """Return a line of `exchanges.ndjson` as `exchanges-redacted.ndjson` holds it.

    Tokens, cookies, secrets of the profile and what looks like one are taken out of addresses,
    headers and bodies; a body in base 64 is looked into. Identifiers of test people stay.
    """
    return {
        name: _side(cast("_Object", value), redaction) if name in {"request", "answer"} else value
        for name, value in line.items()
    }


def _side(side: _Object, redaction: Redaction) -> _Object:
    found: _Object = {}
    for name, value in side.items():
        if name == "headers" and isinstance(value, list):
            pairs = tuple((str(one[0]), str(one[1])) for one in value if isinstance(one, list))
            found[name] = [[key, text] for key, text in redaction.headers(pairs)]
        elif name == "body_base64":
            found[name] = _packed(str(value), redaction)
        else:
            found[name] = redaction.text(value) if isinstance(value, str) else value
    return found


def _packed(value: str, redaction: Redaction) -> str:
    try:
        body = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return redaction.text(value)
    return base64.b64encode(redaction.body(body)).decode()
