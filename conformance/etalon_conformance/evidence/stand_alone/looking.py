"""Looks into the answers of a server. Stands alone: the scripts of counterexamples hold this text.

A path is `status`, `header:NAME`, `type`, `body` (SHA-256), `size`, `text`, `url`, `accepted`, or
names joined by dots into the body, JSON or XML of FHIR, lists crossed without a word:
`entry.resource.id`, `link[relation=next].url`, `entry[0].fullUrl`, `entry[~TEXT].resource.id` (the
items that hold TEXT). `last:PATH` gives the last part of an address, `query:NAME` what the address
of a redirection bears under that name, `input:NAME` what a form of the page holds hidden.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import uuid
import xml.etree.ElementTree as Xml
from collections import Counter
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

REFERENCE = r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}"
OF_THE_MESSAGE = r"(status|type|body|size|text|url|accepted)$|header:"
INPUT = r"<input\b[^>]*>"
ATTRIBUTE = r"""([A-Za-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')"""


class Answer(NamedTuple):
    """What came back: status (0 when nothing did), names in lower case and values, body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    url: str = ""


class UnreadableError(Exception):
    """The body is neither JSON nor XML."""


def shape(answer: Answer) -> Any:
    """Return the body as JSON has it; None where it is empty, or a refusal in another form."""
    refused = 400 <= answer.status < 500
    if not answer.body.strip() and (refused or answer.status in (201, 202, 204, 304)):
        return None
    try:
        if "xml" in "".join(values(answer, "type")):
            return resource(Xml.fromstring(answer.body))
        return json.loads(answer.body.decode("utf-8"), parse_int=str, parse_float=str)
    except (ValueError, RecursionError, Xml.ParseError) as error:
        if refused:
            return None
        raise UnreadableError(str(error)) from error


def resource(element: Xml.Element) -> dict[str, Any]:
    """Return a resource in XML as JSON has it."""
    return {"resourceType": element.tag.rpartition("}")[2], **content(element)}


def content(element: Xml.Element) -> dict[str, Any]:
    """Return what an element of XML holds, each child in a list."""
    held: dict[str, Any] = {key: text for key, text in element.attrib.items() if key != "value"}
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name in ("resource", "contained") and "value" not in child.attrib:
            held.setdefault(name, []).extend(resource(inner) for inner in child)
        else:
            held.setdefault(name, []).append(child.attrib.get("value") or content(child))
    return held


def flat(value: Any) -> list[Any]:
    """Return the items of a list, however deep; any other value alone; nothing for null."""
    if is_list(value):
        return [inner for one in value for inner in flat(one)]
    return [] if value is None else [value]


def is_list(value: object) -> bool:
    """Tell whether a value of a body is a list."""
    return isinstance(value, list)


def written(value: Any) -> str:
    """Return a value as a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def chosen(items: list[Any], choice: str) -> list[Any]:
    """Return the items that a pair of brackets chooses."""
    if choice.isdigit():
        return items[int(choice) : int(choice) + 1]
    if choice.startswith("~"):
        return [one for one in items if choice[1:] in json.dumps(one, ensure_ascii=False)]
    key, _, wanted = choice.partition("=")
    return [one for one in items if wanted in within(one, key)]


def within(tree: Any, path: str) -> list[str]:
    """Return the values at a path into a body, as texts."""
    found = flat(tree)
    for name, brackets in re.findall(r"([^.\[\]]+)((?:\[[^\]]*\])*)(?:\.|$)", path):
        inner = [flat(one[name]) for one in found if isinstance(one, dict) and name in one]
        for choice in re.findall(r"\[([^\]]*)\]", brackets):
            inner = [chosen(items, choice) for items in inner]
        found = [one for items in inner for one in items]
    return [written(one) for one in found]


def values(answer: Answer, path: str) -> list[str]:
    """Return the values at a path of an answer, as texts."""
    if path.startswith("last:"):
        found = [re.sub(r"/_history/.*", "", one) for one in values(answer, path[5:])]
        return [one.rstrip("/").rpartition("/")[2] for one in found]
    if path.startswith("header:"):
        return [text for name, text in answer.headers if name == path[7:].lower()]
    if path.startswith("query:"):
        borne = (queried(one) for one in values(answer, "header:location"))
        return [one[path[6:]] for one in borne if path[6:] in one]
    if path.startswith("input:"):
        held = hidden_inputs(answer.body.decode("utf-8", "replace"))
        return [held[path[6:]]] if path[6:] in held else []
    types = [text for name, text in answer.headers if name == "content-type"][:1]
    known = {
        "status": lambda: [str(answer.status)],
        "type": lambda: [one.partition(";")[0].strip().lower() for one in types],
        "body": lambda: [hashlib.sha256(answer.body).hexdigest()],
        "size": lambda: [str(len(answer.body))],
        "text": lambda: [answer.body.decode("utf-8", "replace")],
        "url": lambda: [answer.url],
        "accepted": lambda: ["true" if answer.status in (200, 201, 202, 204) else "false"],
    }
    if path in known:
        return known[path]()
    return within(shape(answer), path.removeprefix("."))


def queried(address: str) -> dict[str, str]:
    """Return what an address bears in its query, by name."""
    try:
        return dict(parse_qsl(urlsplit(address).query))
    except ValueError:
        return {}


def hidden_inputs(page: str) -> dict[str, str]:
    """Return what the forms of a page hold hidden, by name."""
    found: dict[str, str] = {}
    for tag in re.findall(INPUT, page, re.IGNORECASE):
        known = {name.lower(): one or two for name, one, two in re.findall(ATTRIBUTE, tag)}
        if known.get("type", "").lower() == "hidden" and "name" in known:
            found[html.unescape(known["name"])] = html.unescape(known.get("value", ""))
    return found


def instant(value: str) -> datetime | None:
    """Return the instant that a text with a time zone tells, or None."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value):
        return None
    whole = re.sub(r"\.(\d+)", lambda part: "." + (part[1] + "000000")[:6], value)
    try:
        return datetime.fromisoformat(whole.replace("Z", "+00:00")).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def moved(value: str, was: str, now: str) -> str:
    """Return an instant or a day that stands to a clock as it stood to another.

    What is near keeps its distance to the second; the rest is moved by whole days.
    """
    before, after = instant(was), instant(now)
    if before is None or after is None:
        return value
    days = timedelta(days=(after.date() - before.date()).days)
    if "T" not in value:
        return (datetime.fromisoformat(value) + days).date().isoformat()
    at = instant(value)
    if at is None:
        return value
    whole = timedelta(seconds=int((after - before).total_seconds()))
    by = whole if abs(at - before) <= timedelta(hours=26) else timedelta(days=whole.days)
    return (datetime.fromisoformat(value[:19]) + by).isoformat() + value[19:]


def same(value: str) -> str:
    """Return a text that is the same for instants that are."""
    at = instant(value)
    return value if at is None else at.isoformat()


def rank(value: str) -> tuple[int, Decimal, str]:
    """Return what orders a value: a number by its size, an instant or a day by when it is."""
    try:
        return (0, Decimal(value), "")
    except InvalidOperation:
        pass
    try:
        at = instant(value) or datetime.fromisoformat(value).replace(tzinfo=timezone.utc)
        return (1, Decimal(str(at.timestamp())), "")
    except (ValueError, OverflowError):
        return (2, Decimal(0), value)


def related(relation: str, found: list[str], wanted: list[str]) -> bool:
    """Tell whether the values found stand to those wanted as a relation says."""
    if any(re.fullmatch(REFERENCE, one) for one in wanted):
        # An absolute address and one below the base lead to the same resource.
        found = [re.sub(rf"^https?://.*/({REFERENCE})(/_history/.*)?$", r"\1", x) for x in found]
    got, asked = [same(one) for one in found], [same(one) for one in wanted]
    ranks = [rank(one) for one in found] if relation.startswith("sorted") else []
    tells = {
        "equals": lambda: Counter(got) == Counter(asked),
        "one-of": lambda: bool(got) and set(got) <= set(asked),
        "includes": lambda: set(asked) <= set(got),
        "excludes": lambda: not set(asked) & set(got),
        "present": lambda: bool(found),
        "absent": lambda: not found,
        "matches": lambda: (
            bool(found) and all(re.fullmatch(wanted[0], x, re.DOTALL) for x in found)
        ),
        "count": lambda: len(found) == int(wanted[0]),
        "at-most": lambda: len(found) <= int(wanted[0]),
        "at-least": lambda: len(found) >= int(wanted[0]),
        "sorted-up": lambda: all(one <= two for one, two in zip(ranks, ranks[1:])),
        "sorted-down": lambda: all(one >= two for one, two in zip(ranks, ranks[1:])),
        "distinct": lambda: len(set(got)) == len(got),
    }
    return tells[relation]()


def seen(answers: list[Answer], path: str, relation: str, wanted: list[str]) -> tuple[bool, str]:
    """Tell whether answers are as expected, their values joined; and what was there."""
    found: list[str] = []
    for answer in answers:
        named = relation in ("equals", "one-of") and str(answer.status) in wanted
        if not answer.status:
            return False, "no answer"
        if answer.status >= 500 and not (path == "status" and named):
            return False, f"HTTP {answer.status}"
        try:
            found += values(answer, path)
        except UnreadableError as error:
            return False, f"HTTP {answer.status}, a body that cannot be read ({error})"
    kept = bool(answers) and related(relation, found, wanted)
    if kept and relation == "excludes" and not re.match(OF_THE_MESSAGE, path):
        kept = not any(betrays(answer, wanted) for answer in answers)
    return kept, listed(found) or "nothing"


def betrays(answer: Answer, wanted: list[str]) -> bool:
    """Tell whether a body that cannot be read holds in its text what must not be there."""
    try:
        if shape(answer) is not None:
            return False
    except UnreadableError:
        pass
    text = answer.body.decode("utf-8", "replace")
    return any(one and one in text for one in wanted)


def listed(found: list[str]) -> str:
    """Return values as a line."""
    shown = ", ".join(found[:12])
    more = f", … ({len(found)})" if len(found) > 12 else ""
    return (shown if len(shown) <= 200 else f"{shown[:200]}…") + more


def filled(template: str, known: dict[str, str]) -> str:
    """Return a text where `{{name}}` is that value, `{{name:quoted}}` percent-encoded.

    `{{open}}` stands for two braces.
    """

    def value(gap: re.Match[str]) -> str:
        found = "{{" if gap[1] == "open" else known.get(gap[1], gap[0])
        return quote(found, safe="") if gap[2] else found

    return re.sub(r"\{\{(\w+)(:quoted)?\}\}", value, template)


def fresh(kind: str) -> str:
    """Return a new identifier: a UUID, or the number below 2.25 that stands for one."""
    return str(uuid.uuid4()) if kind == "uuid" else str(uuid.uuid4().int)


def token_of(printed: str) -> str:
    """Return the token that an endpoint or a program printed, or an empty text."""
    try:
        return "".join(within(json.loads(printed), "access_token")[:1])
    except ValueError:
        return printed.strip()


def digests(content: bytes) -> dict[str, str]:
    """Return a content in base64, and its hashes as FHIR and others write them."""
    sha1, sha256 = hashlib.sha1(content), hashlib.sha256(content)
    return {
        "data": base64.b64encode(content).decode(),
        "sha1": base64.b64encode(sha1.digest()).decode(),
        "sha1hex": sha1.hexdigest(),
        "sha256": base64.b64encode(sha256.digest()).decode(),
        "sha256hex": sha256.hexdigest(),
        "size": str(len(content)),
    }
