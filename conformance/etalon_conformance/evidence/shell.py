"""Writes the plan of a counterexample as a script for sh, which needs curl and python3 alone."""

import base64
import json
import re
import shlex
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from etalon_conformance.evidence.plan import (
    Asker,
    Gap,
    Look,
    Made,
    Plan,
    Sent,
    controls_after,
    is_done,
    is_prepared,
    last_look,
    names_in,
    parts_of,
)
from etalon_target.profile_sections import (
    CodeToken,
    CommandToken,
    CredentialsToken,
    ExchangeToken,
    FixedToken,
    TokenSource,
)
from etalon_target.secrecy import REFERENCE
from etalon_target.templates import filled
from etalon_target.tokens import Sources

_END: Final = "JSON"
_PLAIN: Final = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]*")
_SHORT: Final = 120
"""Characters of JSON below which one line is easiest to read."""
_WIDE: Final = 96
_HASHES: Final = frozenset({"data", "sha1", "sha1hex", "sha256", "sha256hex", "size"})
_SMALL: Final = 20_000
"""Characters of a body above which it is packed."""


@cache
def stand_alone(*names: str) -> str:
    """Return modules of this package as one text for Python that imports nothing of ours."""
    imports: set[str] = set()
    bodies: list[str] = []
    for name in names:
        _, _, text = _source(name).partition('"""\n\n')
        begins = re.search(r"^(?:[A-Z_]+ = |def |class )", text, re.MULTILINE)
        place = begins.start() if begins else 0
        ours = re.compile(r"^from etalon_conformance\S* import \([^)]*\)", re.MULTILINE)
        lines = ours.sub("", text[:place]).splitlines()
        imports |= {one for one in lines if one.startswith(("import ", "from "))}
        bodies.append(text[place:].strip())
    future = "from __future__ import annotations"
    return "\n".join([future, "", *sorted(imports - {future}), "", "", "\n\n\n".join(bodies), ""])


def _source(name: str) -> str:
    return (files("etalon_conformance.evidence.stand_alone") / name).read_text(encoding="utf-8")


@cache
def _prelude() -> str:
    return _source("prelude.sh")


def quoted(text: str) -> str:
    """Return a text with gaps as one word of the shell, between double quotes where it has gaps."""
    parts = parts_of(text)
    if not any(isinstance(part, Gap) for part in parts):
        return shlex.quote(text)
    return '"' + "".join(_in_double(part) for part in parts) + '"'


def _in_double(part: str | Gap) -> str:
    if isinstance(part, Gap):
        return f'$(quoted "${part.name}")' if part.form else f"${{{part.name}}}"
    return re.sub(r'([\\"$`])', r"\\\1", part)


def _here(text: str) -> str:
    """Return a text with gaps as the lines of a here-document, whose end is never one of them."""
    parts = (
        _in_double(part) if isinstance(part, Gap) else re.sub(r"([\\$`])", r"\\\1", part)
        for part in parts_of(text)
    )
    return "".join(parts)


def _body(call: Sent) -> list[str]:
    if call.body is None:
        return []
    body = pretty(call.body)
    return ["body <<" + _document(body)] if _is_plain(body) else [_packed(call.body, "sent")]


def pretty(text: str) -> str:
    """Return JSON over several lines, where spaces alone are changed by that; else the text."""
    if len(text) < _SHORT:
        return text
    # A gap that stands for a number is no JSON: it is put between quotes meanwhile.
    held = re.sub(r"(?<=[:\s])(\ue000\w+\ue001)", r'"#\1#"', text)
    try:
        value = json.loads(held)
    except (ValueError, RecursionError):
        return text
    as_written = {
        json.dumps(value, ensure_ascii=False, separators=separators)
        for separators in ((",", ":"), (", ", ": "))
    }
    if held not in as_written:
        return text
    return re.sub(r'"#(\ue000\w+\ue001)#"', r"\1", json.dumps(value, ensure_ascii=False, indent=1))


def _is_plain(text: str) -> bool:
    return (
        bool(_PLAIN.fullmatch(text))
        and len(text) < _SMALL
        and not text.endswith("\n")
        and f"\n{_END}\n" not in f"\n{text}\n"
    )


def _document(text: str) -> str:
    gaps = names_in(text)
    end = _END if gaps else f"'{_END}'"
    return f"{end}\n{_here(text) if gaps else text}\n{_END}"


def template(text: str) -> str:
    """Return a text with gaps as `looking.filled` reads it."""
    return "".join(
        part.replace("{{", "{{open}}") if isinstance(part, str) else _as_gap(part)
        for part in parts_of(text)
    )


