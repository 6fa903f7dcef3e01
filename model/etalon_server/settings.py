"""What a server is told at its start and never changes: its mode and its limits."""

from dataclasses import dataclass, field

from etalon_model.records.nomenclature import LIMITS as RECORD_LIMITS
from etalon_wire.malformed import Limits
from etalon_wire.modes import Mode


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one client may ask for, so that no client takes what all need.

    Attributes:
        body: Bytes, depth and digits of a body.
        header_bytes: Most bytes of the request line and headers together.
        connections: Most connections at once; one more is told to come back.
        idle_seconds: How long a connection may stand open between two requests.
        request_seconds: How long a client may take to send one request.
        answer_seconds: How long a client may take nothing of an answer before it is let go.
        page: How many resources a page holds when the search does not say.
        page_most: Most resources of a page; more are never given at once.
        graceful_seconds: How long a stop waits for what was accepted.
    """

    body: Limits = field(default_factory=Limits)
    header_bytes: int = 32 * 1024
    connections: int = 1024
    idle_seconds: float = 30.0
    request_seconds: float = 20.0
    answer_seconds: float = 30.0
    page: int = RECORD_LIMITS["search_page"]
    page_most: int = RECORD_LIMITS["search_page_most"]
    graceful_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server answers.

    Attributes:
        mode: Which official text holds where two differ.
        public_address: Address under which clients reach it, without a path, like
            `https://reference.example.org`; empty to answer under the address each client used.
        sandbox: The sandbox controls are offered.
        lenient_ans_patch_path: Take the path of the official archive example for a pointer.
        cache_megabytes: Most megabytes of encoded resources kept to be sent again.
        bounds: How much a client may ask for.
    """

    mode: Mode = "pdsm-strict"
    public_address: str = ""
    sandbox: bool = False
    lenient_ans_patch_path: bool = False
    cache_megabytes: int = 256
    bounds: Bounds = field(default_factory=Bounds)
