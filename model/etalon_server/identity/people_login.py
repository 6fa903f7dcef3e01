"""How a holder, a representative or a caregiver logs in: proof, one-time code, for whom.

Shaped like FranceConnect+ and the web site of the service; the wire is ours. Whether somebody may
enter is what the model answers to `LogIn`: nothing is decided here.

Sources: rules ID-05 to ID-09 (means and factors), REP-03, REP-11, REP-13 (whose profiles an account
shows), LIF-26 (conditions of use); official application.
"""

import asyncio
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, cast

from etalon_model import (
    AcceptTerms,
    Actor,
    ActorKind,
    LogIn,
    Refusal,
    caregiver,
    holder,
    representative,
)
from etalon_model.periods import paris_date
from etalon_server.identity.accounts import Accounts, one_time_code
from etalon_server.identity.authorisation import Pending
from etalon_server.identity.grants import Bearer
from etalon_server.identity.views import Choice, View
from etalon_server.service_host import Host

if TYPE_CHECKING:
    from etalon_wire.claims import Level

Means = Literal["password", "franceconnect", "apcv"]
Form = Mapping[str, str]

_MEANS: Final[Mapping[str, Means]] = {"franceconnect": "franceconnect", "apcv": "apcv"}


class PeopleLogin:
    """The login of people."""

    __slots__ = ("_accounts", "_host")

    def __init__(self, host: Host, accounts: Accounts) -> None:
        """Let in whoever the service of `host` lets in."""
        self._host = host
        self._accounts = accounts

    def first(self) -> View:
        """Return the first page: who are you?"""
        return View("means")

    async def advance(self, pending: Pending, form: Form, now: datetime) -> View | Bearer:
        """Take what somebody typed on a page; return the next page, or who logged in."""
        step = form.get("step", "")
        if step == "password":
            return await self._check_password(pending, form, now)
        if step in _MEANS:
            return await self._recognise(pending, _MEANS[step], form.get("ins", ""))
        if step == "one_time_code" and pending.code:
            return await self._check_code(pending, form, now)
        if step in {"profiles", "terms"} and pending.proved:
            actor = self._actor(pending, form.get("profile", ""))
            if actor is None:
                return self._profiles(pending)
            if step == "terms":
                await self._accept_terms(actor, form)
            return await self._enter(pending, actor, form.get("profile", ""))
        return self.first()

    async def _check_password(self, pending: Pending, form: Form, now: datetime) -> View | Bearer:
        login = form.get("login", "").strip().lower()
        if self._accounts.is_locked(login, now):
            return View("means", "login.locked", status=429)
        password = form.get("password", "")
        known = await asyncio.to_thread(self._accounts.proved, self._host.service, login, password)
        if known is None:
            self._accounts.failed(login, now)
            return View("means", "login.wrong_password")
        _take_for(pending, known, "password", login)
        # The model refuses a password alone; asking for the code first leaves no refusal behind.
        if paris_date(now) >= self._host.parameters.second_factor_from:
            pending.code = one_time_code()
            return _code_asked(pending)
        return await self._known(pending)

    async def _check_code(self, pending: Pending, form: Form, now: datetime) -> View | Bearer:
        if self._accounts.is_locked(pending.name, now):
            return View("means", "login.locked", status=429)
        given = form.get("one_time_code", "").strip()
        if not hmac.compare_digest(given.encode(), pending.code.encode()):
            self._accounts.failed(pending.name, now)
            return _code_asked(pending, "login.wrong_code")
        pending.code_given = True
        return await self._known(pending)

    async def _recognise(self, pending: Pending, means: Means, ins: str) -> View | Bearer:
        """Take the word of a provider that is simulated for who the person is."""
        ins = ins.strip().upper()
        try:
            self._host.service.person(ins)
        except LookupError:
            return View("means", "login.nobody")
        _take_for(pending, ins, means, ins)
        return await self._known(pending)

    async def _known(self, pending: Pending) -> View | Bearer:
        """Go on with somebody who proved who they are."""
        pending.proved, pending.code = True, ""
        self._accounts.succeeded(pending.name)
        if len(self._choices(pending.account)) == 1:
            return await self._enter(pending, holder(pending.account), pending.account)
        return self._profiles(pending)

    def _profiles(self, pending: Pending) -> View:
        return View("profiles", facts={"choices": self._choices(pending.account)})

    def _choices(self, account: str) -> list[Choice]:
        """Return the profiles that an account shows: its own, the minors', those of the helped."""
        service = self._host.service
        found = [Choice(account, _name_of(self._host, account), ActorKind.HOLDER.value)]
        for ins in service.profiles(account):
            kind = ActorKind.REPRESENTATIVE.value
            found.append(Choice(ins, _name_of(self._host, ins), kind))
        dossier = service.person(account).dossier
        helped = () if dossier is None else dossier.helps
        kind = ActorKind.CAREGIVER.value
        return [*found, *(Choice(ins, _name_of(self._host, ins), kind) for ins in helped)]

    def _actor(self, pending: Pending, ins: str) -> Actor | None:
        """Return who acts on the space of `ins`, or None when the account does not show it."""
        kinds = {choice.value: choice.detail for choice in self._choices(pending.account)}
        acting = {
            ActorKind.HOLDER.value: holder,
            ActorKind.REPRESENTATIVE.value: representative,
            ActorKind.CAREGIVER.value: caregiver,
        }
        return acting[kinds[ins]](pending.account) if ins in kinds else None

    async def _enter(self, pending: Pending, actor: Actor, ins: str) -> View | Bearer:
        """Ask the model to let them in."""
        means = cast("Means", pending.means)
        factors = pending.code_given or means != "password"
        level: Level = "substantial" if factors else "low"
        outcome = await self._host.write(
            LogIn(self._host.clock.now(), actor, ins, means, second_factor=factors, level=level)
        )
        if isinstance(outcome, Refusal):
            return self._refused(outcome, ins)
        return Bearer(actor, ins, means, level)

    async def _accept_terms(self, actor: Actor, form: Form) -> None:
        """Pass on an acceptance; whether it was enough is what `LogIn` answers next."""
        version = form.get("terms", "")
        now = self._host.clock.now()
        await self._host.write(AcceptTerms(now, actor, form.get("profile", ""), version))

    def _refused(self, refusal: Refusal, ins: str) -> View:
        if refusal.code == "TERMS_NOT_ACCEPTED":
            return View("terms", facts={"version": str(refusal.facts[0]), "profile": ins})
        return _refusal_view(refusal)


def _take_for(pending: Pending, account: str, means: Means, name: str) -> None:
    """Go on with somebody; what was proved before was proved of another, or in another way."""
    pending.account, pending.means, pending.name = account, means, name
    pending.code, pending.code_given, pending.proved = "", False, False


def _refusal_view(refusal: Refusal) -> View:
    """Return the page that says what the model refused."""
    values = {"rule": refusal.rule, "code": refusal.code}
    return View("refused", f"login.refused.{refusal.code}", values=values, status=403)


def _code_asked(pending: Pending, fault: str = "") -> View:
    """Ask for the one-time code; no telephone exists here, so that the page shows what it got."""
    return View("one_time_code", fault, facts={"code": pending.code})


def _name_of(host: Host, ins: str) -> str:
    person = host.service.person(ins).identity
    return f"{person.given} {person.family}"
