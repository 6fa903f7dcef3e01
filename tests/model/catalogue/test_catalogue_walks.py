"""Whatever happens to a service and to a pairing, a call passes only under a standing consent."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_model import Accepted, State, holder, vintage
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily, ServiceState, Use
from etalon_model.catalogue.exchange import ReadThroughService
from etalon_model.catalogue.pairing import ChangeServiceConsent, PairService, UnpairService
from etalon_model.catalogue.pairings import opaque_identifier
from etalon_model.catalogue.referencing import publisher
from etalon_model.catalogue.rehearsal import SOLUTION, USES, move, put_online, tokens
from etalon_model.sandbox import Sandbox

READS = [
    use
    for use in USES
    if use.direction is Direction.READ and use.family is not ExchangeFamily.MEASURES
]
ACTS = st.one_of(
    st.tuples(st.sampled_from(["give", "withdraw"]), st.sampled_from(READS)),
    st.tuples(st.sampled_from(["pair", "unpair", "suspend", "resume", "close"]), st.just(READS[0])),
)


class Told:
    """What anybody could tell by following the acts with a pencil."""

    def __init__(self) -> None:
        self.paired = False
        self.suspended = False
        self.consents: set[Use] = set()

    def note(self, act: str, use: Use) -> None:
        """Take note of an act that was accepted."""
        if act in ("pair", "unpair", "close"):
            self.paired = act == "pair"
            self.consents.clear()
        elif act in ("suspend", "resume"):
            self.suspended = act == "suspend"
        elif act == "give":
            self.consents.add(use)
        else:
            self.consents.discard(use)

    def passes(self, use: Use) -> bool:
        """Whether a call must pass."""
        return self.paired and not self.suspended and use in self.consents


def perform(box: Sandbox, ins: str, act: str, use: Use, told: Told) -> bool:
    """Do an act; return whether it was accepted."""
    if act in ("suspend", "resume"):
        if told.suspended is (act == "suspend"):
            return False
        move(box, ServiceState.SUSPENDED if act == "suspend" else ServiceState.ONLINE)
        return True
    if act == "close":
        box.close(ins)
        box.activate(ins)
        return True
    command = {
        "pair": PairService(box.now, holder(ins), ins, SOLUTION),
        "unpair": UnpairService(box.now, holder(ins), ins, SOLUTION),
    }.get(act) or ChangeServiceConsent(
        box.now, holder(ins), ins, SOLUTION, use, given=act == "give"
    )
    return isinstance(box.service.apply(command), Accepted)


@pytest.mark.rule("CAT-05", "CAT-07", "CAT-08")
@given(acts=st.lists(ACTS, max_size=12))
def test_a_call_passes_only_under_a_consent_that_stands(acts: list[tuple[str, Use]]) -> None:
    """After every act, for every use."""
    box = Sandbox(vintage("steady-2023"), now=datetime(2023, 11, 6, 9, tzinfo=UTC))
    put_online(box)
    ins = box.person()
    box.bring(ins, State.OPEN_ACTIVE)
    held = tokens(opaque_identifier(1, ins, SOLUTION))
    told = Told()
    for act, use in acts:
        box.wait(timedelta(minutes=1))
        if perform(box, ins, act, use, told):
            told.note(act, use)
        for asked in READS:
            read = ReadThroughService(
                box.now, publisher(SOLUTION), ins, held, asked.purpose, asked.family
            )
            assert isinstance(box.service.apply(read), Accepted) is told.passes(asked)
