"""The first entry into a space, or its new creation: typed inputs, code, chosen credentials.

Whether the space opens is what the model answers to `Activate`.

Sources: rules LIF-07, LIF-09 (what is typed), LIF-14, LIF-15, LIF-18 (who may), LIF-26 (conditions
of use), ID-05, ID-06 (credentials), ID-09 (FranceConnect+ stands for all but the conditions).
"""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from etalon_model import Activate, Actor, IdentityInputs, Refusal, holder, representative
from etalon_model.periods import paris_date
from etalon_server.identity.accounts import Accounts
from etalon_server.identity.views import Choice, View
from etalon_server.service_host import Host

Form = Mapping[str, str]

_SHOWN_AGAIN: Final = ("nir", "birth_on", "vitale_serial", "login")


class FirstEntry:
    """The page on which people activate their space."""

    __slots__ = ("_accounts", "_host")

    def __init__(self, host: Host, accounts: Accounts) -> None:
        """Activate spaces of the service of `host`."""
        self._host = host
        self._accounts = accounts

    def first(self, now: datetime, form: Form, fault: str = "", **values: str) -> View:
        """Return the page that asks for everything, with what was typed before but secrets."""
        typed = {name: form.get(name, "") for name in _SHOWN_AGAIN}
        facts = {"typed": typed, "version": self._terms(now), "login": form.get("pending", "")}
        return View("activation", fault, facts=facts, values=values)

    async def activate(self, form: Form, now: datetime) -> View:
        """Take what was typed and return the page that says what became of it."""
        if form.get("step") == "franceconnect":
            return await self._activate_connected(form, now)
        try:
            birth_on = date.fromisoformat(form.get("birth_on", ""))
        except ValueError:
            return self.first(now, form, "activation.birth_date")
        nir = _plain(form.get("nir", "")).upper()
        ins = form.get("chosen") or self._concerned(nir, birth_on)
        if not (self._is_known(nir) and self._is_known(ins)):
            return self._nobody(form, now)
        fault = await self._credentials_fault(nir, form, now)
        if fault:
            return self.first(now, form, fault)
        serial = _plain(form.get("vitale_serial", ""))
        inputs = IdentityInputs(nir, birth_on, serial, form.get("chosen"))
        actor = holder(ins) if ins == nir else representative(nir)
        login = form.get("login", "").strip().lower()
        if login and not self._accounts.reserve(login, nir):
            return self.first(now, form, "activation.LOGIN_ALREADY_EXISTS")
        try:
            return await self._proved(actor, ins, inputs, form)
        finally:
            self._accounts.release(login, nir)

    async def _proved(self, actor: Actor, ins: str, inputs: IdentityInputs, form: Form) -> View:
        """Ask the model to open the space; then keep the credentials chosen for it."""
        now, code = self._host.clock.now(), _plain(form.get("code", "")) or None
        terms = form.get("terms", "")
        outcome = await self._host.write(
            Activate(now, actor, ins, inputs, code, terms_version=terms)
        )
        if isinstance(outcome, Refusal):
            return self._refused(outcome, form, now)
        login, password = form.get("login", "").strip().lower(), form.get("password", "")
        if login:
            await asyncio.to_thread(self._accounts.choose, inputs.nir, login, password)
        return self._opened(ins, form)

    async def _activate_connected(self, form: Form, now: datetime) -> View:
        ins = _plain(form.get("ins", "")).upper()
        if not self._is_known(ins):
            return self._nobody(form, now)
        command = Activate(
            now, holder(ins), ins, None, franceconnect=True, terms_version=form.get("terms", "")
        )
        outcome = await self._host.write(command)
        if isinstance(outcome, Refusal):
            return self._refused(outcome, form, now)
        return self._opened(ins, form)

    def _concerned(self, nir: str, birth_on: date) -> str:
        """Return whose space it is: the card's holder's, or a minor's attached to them.

        Nobody is told apart from somebody whose card is another: the model answers both alike.
        """
        service = self._host.service
        if not self._is_known(nir) or service.person(nir).identity.birth_on == birth_on:
            return nir
        for ins in service.profiles(nir):
            if service.person(ins).identity.birth_on == birth_on:
                return ins
        return nir

    async def _credentials_fault(self, nir: str, form: Form, now: datetime) -> str:
        """Return the key of what is wrong with chosen credentials, or an empty string."""
        login, password = form.get("login", "").strip().lower(), form.get("password", "")
        person = self._host.service.person(nir).identity
        if not login and not password:
            return "" if self._accounts.has_chosen(nir) else "activation.credentials"
        if self._accounts.is_locked(nir, now):
            return "login.locked"
        faults = await asyncio.to_thread(self._accounts.faults, person, login, password)
        if "PASSWORD_REUSED" in faults:
            # To say so tells a stranger a password: it counts as a failed guess.
            self._accounts.failed(nir, now)
        return f"activation.{faults[0]}" if faults else ""

    def _refused(self, refusal: Refusal, form: Form, now: datetime) -> View:
        if refusal.code == "SEVERAL_MATCH":
            twins = [Choice(ins, self._given(ins)) for ins in refusal.choices]
            view = self.first(now, form, "activation.twins")
            return View(view.step, view.fault, {**view.facts, "twins": twins})
        told = {"rule": refusal.rule, "code": refusal.code}
        return self.first(now, form, f"login.refused.{refusal.code}", **told)

    def _nobody(self, form: Form, now: datetime) -> View:
        """Answer as the model does to inputs that match nobody.

        It is not asked: it keeps a row of every call about people it does not know.
        """
        told = {"rule": "LIF-09", "code": "NO_USER_FOUND"}
        return self.first(now, form, f"login.refused.{told['code']}", **told)

    def _is_known(self, ins: str) -> bool:
        try:
            self._host.service.person(ins)
        except LookupError:
            return False
        return True

    def _opened(self, ins: str, form: Form) -> View:
        return View("opened", facts={"name": self._given(ins), "login": form.get("pending", "")})

    def _given(self, ins: str) -> str:
        return self._host.service.person(ins).identity.given

    def _terms(self, now: datetime) -> str:
        return self._host.parameters.terms_on(paris_date(now))


def _plain(typed: str) -> str:
    """Return what was typed without the spaces that people put between digits."""
    return "".join(typed.split())