def _as_gap(part: Gap) -> str:
    return f"{{{{{part.name}:{part.form}}}}}" if part.form else f"{{{{{part.name}}}}}"


def _packed(text: str, name: str) -> str:
    """Return the line that unpacks a text into a file: its bytes cannot stand in a script."""
    packed = base64.encodebytes(
        zlib.compress(template(text).encode("utf-8", "surrogateescape"), 9)
    ).decode()
    known = "".join(f' {one} "${{{one}}}"' for one in names_in(text))
    return (
        f'python3 -I -S "$work/look" unpacked{known} <<\'PACKED\' >"$work/{name}"\n{packed}PACKED'
    )


def _made(needed: Sequence[Made]) -> list[str]:
    """Return the lines that make what a call needs: new values first, contents, their hashes."""
    simple = [one for one in needed if one.kind in {"uuid", "oid", "at"}]
    contents = [one for one in needed if one.kind == "content"]
    hashes = [one for one in needed if one.kind in _HASHES]
    lines: list[str] = []
    if simple:
        lines.append(_words("make", [f"{one.name}={_how(one)}" for one in simple]))
    for one in contents:
        if _is_plain(one.text):
            lines += [f"body <<{_document(one.text)}", f'mv "$work/sent" "$work/{one.name}"']
        else:
            lines.append(_packed(one.text, one.name))
    if hashes:
        lines.append(_words("make", [f"{one.name}={one.kind} {one.text}" for one in hashes]))
    return lines


def _how(one: Made) -> str:
    return f"{one.kind} {one.text}" if one.text else one.kind


def _words(command: str, words: Iterable[str]) -> str:
    """Return a command with its words, as many on a line as have room."""
    lines = [command]
    for word in map(quoted, words):
        if len(lines[-1]) + len(word) > _WIDE:
            lines.append("   ")
        lines[-1] += f" {word}"
    return " \\\n".join(lines)


def _call(call: Sent) -> list[str]:
    verb = "page" if call.pages else "call"
    line = f"{verb} {call.number} {call.asker or '-'} {call.verb} {quoted(call.url)}"
    headers = [
        f"    -H {quoted(f'{name}: {value}' if value else f'{name};')}"
        for name, value in call.headers
    ]
    shown = [f'    --cert "$CERT_{call.certificate.upper()}"'] if call.certificate else []
    return [" \\\n".join([line, *shown, *headers])]


def _captured(call: Sent) -> Iterable[str]:
    by_number: dict[str, list[str]] = {}
    for one in call.captured:
        by_number.setdefault(one.number, []).extend(f"{one.name}={place}" for place in one.places)
    return (_words(f"take {number}", words) for number, words in by_number.items())


def _steps(call: Sent, controls: Sequence[Look], *, prepares: bool) -> str:
    what = f"# {call.number}. {_said(call)}"
    lines = [what]
    lines += _made(call.needed)
    lines += _body(call)
    lines += _call(call)
    if call.control:
        lines.append(f"prepared {call.number}")
    elif is_done(call):
        lines.append(f"usual {call.number} {call.status}{' changes' if prepares else ''}")
    lines += (_look(look) for look in controls)
    lines += _captured(call)
    return "\n".join(lines)


def _said(call: Sent) -> str:
    asker = f", as {call.asker}" if call.asker else ""
    role = "set-up" if call.control else "call"
    path = "".join(f"${p.name}" if isinstance(p, Gap) else p for p in parts_of(call.url))
    shown = path.partition("?")[0].removeprefix("$base/")
    return f"{role}{asker}: {call.verb} {shown}; {call.status or 'no answer'} in the run"


def _look(look: Look) -> str:
    wanted = look.expectation
    values = "".join(f" {quoted(value)}" for value in wanted.values)
    verb = "control" if look.control else f"verdict {look.requirement}"
    numbers = ",".join(look.numbers)
    return f"{verb} {numbers} {quoted(wanted.path)} {wanted.relation}{values}"


def _asker(asker: Asker, sources: Sources) -> str:
    lines = _token(asker, asker.source, sources)
    return f"token_of_{asker.name}() {{\n" + "\n".join(lines) + "\n}"


