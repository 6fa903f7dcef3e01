"""Writes the plan of a counterexample as a test for pytest, on the standard library alone."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from etalon_conformance.evidence.plan import Asker, Gap, Look, Made, Plan, Sent, parts_of
from etalon_conformance.evidence.shell import as_gap, pretty, stand_alone

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
        lines += _call(call)
    lines += [_look(look) for look in plan.looks]
    body = "\n".join(_indented(line) for line in lines)
    program = stand_alone("looking.py", "scene.py")
    return f"{head}{program}\n\ndef {named}() -> None:\n{body}\n{_END.format(name=named)}"


def _indented(line: str) -> str:
    """Return a statement in the body of a function; the inside of a long text is left alone."""
    return f"    {line}" if line else ""


def _template(text: str) -> str:
    return "".join(as_gap(part) if isinstance(part, Gap) else part for part in parts_of(text))


def _literal(text: str) -> str:
    """Return a text as a literal of Python, over several lines where it has them."""
    template = _template(text)
    easy = "\n" in template and template.isprintable() is False and "'''" not in template
    if easy and "\\" not in template and all(c.isprintable() or c == "\n" for c in template):
        return f"'''{template}'''" if not template.endswith("'") else repr(template)
    return repr(template)


def _asker(one: Asker) -> str:
    actor = _template(one.actor) if one.source is None else ""
    return f"scene.asker({one.name!r}, {actor!r})"


def _made(one: Made) -> list[str]:
    if one.kind in {"given", "secret"}:
        return []
    text = f", {_literal(one.text)}" if one.text else ""
    return [f"scene.make({one.name!r}, {one.kind!r}{text})"]


def _call(call: Sent) -> list[str]:
    lines = [""]
    for one in call.needed:
        lines += _made(one)
    number, url = str(call.number), _literal(call.url)
    headers = [(name, _template(value)) for name, value in call.headers]
    if call.pages and call.body is None:
        lines.append(f"scene.pages({number!r}, {call.asker!r}, {url}, {headers!r})")
    else:
        body = "" if call.body is None else f", {_literal(pretty(call.body))}"
        lines.append(
            f"scene.call({number!r}, {call.asker!r}, {call.verb!r}, {url}, {headers!r}{body})"
        )
    if call.control:
        lines.append(f"scene.prepared({number!r})")
    for taken in call.captured:
        places = ", ".join(repr(_template(place)) for place in taken.places)
        lines.append(f"scene.capture({taken.name!r}, {taken.number!r}, {places})")
    return lines


def _look(look: Look) -> str:
    wanted = look.expectation
    values = "".join(f", {_template(value)!r}" for value in wanted.values)
    numbers = list(look.numbers)
    common = f"{numbers!r}, {_template(wanted.path)!r}, {wanted.relation.value!r}{values})"
    if look.control:
        return f"scene.control({common}"
    return f"scene.verdict({look.requirement!r}, {common}"
