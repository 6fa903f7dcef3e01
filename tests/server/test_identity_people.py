"""People log in with what their vintage asks for, for whom they may, and the model decides."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Final

import pytest

from etalon_model import InviteCaregiver, LogIn, caregiver, holder, representative
from etalon_model.delegation import AnswerInvitation, EndSharing
from etalon_model.states import State
from etalon_server.identity.accounts import Accounts, default_login, default_password
from etalon_server.identity.authorisation import Logins, Pending
from etalon_server.identity.clients import Client
from etalon_server.identity.failures import OAuthError
from etalon_server.identity.grants import Asked
from etalon_server.identity.realms import SERVICE
from etalon_wire.claims import Caller
from identity_scene import LAUNCH, LoginPage, Reply, Scene

SUMMER: Final = datetime(2022, 7, 1, 9, tzinfo=UTC)
CHOSEN: Final = "Zut-alors-42"


def code_on(reply: Reply) -> str:
    """The one-time code that the simulated telephone shows."""
    found = re.search(r'id="phone-message">(\d{6})<', reply.text)
    assert found is not None, reply.text[:400]
    return found[1]


def caller(scene: Scene, page: LoginPage, reply: Reply) -> Caller:
    """Who the token of a login says."""
    token = page.redeem(reply).json["access_token"]
    found = scene.identity.caller_of(token, "", scene.clock.now())
    assert isinstance(found, Caller)
    return found


def fault_on(reply: Reply) -> str:
    """What a page says is wrong."""
    found = re.search(r'class="fault" role="alert">([^<]*)<', reply.text)
    return unescape(found[1]).replace("\u00a0", " ").replace("\u202f", " ") if found else ""


@pytest.mark.rule("ID-07")
def test_a_password_was_enough_until_june_2022(scene: Scene) -> None:
    """On 31 May the next page is the application's; the level of assurance is low."""
    ins = scene.person()
    scene.clock.start_at(datetime(2022, 5, 31, 21, 59, tzinfo=UTC))
    page = scene.first_page()

    who = caller(scene, page, page.log_in(ins))

    assert (who.actor, who.patient, who.means, who.level) == (holder(ins), ins, "password", "low")
    assert scene.service.log(ins)[-1].deed.action == LogIn.__name__


@pytest.mark.rule("ID-07")
def test_a_password_needs_a_one_time_code_since_june_2022(scenes: Callable[..., Scene]) -> None:
    """At midnight in Paris the code is asked for; it is checked, and raises the level."""
    scene = scenes(now=datetime(2022, 5, 31, 22, 0, tzinfo=UTC))
    ins = scene.person()
    page = scene.first_page()
    asked = page.log_in(ins)
    code = code_on(asked)

    wrong = page.send("one_time_code", one_time_code=f"{(int(code) + 1) % 10**6:06d}")
    assert fault_on(wrong) == "Ce n\u2019est pas le code envoyé."
    skipped = page.send("profiles", profile=ins)
    assert "location" not in skipped.headers
    who = caller(scene, page, page.send("one_time_code", one_time_code=code))

    assert (who.means, who.level) == ("password", "substantial")
    assert [row.deed.refused for row in scene.service.log(ins)[-1:]] == [""]


@pytest.mark.rule("ID-07")
def test_the_day_on_which_the_space_is_entered_counts(scene: Scene) -> None:
    """A password typed before midnight is not enough after it: the model says so."""
    parent = scene.person()
    child = scene.person(parent, born=date(2015, 3, 4))
    scene.clock.start_at(datetime(2022, 5, 31, 21, 59, 30, tzinfo=UTC))
    page = scene.first_page()
    page.log_in(parent)
    scene.wait(timedelta(minutes=1))

    refused = page.send("profiles", profile=child)

    assert "(ID-07" in fault_on(refused)