def _token(asker: Asker, source: TokenSource | None, sources: Sources) -> list[str]:
    known = {
        "kind": asker.who.kind.value,
        "ident": asker.who.ident,
        "profession": asker.who.profession,
        "on_behalf_of": asker.who.on_behalf_of,
        "label": asker.who.label,
    }
    match source:
        case None:
            return [f"    minted <<{_document(asker.actor)}"]
        case FixedToken():
            return [f"    printf '%s' {_reference(source.token)}"]
        case CommandToken():
            line = shlex.join(filled(part, known) for part in source.command)
            if sources.folder != Path():
                line = f"(cd {shlex.quote(str(sources.folder.resolve()))} && {line})"
            return [f'    {line} | python3 -I -S "$work/look" token']
        case CredentialsToken():
            return _granted(source, asker, {"grant_type": "client_credentials"}, known)
        case ExchangeToken():
            subject = _token(asker, sources.by_name.get(source.subject), sources)
            form = {
                "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                "subject_token_type": source.subject_token_type,
                "audience": source.audience,
                "resource": source.resource,
            }
            inner = "\n".join(f"    {line}" for line in subject)
            head = [f"    subject=$(\n{inner}\n    ) || return 1"]
            return head + _granted(
                source, asker, form, known, ' --data-urlencode "subject_token=$subject"'
            )
        case CodeToken():
            name = f"TOKEN_{asker.name.upper()}"
            return [f"    printf '%s' \"${{{name}:?a token of {asker.name}, logged in by hand}}\""]


def _granted(
    source: CredentialsToken | ExchangeToken,
    asker: Asker,
    form: Mapping[str, str],
    known: Mapping[str, str],
    more: str = "",
) -> list[str]:
    asked = {key: filled(value, known) for key, value in source.parameters.items()} | dict(form)
    asked["scope"] = asker.who.scope or source.scope
    line = "    curl -q -sS -g $CURL_OPTIONS"
    if source.proof == "basic":
        line += f" -u {shlex.quote(source.client)}:{_reference(source.secret)}"
    else:
        asked["client_id"] = source.client
    for key, value in asked.items():
        line += f" \\\n        --data-urlencode {shlex.quote(f'{key}={value}')}" if value else ""
    if source.proof == "post":
        line += f" \\\n        --data-urlencode client_secret={_reference(source.secret)}"
    endpoint = shlex.quote(source.token_endpoint)
    return [f'{line}{more} \\\n        {endpoint} | python3 -I -S "$work/look" token']


def _reference(reference: str) -> str:
    """Return a word of the shell that reads a secret from where the profile says it is."""
    match = REFERENCE.fullmatch(reference)
    kind, where = (match[1], match[2]) if match else ("", "")
    if kind == "env" and re.fullmatch(r"[A-Za-z_]\w*", where):
        return f'"${{{where}:?}}"'
    if kind == "file":
        return f'"$(cat {shlex.quote(str(Path(where)))})"'
    return f'"$({where})"' if kind == "command" else '""'


def _header(comment: Iterable[str], defaults: Mapping[str, str]) -> list[str]:
    lines = ["#!/bin/sh", *(f"# {line}".rstrip() for line in comment), ""]
    lines += [f"default={shlex.quote(defaults['base'])}"]
    root, sandbox = defaults["root"], defaults["sandbox"]
    lines.append(f"default_root={shlex.quote(root)} default_sandbox={shlex.quote(sandbox)}")
    return lines


def script(
    plan: Plan,
    comment: Iterable[str],
    defaults: Mapping[str, str],
    sources: Sources,
) -> str:
    """Return the script of a plan.

    Args:
        plan: The calls and what is expected.
        comment: Lines of the comment at its head.
        defaults: `base`, `root`, `sandbox`: addresses; an empty root or sandbox follows the base.
        sources: Where the profile has tokens from.
    """
    blocks = ["\n".join(_header(comment, defaults)), _prelude()]
    blocks.append(
        f"cat >\"$work/look\" <<'PYTHON'\n{stand_alone('looking.py', 'looking_commands.py')}PYTHON"
    )
    outside = [*plan.given, *(one for call in plan.calls for one in call.needed)]
    for one in dict.fromkeys(one for one in outside if one.kind in {"given", "secret"}):
        name = one.name.upper()
        default = (
            f":-{shlex.quote(one.text)}"
            if one.kind == "given"
            else f":?set {name}, a secret of the run"
        )
        blocks.append(f"{one.name}=${{{name}{default}}}")
    shown = dict.fromkeys(one.certificate for one in plan.calls if one.certificate)
    blocks.extend(f"certificate CERT_{name.upper()}" for name in shown)
    if plan.askers:
        blocks.append(
            "# Who asks. A token is taken when it is first needed, and again when it is refused.\n"
            + "\n".join(_asker(one, sources) for one in plan.askers)
        )
    blocks += [
        _steps(call, controls_after(plan, call), prepares=is_prepared(plan, call))
        for call in plan.calls
    ]
    blocks.append("# What the check expects.\n" + _look(last_look(plan)))
    return "\n\n".join(blocks) + "\n"
