"""What the shell script of a counterexample asks of `looking`; its text follows that one there."""

from __future__ import annotations

import base64
import os
import re
import shlex
import sys
import zlib
from pathlib import Path
from urllib.parse import quote

from etalon_conformance.evidence.stand_alone.looking import (
    Answer,
    UnreadableError,
    digests,
    filled,
    fresh,
    listed,
    moved,
    seen,
    token_of,
    values,
)


def kept(folder: Path, number: str) -> list[Answer]:
    """Return the answer to a call, as curl left it; `4+` is 4 and the pages that follow it."""
    rank, more = number.rstrip("+"), number.endswith("+")
    found = [_kept(folder, rank)]
    while more and (folder / f"{rank}.{len(found) + 1}.status").exists():
        found.append(_kept(folder, f"{rank}.{len(found) + 1}"))
    return found


def _kept(folder: Path, number: str) -> Answer:
    status, head, body, url = (
        (folder / f"{number}.{part}").read_bytes()
        if (folder / f"{number}.{part}").exists()
        else b""
        for part in ("status", "headers", "body", "url")
    )
    # An interim answer (100 Continue) stands before the one that counts.
    last = re.split(rb"\r?\n\r?\n", head.strip())[-1].decode("latin-1")
    parted = [line.partition(":") for line in last.splitlines()[1:]]
    headers = tuple((name.strip().lower(), text.strip()) for name, _, text in parted)
    return Answer(int(status.strip() or 0), headers, body, url.decode().strip())


def taken(folder: Path, number: str, *wanted: str) -> str:
    """Return assignments of the shell: for each name, what the first of its places holds.

    A place is a path of the answer; `PATH#2` is the third value there.
    """
    answers = kept(folder, number)
    found: dict[str, str] = {}
    names = list(dict.fromkeys(one.partition("=")[0] for one in wanted))
    for one in wanted:
        name, _, place = one.partition("=")
        path, _, rank = place.partition("#")
        try:
            there = [text for answer in answers for text in values(answer, path)]
        except UnreadableError:
            continue
        if name not in found and len(there) > int(rank or 0):
            found[name] = there[int(rank or 0)]
    for name in names:
        if name not in found:
            raise LookupError(
                f"call {number} answered {answers[0].status or 'nothing'}, without {name}"
            )
    return assigned(found)


def assigned(found: dict[str, str]) -> str:
    """Return assignments of the shell."""
    return "\n".join(f"{name}={shlex.quote(text)}" for name, text in found.items())


def made(folder: Path, *wanted: str) -> str:
    """Return assignments: a new `uuid` or `oid`, `at VALUE WAS NOW`, or the hash of a content."""
    found: dict[str, str] = {}
    for one in wanted:
        name, _, kind = one.partition("=")
        how, *given = kind.split(" ")
        if how == "at":
            found[name] = moved(*given)
        elif given:
            found[name] = digests((folder / given[0]).read_bytes())[how]
        else:
            found[name] = fresh(how)
    return assigned(found)


def look_at(folder: Path, numbers: str, path: str, relation: str, *wanted: str) -> tuple[bool, str]:
    """Hold one expectation against answers that curl left."""
    answers = [one for number in numbers.split(",") for one in kept(folder, number)]
    return seen(answers, path, relation, list(wanted))


def looked(folder: Path, *asked: str) -> int:
    """Say what was expected and what was there; 0 as expected, 1 otherwise, 2 a control is not."""
    given = [*controls(folder), asked]
    for rank, words in enumerate(given, 1):
        held, got = look_at(folder, *words)
        if rank == len(given) or not held:
            is_french = os.environ.get("words") == "fr"
            expected, there = ("attendu ", "obtenu  ") if is_french else ("expected", "got     ")
            wanted = f"{words[1]}: {words[2]} {listed(list(words[3:]))}"
            print(f"{expected}: {wanted}".rstrip())
            print(f"{there}: {in_french(got) if is_french else got}")
        if not held:
            return 1 if rank == len(given) else 2
    return 0


def in_french(got: str) -> str:
    """Return what was there with the words that stand for values in French."""
    words = {"nothing": "rien", "no answer": "pas de réponse"}
    return words.get(got, got.replace(", a body that cannot be read (", ", un corps illisible ("))


def controlled(folder: Path) -> bool:
    """Tell whether there are controls, and all hold."""
    noted = controls(folder)
    return bool(noted) and all(look_at(folder, *words)[0] for words in noted)


def controls(folder: Path) -> list[tuple[str, ...]]:
    """Return the controls that the script noted: how many words, and those words."""
    noted = folder / "controls"
    words = noted.read_bytes().decode().split("\0")[:-1] if noted.exists() else []
    found: list[tuple[str, ...]] = []
    while words:
        many = int(words[0])
        found.append(tuple(words[1 : many + 1]))
        words = words[many + 1 :]
    return found


def unpacked(packed: bytes, *given: str) -> bytes:
    """Return what a script holds packed, its gaps filled with the names and values given."""
    text = zlib.decompress(base64.b64decode(packed)).decode("utf-8", "surrogateescape")
    return filled(text, dict(zip(given[::2], given[1::2]))).encode("utf-8", "surrogateescape")


def main(name: str, *given: str) -> int:
    """Carry out one command of the script; 1 says no."""
    folder = Path(os.environ.get("work", "."))
    written = ""
    try:
        if name == "look":
            return looked(folder, *given)
        if name == "controls":
            return 0 if controlled(folder) else 1
        if name == "unpacked":
            sys.stdout.buffer.write(unpacked(sys.stdin.buffer.read(), *given))
            return 0
        if name == "take":
            written = taken(folder, *given)
        elif name == "make":
            written = made(folder, *given)
        elif name == "quoted":
            written = quote(given[0], safe="")
        elif name == "token":
            written = token_of(sys.stdin.read())
        elif name == "next":
            written = "".join(values(kept(folder, given[0])[0], "link[relation=next].url")[:1])
    except (LookupError, UnreadableError) as error:
        print(error)
        return 1
    print(written)
    return 0 if written or name in {"take", "make"} else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