@pytest.mark.rule("ID-07")
def test_what_one_person_proved_is_nothing_for_another(scenes: Callable[..., Scene]) -> None:
    """Whoever has a password of somebody else still needs their one-time code."""
    scene = scenes(now=SUMMER)
    mine, theirs = scene.person(), scene.person()
    scene.person(mine, born=date(2015, 3, 4))
    page = scene.first_page()
    shown = page.send("one_time_code", one_time_code=code_on(page.log_in(mine)))
    assert mine in shown.text

    page.log_in(theirs)
    refused = page.send("profiles", profile=theirs)

    assert "location" not in refused.headers
    assert LogIn.__name__ not in {row.deed.action for row in scene.service.log(theirs)}


@pytest.mark.rule("ID-07")
def test_two_proofs_at_once_on_one_page_do_not_mix(
    scenes: Callable[..., Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a password is being checked somebody else proves who they are on the same page."""
    scene = scenes(now=SUMMER)
    theirs = scene.person()
    page = scene.first_page()
    pending = scene.identity.pending(SERVICE, page.shown.field("pending"), SUMMER)

    def proved(*_: object) -> str:
        pending.proved = pending.code_given = True
        return theirs

    monkeypatch.setattr(Accounts, "proved", proved)
    page.log_in(theirs)

    assert not pending.proved
    assert not pending.code_given


@pytest.mark.rule("ID-09")
@pytest.mark.parametrize("means", ["franceconnect", "apcv"])
def test_a_simulated_provider_vouches_for_who_it_is_told(
    scenes: Callable[..., Scene], means: str
) -> None:
    """At the substantial level, without a password nor a code."""
    scene = scenes(now=SUMMER)
    ins = scene.person()
    page = scene.first_page()

    who = caller(scene, page, page.send(means, ins=f" {ins.lower()} "))

    assert (who.actor, who.means, who.level) == (holder(ins), means, "substantial")


@pytest.mark.rule("REP-13")
def test_a_parent_chooses_whose_space_to_enter(scene: Scene) -> None:
    """The page shows their own and the child's; the token is for the one that was chosen."""
    parent = scene.person()
    child = scene.person(parent, born=date(2015, 3, 4))
    stranger = scene.person()
    page = scene.first_page()
    shown = page.log_in(parent)
    assert parent in shown.text
    assert child in shown.text

    refused = page.send("profiles", profile=stranger)
    assert "location" not in refused.headers
    who = caller(scene, page, page.send("profiles", profile=child))

    assert (who.actor, who.patient) == (representative(parent), child)


@pytest.mark.rule("REP-01", "LIF-12")
def test_a_parent_without_a_space_of_their_own_enters_the_childs(scene: Scene) -> None:
    """The account shows both; their own is refused, the child's is not."""
    parent = scene.person(active=False)
    child = scene.person(parent, born=date(2015, 3, 4))
    page = scene.first_page()
    page.log_in(parent)

    refused = page.send("profiles", profile=parent)
    who = caller(scene, page, page.send("profiles", profile=child))

    assert "(LIF-12)" in fault_on(refused)
    assert (who.actor, who.patient) == (representative(parent), child)


@pytest.mark.rule("REP-11")
def test_a_sharing_that_ended_is_no_longer_shown(scene: Scene) -> None:
    """The account of the caregiver has one space again, and goes straight there."""
    helped, guest = scene.person(), scene.person()
    now = scene.people.now
    scene.people.do(InviteCaregiver(now, holder(helped), helped, guest))
    scene.people.do(AnswerInvitation(now, caregiver(guest), helped, accept=True))
    shown = scene.first_page().log_in(guest)
    scene.people.now = scene.clock.now()
    scene.people.do(EndSharing(scene.people.now, holder(helped), helped, guest))

    assert helped in shown.text
    assert scene.first_page().log_in(guest).status == 303


@pytest.mark.rule("REP-11")
def test_a_caregiver_enters_the_space_they_were_invited_to(scene: Scene) -> None:
    """As a caregiver, and the token is for the helped person's space."""
    helped, guest = scene.person(), scene.person()
    scene.people.do(InviteCaregiver(scene.people.now, holder(helped), helped, guest))
    scene.people.do(AnswerInvitation(scene.people.now, caregiver(guest), helped, accept=True))
    page = scene.first_page()
    page.log_in(guest)

    who = caller(scene, page, page.send("profiles", profile=helped))

    assert (who.actor, who.patient) == (caregiver(guest), helped)


@pytest.mark.rule("LIF-12")
def test_a_space_that_is_not_activated_lets_nobody_in(scene: Scene) -> None:
    """The page says so with the rule, and offers to activate it."""
    ins = scene.person(active=False)
    page = scene.first_page()

    refused = page.send("franceconnect", ins=ins)

    assert refused.status == 403
    assert fault_on(refused) == "Cet espace n\u2019est pas activé (LIF-12)."
    assert "/oauth2/activate?pending=" in refused.text


@pytest.mark.rule("ID-09")
def test_a_digital_card_before_sixteen_is_refused(scene: Scene) -> None:
    """Under the rule of its age."""
    parent = scene.person()
    child = scene.person(parent, born=date(2010, 3, 4))

    refused = scene.first_page().send("apcv", ins=child)

    assert "(ID-09)" in fault_on(refused)


@pytest.mark.rule("ID-08")
def test_an_insufficient_level_is_what_the_model_refuses(scenes: Callable[..., Scene]) -> None:
    """From 2026 on a password with its code is still let in: it is of the substantial level."""
    scene = scenes(now=datetime(2026, 2, 1, 9, tzinfo=UTC))
    ins = scene.person()
    page = scene.first_page()

    who = caller(scene, page, page.send("one_time_code", one_time_code=code_on(page.log_in(ins))))

    assert who.level == "substantial"


@pytest.mark.rule("LIF-26")
def test_new_conditions_of_use_are_accepted_before_anything_else(
    scenes: Callable[..., Scene],
) -> None:
    """The page shows them; what is accepted is a version, and an old one does not do."""
    terms = (*LAUNCH.terms, (date(2022, 3, 1), "2"))
    scene = scenes(parameters=replace(LAUNCH, terms=terms))
    ins = scene.person()
    scene.clock.start_at(datetime(2022, 3, 1, 9, tzinfo=UTC))
    page = scene.first_page()
    shown = page.log_in(ins)
    assert shown.field("terms") == "2"

    again = page.send("terms", profile=ins, terms="1")
    assert again.field("terms") == "2"
    who = caller(scene, page, page.send("terms", profile=ins, terms="2"))

    assert who.actor == holder(ins)


@pytest.mark.parametrize("known", [True, False])
def test_five_wrong_passwords_close_an_identifier_for_a_while(scene: Scene, *, known: bool) -> None:
    """Whether somebody has it or not; then the right one does not do, and later it does."""
    ins = scene.person()
    login = default_login(ins) if known else "nobody.at.all"
    right = default_password(scene.service.person(ins).identity)
    page = scene.first_page()

    wrong = [page.send("password", login=login, password=login).status for _ in range(5)]
    locked = page.send("password", login=login, password=right)

    assert (wrong, locked.status) == ([200] * 5, 429)
    scene.wait(timedelta(minutes=15))
    later = scene.first_page().send("password", login=login, password=right)
    assert later.status == (303 if known else 200)


def test_guessing_the_one_time_code_ends_too(scenes: Callable[..., Scene]) -> None:
    """Five wrong codes close the identifier, the right one included."""
    scene = scenes(now=SUMMER)
    page = scene.first_page()
    code = code_on(page.log_in(scene.person()))
    for _ in range(5):
        page.send("one_time_code", one_time_code=f"{(int(code) + 1) % 10**6:06d}")

    assert page.send("one_time_code", one_time_code=code).status == 429


def test_a_login_page_is_good_for_ten_minutes_and_one_login(scene: Scene) -> None:
    """Then the application begins again."""
    ins = scene.person()
    page = scene.first_page()
    assert page.log_in(ins).status == 303
    assert page.log_in(ins).status == 400
    page = scene.first_page()
    scene.wait(timedelta(minutes=10))

    assert page.log_in(ins).status == 400


def test_logins_that_nobody_finishes_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest gives way to one too many; those that are over go with the next one."""
    monkeypatch.setattr("etalon_server.identity.authorisation.PENDING_MOST", 3)
    logins, asked = Logins(), Asked("sandbox-app", "", frozenset())
    client = Client("sandbox-app", "", "none")
    begun = [logins.begin(SERVICE, "", client, asked, SUMMER) for _ in range(5)]

    assert [found(logins, one) for one in begun] == [False, False, True, True, True]
    logins.begin(SERVICE, "", client, asked, SUMMER + timedelta(minutes=10))
    assert len(logins) == 1


def found(logins: Logins, pending: Pending) -> bool:
    """Whether a login is still under way."""
    try:
        return logins.find(pending.ident, SERVICE, SUMMER) is pending
    except OAuthError:
        return False


def test_whoever_goes_back_is_sent_back(scene: Scene) -> None:
    """With the fault and the state of the request; the login is over."""
    page = scene.first_page()

    answer = page.send("cancel").answer

    assert (answer["error"], answer["state"]) == ("access_denied", "s-1")
    assert page.send("franceconnect", ins="1").status == 400


def activation(scene: Scene, ins: str, **changes: str) -> Reply:
    """Send the page of the first entry with what is right, but for changes."""
    inputs = scene.service.inputs(ins, scene.clock.now())
    form = {
        "step": "activate",
        "lang": "fr",
        "nir": inputs.nir,
        "birth_on": inputs.birth_on.isoformat(),
        "vitale_serial": inputs.vitale_serial,
        "code": scene.people.fresh_code(ins),
        "login": "camille.a.choisi",
        "password": CHOSEN,
        "terms": "1",
    } | changes
    scene.clock.start_at(scene.people.now)
    return scene.ask("POST", "/oauth2/activate", {k: v for k, v in form.items() if v})


@pytest.mark.rule("LIF-07", "LIF-09", "ID-05", "ID-06")
def test_a_space_is_activated_with_the_code_and_the_card(scene: Scene) -> None:
    """Then the chosen identifier logs in, and the one that followed from the identity does not."""
    ins = scene.person(active=False)

    opened = activation(scene, ins, nir=f"{ins[:1]} {ins[1:]}", login=" Camille.A.Choisi")

    assert "est ouvert" in opened.text
    assert scene.service.state(ins) is State.OPEN_ACTIVE
    page = scene.first_page()
    assert fault_on(page.log_in(ins)) == "Identifiant ou mot de passe inconnu."
    who = caller(scene, page, page.send("password", login="camille.a.choisi", password=CHOSEN))
    assert who.actor == holder(ins)


@pytest.mark.rule("LIF-09", "LIF-07", "LIF-26", "ID-05", "ID-06")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"birth_on": "1980-05-18"}, "(LIF-09)"),
        ({"vitale_serial": "00000000000"}, "(LIF-09)"),
        ({"nir": "146026322000196"}, "(LIF-09)"),
        ({"birth_on": "17/05/1980"}, "1980-05-17"),
        ({"code": "AAAAAAAAAAAA"}, "(LIF-07)"),
        ({"code": ""}, "(LIF-07)"),
        ({"terms": "0"}, "(LIF-26)"),
        ({"terms": ""}, "(LIF-26)"),
        ({"login": "court"}, "(ID-05)"),
        ({"login": "test.autre.personne"}, "(ID-05)"),
        ({"password": "simple"}, "(ID-06)"),
        ({"password": "Bonjour-Toi-9"}, "(ID-06)"),
        ({"login": "", "password": ""}, "Choisissez un identifiant"),
    ],
)
def test_a_first_entry_that_lacks_something_says_what(
    scene: Scene, changes: dict[str, str], said: str
) -> None:
    """With the rule; nothing is opened, and the password is never shown again."""
    ins = scene.person(active=False)

    refused = activation(scene, ins, **changes)

    assert said in fault_on(refused)
    assert scene.service.state(ins) is State.NOTIFIED
    assert CHOSEN not in refused.text


@pytest.mark.rule("ID-05")
def test_two_people_cannot_choose_one_identifier_at_once(scene: Scene) -> None:
    """Who comes while it is being chosen is told, and later too; the first may choose again."""
    first, second = scene.person(active=False), scene.person(active=False)
    accounts = scene.identity.accounts
    assert accounts.reserve("camille.a.choisi", first)

    refused = activation(scene, second)
    accounts.release("camille.a.choisi", first)
    opened = activation(scene, first)
    late = activation(scene, second)

    assert fault_on(refused) == fault_on(late) == "Cet identifiant est déjà pris (ID-05)."
    assert "est ouvert" in opened.text
    assert scene.service.state(second) is State.NOTIFIED


@pytest.mark.rule("LIF-09")
def test_asking_for_people_who_do_not_exist_fills_no_memory(scene: Scene) -> None:
    """The answer is that of inputs that match nobody, and no row is kept."""
    ins = scene.person(active=False)
    connected = {"step": "franceconnect", "ins": "146026322000196", "terms": "1", "lang": "fr"}

    answers = [
        activation(scene, ins, nir="146026322000196"),
        activation(scene, ins, chosen="146026322000196"),
        scene.ask("POST", "/oauth2/activate", connected),
    ]

    assert all("(LIF-09)" in fault_on(answer) for answer in answers)
    assert scene.service.turned_away == ()


@pytest.mark.rule("ID-06")
def test_a_former_password_is_refused_and_counts_as_a_guess(scene: Scene) -> None:
    """Saying so tells a stranger a password: five times, and no more."""
    ins = scene.person(active=False)
    activation(scene, ins)
    scene.people.close(ins)
    scene.people.wait(timedelta(minutes=1))
    scene.clock.start_at(scene.people.now)

    faults = [fault_on(activation(scene, ins)) for _ in range(6)]

    assert faults[:5] == ["Ce mot de passe a déjà servi (ID-06)."] * 5
    assert faults[5].startswith("Trop d\u2019essais")


@pytest.mark.rule("LIF-09")
def test_twins_are_told_apart_on_the_page(scene: Scene) -> None:
    """The page asks which one; the code of one does not open the other's space."""
    parent = scene.person()
    twins = [scene.person(parent, born=date(2015, 3, 4), active=False) for _ in range(2)]

    asked = activation(scene, twins[1])
    assert all(f'value="{ins}"' in asked.text for ins in twins)
    activation(scene, twins[1], chosen=twins[1])

    assert [scene.service.state(ins) for ins in twins] == [State.NOTIFIED, State.OPEN_ACTIVE]


@pytest.mark.rule("ID-09", "LIF-26")
def test_franceconnect_stands_for_the_code_and_the_card(scene: Scene) -> None:
    """Not for the conditions of use; and the login that was under way goes on."""
    ins = scene.person(active=False)
    page = scene.first_page()
    pending = page.shown.field("pending")
    form = {"step": "franceconnect", "ins": ins, "pending": pending, "lang": "en"}

    refused = scene.ask("POST", "/oauth2/activate", form)
    opened = scene.ask("POST", "/oauth2/activate", {**form, "terms": "1"})

    assert "must be accepted (LIF-26)" in fault_on(refused)
    assert opened.field("pending") == pending
    again = page.send("again")
    assert again.field("pending") == pending
    assert page.send("franceconnect", ins=ins).answer["code"]


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("test.", "Vitale-"),
        ("test.146026322000196", "Vitale-00000000000"),
        ("", ""),
        ("a" * 101, "é" * 200),
        ("\x00", "\x00"),
    ],
)
def test_an_identifier_that_nobody_has_lets_nobody_in(
    scene: Scene, login: str, password: str
) -> None:
    """Whatever it looks like, with one and the same answer."""
    page = scene.first_page()

    reply = page.send("password", login=login, password=password)

    assert (reply.status, fault_on(reply)) == (200, "Identifiant ou mot de passe inconnu.")
