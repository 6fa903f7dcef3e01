"""The page as a Shiny application: an address comes in, what is said and drawn goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from htmltools import HTML
from shiny import App, Inputs, Outputs, Session, reactive, render, ui

from etalon_explore.documents import KINDS
from etalon_explore.page_shell import STATIC, page_shell
from etalon_explore.seat import House, Seat
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from etalon_text.language import Language

_EVERY_SECONDS: Final = 0.3


def application(house: House) -> App:
    """Make the application that serves a house."""

    def serve(input: Inputs, _output: Outputs, session: Session) -> None:  # noqa: A002 (Shiny's)
        _serve(Seat(session.id, house), input, session)

    return App(
        lambda request: ui.page_html(page_shell(request.url.query, house)),
        serve,
        static_assets={"/own": STATIC},
    )


def _serve(seat: Seat, asked: Inputs, session: Session) -> None:
    """Let one session ask, and tell it what comes."""
    drawn = reactive.value("")
    seen, behind = [-1], [("", 0, 0)]

    @reactive.effect
    @reactive.event(asked.address)
    def _ask() -> None:
        seat.ask(str(asked.address()))

    @reactive.effect
    async def _follow() -> None:
        reactive.invalidate_later(_EVERY_SECONDS)
        if seat.view is None:
            return
        if seen[0] != seat.changes:
            seen[0] = seat.changes
            await session.send_custom_message("told", told(seat))
            if seat.drawn is not None:
                drawn.set(seat.drawn.html)
        at = seat.progress()
        if behind[0] != at:
            behind[0] = at
            await session.send_custom_message("progress", _progress(at, seat.view.language))

    @session.output(id="drawn")
    @render.ui
    def _drawn() -> HTML:
        return HTML(drawn())

    for kind in (*KINDS, "scenario"):
        _hand_out(seat, kind, session)
    session.on_ended(seat.leave)


def told(seat: Seat) -> dict[str, Any]:
    """Say what the page shows beside the answer: what it is, what was refused, what is there."""
    assert seat.view is not None  # noqa: S101 (the caller saw to it)
    language = seat.view.language
    people, full = (number(count, language) for count in seat.people())
    missing = "nothing" if seat.wanted else "refused"
    key = f"explore.shown_{seat.shown or missing}"
    status = [text(key, language, people=people, full=full)]
    if seat.wanted:
        status.append(text(f"explore.next_{seat.wanted}", language))
    file = ["scenario"] if seat.policy_file() is not None else []
    return {
        "status": " ".join(status),
        "said": seat.said,
        "refused": seat.refused,
        "earlier": seat.shown is None,
        "documents": [*(KINDS if seat.shown else ()), *file],
    }


def _progress(at: tuple[str, int, int], language: Language) -> dict[str, Any]:
    stage, done, total = at
    words = {"done": number(done, language), "total": number(total, language)}
    said = text(f"explore.progress_{stage}", language, **words) if stage else ""
    return {"stage": said, "done": done, "total": total}


def _hand_out(seat: Seat, kind: str, session: Session) -> None:
    """Let a session take a document of the answer that it sees."""

    def name() -> str:
        file = seat.policy_file()
        return file.file if kind == "scenario" and file is not None else KINDS.get(kind, kind)

    @session.output(id=f"download_{kind}")
    @render.download_link(filename=name)
    async def _content() -> AsyncGenerator[bytes]:
        if kind == "scenario":
            file = seat.policy_file()
            yield b"" if file is None else file.text.encode()
        elif (path := await _document(seat, kind)) is not None:
            yield path.read_bytes()


async def _document(seat: Seat, kind: str) -> Path | None:
    """Have a document written by the worker of the coarse answers."""
    if seat.drawn is None or seat.view is None:
        return None
    return await seat.house.quick.written(seat.drawn.directory, kind, seat.view.language)
