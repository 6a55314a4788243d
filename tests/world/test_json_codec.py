"""JSON in and out: exact numbers, and nothing that JSON is not."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offer_sandbox.world.json_codec import DocumentError, dump, load, parse

NUMBERS = st.integers() | st.decimals(-(10**40), 10**40, allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_dumped_comes_back_equal(value):
    assert load(dump(value)) == value


@given(VALUES)
def test_any_json_parses_to_an_equal_value(value):
    text = json.dumps(value, default=str)
    assert parse(text) == json.loads(text, parse_float=Decimal)


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("1.0", 1, int),
        ("1e3", 1000, int),
        ("-0.0", 0, int),
        ("1.50", Decimal("1.50"), Decimal),
        ("0.1234567890123456789", Decimal("0.1234567890123456789"), Decimal),
        ("1e13", 10**13, int),
        ("1e14", Decimal("1e14"), Decimal),
        ("1e399", Decimal("1e399"), Decimal),
        ("1e-400", Decimal("1e-400"), Decimal),
        ("123456789012345678901234567890", 123456789012345678901234567890, int),
    ],
)
def test_numbers_are_exact(text, value, kind):
    found = parse(text)
    assert (found, type(found)) == (value, kind)
    assert json.loads(dump(found), parse_float=Decimal, parse_int=Decimal) == Decimal(text)


def test_whole_numbers_are_printed_without_a_fraction():
    assert dump(parse('{"amount": 372000.0}')) == b'{"amount":372000}'


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"{",
        b"NaN",
        b"-Infinity",
        b"[1,]",
        b"{'a': 1}",
        b'{"a": 1, "a": 1}',
        b'{"b": {"a": 1, "a": 2}}',
        b"\xff",
        b'"\\ud800"',
        b"[" * 65 + b"]" * 65,
        b"[" * 1_000_000,
        b"9" * 5000,
        b"1e9999999999999999999999",
        b"1e400",
        "﻿{}".encode(),
    ],
    ids=lambda text: f"{text[:14]!r}-{len(text)}",
)
def test_what_is_refused(text):
    with pytest.raises(DocumentError):
        parse(text)


@pytest.mark.parametrize("number", ["1e13", "1e14", "1e30", "1e300", "-1e399", "1e-13", "1e-30", "1E-300", "5e0"])
def test_numbers_take_at_most_three_times_the_room_of_their_texts(number):
    text = f"[{','.join([number] * 100)}]"
    for exact in (False, True):
        assert len(dump(parse(text, exact=exact))) <= 3 * len(text)
        assert load(dump(parse(text, exact=exact))) == [Decimal(number)] * 100


@given(VALUES, st.integers(1, 6))
def test_depth_is_that_of_the_values(value, deepest):
    def depth(value):
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        return 0 if inner is None else 1 + max(map(depth, inner), default=0)

    text = json.dumps(value, default=str)
    if depth(value) <= deepest:
        assert parse(text, deepest=deepest) == json.loads(text, parse_float=Decimal)
    else:
        with pytest.raises(DocumentError, match=f"nested more than {deepest} levels deep"):
            parse(text, deepest=deepest)


def test_sixty_four_levels_are_allowed():
    assert parse(b"[" * 64 + b"]" * 64)
    assert parse(b'["' + b"[" * 100 + b'"]') == ["[" * 100], "brackets in a text do not count"


def test_duplicate_keys_are_named():
    with pytest.raises(DocumentError, match="'colour' occurs twice"):
        parse('{"colour": 1, "colour": 2}')


def test_hostile_texts_are_refused_in_linear_time():
    """Twice the keys take about twice the steps: the search for the duplicate looks at each key once."""
    keys = ", ".join(f'"{number}": 1' for number in range(200_000))
    with pytest.raises(DocumentError, match="'199999' occurs twice"):
        parse(f'{{{keys}, "199999": 1}}')


def test_an_exact_number_is_printed_as_it_came():
    text = b'{"percent":5.0,"count":5,"least":-0.0,"price":1.50,"long":123456789012345678901.0}'
    assert dump(parse(text, exact=True)) == text
    assert dump(load(dump(parse(text, exact=True)))) == text
    with pytest.raises(DocumentError, match="too large"):
        parse(b"1e400", exact=True)


def test_a_text_may_be_nested_deeper_where_that_is_asked_for():
    text = b"[" * 72 + b"]" * 72
    assert parse(text, deepest=72)
    with pytest.raises(DocumentError, match="nested more than 71 levels deep"):
        parse(text, deepest=71)
