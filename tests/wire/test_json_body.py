"""JSON bodies: what is refused before anything is believed, and what is kept to the digit."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_wire.json_body import Json, Resource, read_json, read_value, write_json
from etalon_wire.malformed import Limits, Malformed

TEXTS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), min_size=1
)
NUMBERS = st.integers(-(1 << 63), (1 << 64) - 1) | st.decimals(
    allow_nan=False, allow_infinity=False, places=3, min_value=-(10**6), max_value=10**6
)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def refused(body: bytes, limits: Limits | None = None) -> Malformed:
    """Read a body that must be refused."""
    with pytest.raises(Malformed) as caught:
        read_value(body, limits or Limits())
    return caught.value


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b"", "structure", "empty"),
        (b" \n", "structure", "empty"),
        (b'{"a": 1', "structure", "cut short"),
        (b'{"a": "b', "structure", "cut short"),
        (b"[1, 2,]", "structure", "no JSON"),
        (b'{"a": 1} x', "structure", "line 1, column 10"),
        (b"\xef\xbb\xbf{}", "structure", "byte order mark"),
        ('{"a": 1}'.encode("utf-16"), "structure", "byte order mark"),
        (b'{"a": "\xff"}', "structure", "offset 7 is not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "structure", "offset 7 is not UTF-8"),
        (b'{"a": "\\ud800"}', "structure", "no JSON"),
        (b"NaN", "structure", "no JSON"),
        (b"-Infinity", "structure", "no JSON"),
        (b"1e400", "structure", "no JSON"),
        (b'{"a": "\\u0000"}', "value", "U+0000"),
        (b'{"a": "x\\b"}', "value", "U+0008"),
        (b'{"\\u001f": 1}', "value", "U+001F"),
        (b'{"a": "\\uFFFE"}', "value", "U+FFFE"),
        ('{"a": "\uffff"}'.encode(), "value", "U+FFFF"),
        (b"[" * 10_000 + b"]" * 10_000, "too-costly", "inside the other"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too-costly", "inside the other"),
        (b'{"a": 123456789012345678901}', "value", "64 bits"),
        (b'{"a": 18446744073709551616}', "value", "64 bits"),
        (b'{"a": -9223372036854775809}', "value", "64 bits"),
        (b'{"a": ' + b"9" * 300 + b"}", "value", "64 bits"),
        (b'{"a": 0.' + b"1" * 300 + b"}", "value", "at most 32 digits"),
        (b'{"a": 1e99}', "value", "at most 32 digits"),
        (b'{"a": 1e-0000000000000000000000001}', "value", "at most 32 digits"),
    ],
)
def test_a_body_that_is_not_strict_json_is_refused_with_its_reason(
    body: bytes, code: str, said: str
) -> None:
    """Code of FHIR and message say what was wrong and where."""
    error = refused(body)

    assert error.code == code
    assert said in error.message


@pytest.mark.parametrize(
    ("body", "place", "key"),
    [
        (b'{"a": 1, "a": 2}', "$this", "a"),
        (b'{"resourceType": "Patient", "name": [{}, {"b": 1, "b": 1}]}', "Patient.name[1]", "b"),
        (b'{"a": 1, "\\u0061": 2}', "$this", "a"),
        (b'{"a": 1, "a": "\\u003a"}', "$this", "a"),
        (b'{"a:b": 1, "c": ":", "a\\u003ab": 2}', "$this", "a:b"),
        (b'{"a": {"x": 1}, "b": [{"c": {"d": 1, "e": 0, "d": {"f": 2}}}]}', "$this.b[0].c", "d"),
    ],
)
def test_a_key_that_stands_twice_is_refused_where_it_stands(
    body: bytes, place: str, key: str
) -> None:
    """However it is spelt, and whatever its values: two readers would disagree."""
    error = refused(body)

    assert error.code == "structure"
    assert error.expression == place
    assert repr(key) in error.message


@settings(max_examples=settings().max_examples // 2)
@given(value=st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4), data=st.data())
def test_a_repeated_key_is_found_anywhere(value: dict[str, Json], data: st.DataObject) -> None:
    """A key put a second time in any object, with any value, is refused."""
    repeated = data.draw(st.sampled_from(sorted(value)))
    inner = write_json(value)[:-1] + b"," + write_json(repeated) + b":" + b"null}"
    wrapped = data.draw(st.sampled_from([b"%s", b'[{"o":%s}]', b'{"o":[1,%s]}'])) % inner

    assert "stands twice" in refused(wrapped).message


@given(value=VALUES)
def test_what_is_written_is_read_back_to_the_digit(value: Json) -> None:
    """Every value survives, and every decimal keeps its zeros."""
    written = write_json(value)

    assert read_value(written) == value
    assert write_json(read_value(written)) == written


@pytest.mark.parametrize("number", ["1.50", "0.010", "-3.0", "5E+1", "0.0", "18446744073709551615"])
def test_a_number_keeps_the_digits_it_was_written_with(number: str) -> None:
    """FHIR gives a meaning to the precision of a decimal."""
    assert write_json(read_value(f'{{"value":{number}}}'.encode())) == (
        f'{{"value":{number}}}'.encode()
    )


@pytest.mark.parametrize(("depth", "accepted"), [(63, True), (64, True), (65, False)])
@pytest.mark.parametrize(("opens", "core", "closes"), [("[", "1.5", "]"), ('{"a":', '"x"', "}")])
def test_depth_is_counted_to_the_limit(
    depth: int, opens: str, core: str, closes: str, *, accepted: bool
) -> None:
    """Sixty-four objects and arrays may stand one inside the other; one more may not."""
    body = (opens * depth + core + closes * depth).encode()

    if accepted:
        read_value(body)
    else:
        assert refused(body).code == "too-costly"


def test_brackets_in_texts_are_no_depth() -> None:
    """A text may hold as many as it likes."""
    body = {"a": "[{" * 500}

    assert read_value(json.dumps(body).encode()) == body


@pytest.mark.parametrize(("size", "accepted"), [(99, True), (100, True), (101, False)])
def test_a_body_longer_than_the_limit_is_not_read(size: int, *, accepted: bool) -> None:
    """The count is of bytes, before anything is parsed."""
    body = b'"' + b"a" * (size - 2) + b'"'

    if accepted:
        assert read_value(body, Limits(bytes=100)) == "a" * (size - 2)
    else:
        assert refused(body, Limits(bytes=100)).code == "too-long"


@pytest.mark.parametrize("body", [b"[]", b"1", b"{}", b'{"resourceType": 1}', b'["resourceType"]'])
def test_a_resource_is_an_object_with_its_type(body: bytes) -> None:
    """Anything else is JSON, and no resource."""
    with pytest.raises(Malformed) as caught:
        read_json(body)

    assert caught.value.code == "structure"


def test_ordinary_escapes_are_read() -> None:
    """Line ends, tabs, quotes and signs beyond the first plane are in FHIR's strings."""
    body = b'{"a": "\\n\\r\\t\\"\\\\b \\u00e9 \\ud83d\\ude00 \xef\xbf\xbd"}'

    assert read_value(body) == {"a": '\n\r\t"\\b é 😀 \ufffd'}


def test_every_sample_is_read_as_python_reads_it(sample: Path) -> None:
    """Another reader, and decimals apart, finds the same."""
    found = read_json(sample.read_bytes())

    assert found == json.loads(sample.read_text(encoding="utf-8"), parse_float=Decimal)


def test_a_value_that_json_lacks_is_not_written() -> None:
    """A programming error is one: nothing is guessed."""
    with pytest.raises(TypeError, match="not JSON serializable: set"):
        write_json({"a": set()})  # type: ignore[dict-item]


def test_the_order_of_keys_is_kept(body: Callable[[str], Resource]) -> None:
    """What was built in one order is written in it."""
    resource = body("document_reference")

    assert list(read_json(write_json(resource))) == list(resource)
