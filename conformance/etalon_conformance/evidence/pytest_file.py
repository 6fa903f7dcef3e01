"""Writes the plan of a counterexample as a test for pytest, on the standard library alone."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from etalon_conformance.evidence.plan import (
    Asker,
    Look,
    Made,
    Plan,
    Sent,
    controls_after,
    is_done,
    is_prepared,
    last_look,
)
from etalon_conformance.evidence.shell import pretty, stand_alone, template

_END: Final = """

if __name__ == "__main__":
    import sys

    if len(sys.argv) > 1:
        os.environ["ETALON_TARGET"] = sys.argv[1]
    try:
        {name}()
    except unittest.SkipTest as reason:
        print(reason)
        sys.exit(2)
    except AssertionError as broken:
        print(broken)
        sys.exit(1)
    print("kept, the defect does not show")
"""


def test_file(plan: Plan, name: str, comment: Iterable[str], defaults: Mapping[str, str]) -> str:
    """Return the test of a plan.

    Args:
        plan: The calls and what is expected.
        name: What the test is called after.
        comment: Lines at its head.
        defaults: `base`, `root`, `sandbox`: addresses of the run.
    """
    named = "test_" + re.sub(r"\W+", "_", name).lower()
    head = '"""' + "\n".join(comment).replace("\\", "\\\\").replace('"""', "'''") + '\n"""\n\n'
    lines = [f"scene = Scene({defaults['base']!r}, {defaults['root']!r}, {defaults['sandbox']!r})"]
    for one in dict.fromkeys([*plan.given, *(one for call in plan.calls for one in call.needed)]):
        if one.kind in {"given", "secret"}:
            default = f", {one.text!r}" if one.kind == "given" else ""
            lines.append(f"scene.give({one.name!r}{default})")
    lines += [_asker(one) for one in plan.askers]
    for call in plan.calls:
        lines += _call(call, controls_after(plan, call), prepares=is_prepared(plan, call))
    lines.append(_look(last_look(plan)))
    body = "\n".join(_indented(line) for line in lines)
    program = stand_alone("looking.py", "scene.py")
    return f"{head}{program}\n\ndef {named}() -> None:\n{body}\n{_END.format(name=named)}"


def _indented(line: str) -> str:
    """Return a statement in the body of a function; the inside of a long text is left alone."""
    return f"    {line}" if line else ""


def _literal(text: str) -> str:
    """Return a text as a literal of Python, over several lines where it has them."""
    written = template(text)
    easy = "\n" in written and written.isprintable() is False and "'''" not in written
    if easy and "\\" not in written and all(c.isprintable() or c == "\n" for c in written):
        return f"'''{written}'''" if not written.endswith("'") else repr(written)
    return repr(written)


def _asker(one: Asker) -> str:
    actor = template(one.actor) if one.source is None else ""
    return f"scene.asker({one.name!r}, {actor!r})"


def _made(one: Made) -> list[str]:
    if one.kind in {"given", "secret"}:
        return []
    text = f", {_literal(one.text)}" if one.text else ""
    return [f"scene.make({one.name!r}, {one.kind!r}{text})"]


def _call(call: Sent, controls: Sequence[Look], *, prepares: bool) -> list[str]:
    lines = [""]
    for one in call.needed:
        lines += _made(one)
    number, url = str(call.number), _literal(call.url)
    headers = [(name, template(value)) for name, value in call.headers]
    shown = f", certificate={call.certificate!r}" if call.certificate else ""
    if call.pages and call.body is None:
        lines.append(f"scene.pages({number!r}, {call.asker!r}, {url}, {headers!r})")
    else:
        body = "" if call.body is None else f", {_literal(pretty(call.body))}"
        told = f"{number!r}, {call.asker!r}, {call.verb!r}, {url}, {headers!r}"
        lines.append(f"scene.call({told}{body}{shown})")
    if call.control:
        lines.append(f"scene.prepared({number!r})")
    elif is_done(call):
        lines.append(f"scene.usual({number!r}, changes={prepares})")
    lines += (_look(look) for look in controls)
    for taken in call.captured:
        places = ", ".join(repr(template(place)) for place in taken.places)
        lines.append(f"if not scene.capture({taken.name!r}, {taken.number!r}, {places}):")
        lines.append("    return")
    return lines


def _look(look: Look) -> str:
    wanted = look.expectation
    values = "".join(f", {template(value)!r}" for value in wanted.values)
    numbers = list(look.numbers)
    common = f"{numbers!r}, {template(wanted.path)!r}, {wanted.relation.value!r}{values})"
    if look.control:
        return f"scene.control({common}"
    return f"scene.verdict({look.requirement!r}, {common}"
