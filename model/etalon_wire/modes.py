"""The modes of the reference: which of two official texts holds where they differ."""

from typing import Final, Literal, get_args

Mode = Literal["pdsm-strict", "pdsm4dmp", "lenient"]
"""`pdsm-strict` holds PDSm to the letter; `pdsm4dmp` holds its draft adaptation to the record;
`lenient` answers as the first and lets pass what is known to be spelt wrong in the field."""

MODES: Final[tuple[Mode, ...]] = get_args(Mode)
