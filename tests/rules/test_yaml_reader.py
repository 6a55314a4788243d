"""The text of scenario files: what YAML and JSON say, where each thing stands, and what is refused at which place."""

import json
import re
import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offer_sandbox.rules.yaml_reader import MAX_BYTES, MAX_VALUES, Position, TextError, read
from offer_sandbox.world import json_codec

VALUES = [
    ("2026-04-17T19:45:00Z", "2026-04-17T19:45:00Z"),
    ("2026-04-17", "2026-04-17"),
    ("PT25S", "PT25S"),
    ("12:30:45", "12:30:45"),
    ("yes", "yes"),
    ("no", "no"),
    ("on", "on"),
    ("Off", "Off"),
    ("true", True),
    ("False", False),
    ("TRUE", True),
    ("tRUE", "tRUE"),
    ("null", None),
    ("~", None),
    ("nULL", "nULL"),
    ("a:", {"a": None}),
    ("a:\nb: {c, d: }\n", {"a": None, "b": {"c": None, "d": None}}),
    ("-\n- 1", [None, 1]),
    ("7", 7),
    ("+7", 7),
    ("-7", -7),
    ("012", 12),
    ("1_000", "1_000"),
    ("0o14", 12),
    ("0x1F", 31),
    ("-0x1F", "-0x1F"),
    ("0b11", "0b11"),
    ("1" * 400, int("1" * 400)),
    ("0.1", Decimal("0.1")),
    (".5", Decimal("0.5")),
    ("-.5", Decimal("-0.5")),
    ("007.50", Decimal("7.50")),
    ("12345678901234567890.12345678901234567891", Decimal("12345678901234567890.12345678901234567891")),
    ("1.", 1),
    ("1.0", 1),
    ("1e3", 1000),
    ("2.5E-1", Decimal("0.25")),
    ("1.2.3", "1.2.3"),
    (".", "."),
    ("e3", "e3"),
    ("\N{ARABIC-INDIC DIGIT FIVE}", "\N{ARABIC-INDIC DIGIT FIVE}"),
    ('"7"', "7"),
    ("'true'", "true"),
    ('""', ""),
    ('"<<": 1', {"<<": 1}),
    ("a: <<", {"a": "<<"}),
    ("=", "="),
    ("|\n  7\n", "7\n"),
    (">-\n  one\n  line\n", "one line"),
    ("one\n two", "one two"),
    (r'"\ud83d\ude00\u00e9\/\0"', "\N{GRINNING FACE}é/\0"),
    (r'"\U0001F600"', "\N{GRINNING FACE}"),
    (r"C:\Users\U99999999", r"C:\Users\U99999999"),
    ("a: [1, {b: c}]", {"a": [1, {"b": "c"}]}),
    ("{url: http://localhost:8080/x?y=1}", {"url": "http://localhost:8080/x?y=1"}),
    ('{"a":1}', {"a": 1}),
    ('{\n\t"a": [\n\t\t1\n\t]\n}', {"a": [1]}),
    ("- a\n- - b\n", ["a", ["b"]]),
    ("--- a\n...\n", "a"),
    ("\ufeff# a comment\na: 1 # another\n", {"a": 1}),
    ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
]

REFUSALS = [
    # what is not there, and what is more than one
    ("", "no value", 1, 1),
    ("# only this\n\n", "no value", 1, 1),
    ("---\n", "no value", 2, 1),
    ("a: 1\n---\nb: 2\n", "more than one document", 2, 1),
    ("a\n...\n%YAML 1." + "9" * 5000, "not valid YAML", 1, 2),
    # what JSON cannot say
    ("a: &x 1\n", "anchors", 1, 4),
    ("a:\n  - &x {b: 1}\n", "anchors", 2, 5),
    ("&x a: 1\n", "anchors", 1, 1),
    ("a: *x\n", "aliases", 1, 4),
    ("a: 1\n*x : 2\n", "aliases", 2, 1),
    ("a: !!str 1\n", "tags", 1, 4),
    ("a: ! 1\n", "tags", 1, 4),
    ("!!python/object:os.system {}\n", "tags", 1, 1),
    ("a: {b: 1}\n<<: {c: 1}\n", "merge keys", 2, 1),
    ("%TAG ! tag:example.org,2026:\n---\na: 1\n", "directives", 1, 1),
    ("# first\n\n%YAML 1.1\n---\na: 1\n", "directives", 3, 1),
    ("a: 1\n  # here\n1: 2\n", "a key must be text", 3, 1),
    ("{a: 1, true: 2}", "a key must be text", 1, 8),
    (": 1", "a key must be text", 1, 1),
    ("? [a]\n: 1\n", "a key must be text", 1, 3),
    ("? {a: 1}\n: 1\n", "a key must be text", 1, 3),
    ("- .inf\n- 1\n", "finite", 1, 3),
    ("- 1\n- -.INF\n", "finite", 2, 3),
    ("[1, .nan]", "finite", 1, 5),
    # what stands twice
    ("a: 1\nb: 2\na: 3\n", "the key 'a' occurs twice", 3, 1),
    ('{"b": {"a": 1, "\\u0061": 2}}', "the key 'a' occurs twice", 1, 16),
    # what is too large
    ("[" * 64 + "[]" + "]" * 64, "more than 64 levels deep", 1, 65),
    ("[" * 30_000, "more than 64 levels deep", 1, 65),
    ("{a: " * 7_000, "more than 64 levels deep", 1, 257),
    ("- " * 10_000, "more than 64 levels deep", 1, 129),
    ("\n".join(" " * level + "a:" for level in range(70)), "more than 64 levels deep", 65, 65),
    ("a: " + "1" * 401, "too large", 1, 4),
    ("a: 0." + "1" * 400, "too large", 1, 4),
    ("a: 0x" + "f" * 400, "too large", 1, 4),
    ("- 1e400", "too large", 1, 3),
    ("- 1e99999999999999999999999", "too large", 1, 3),
    ("- 1\n" * (MAX_VALUES + 1), f"more than {MAX_VALUES} values", MAX_VALUES, 3),
    ("#" * MAX_BYTES + "\n", f"longer than {MAX_BYTES // 1024} KiB", 1, 1),
    # what no one sees, or not everyone sees the same in
    ("a: 1\nb: \0", "U+0000", 2, 4),
    ("a: 1\r\nb: c\x07", "U+0007", 2, 5),
    ("a: \x7f", "U+007F", 1, 4),
    ("a: \x85b", "U+0085", 1, 4),
    ('{"é": "\u2028"}', "U+2028", 1, 8),
    ("a: \ufeffb", "U+FEFF", 1, 4),
    # what is no YAML
    ("a: [1, 2\nb: 3\n", "not valid YAML", 2, 2),
    ('a: "b\n', "that begins on line 1", 2, 1),
    ("a: b: c\n", "mapping values are not allowed here", 1, 5),
    ("a:\n\t- b\n", "'\\t'", 2, 1),
    ("a: 1\n b: 2\n", "not valid YAML", 2, 3),
    ("a: @b\n", "'@'", 1, 4),
    ('- 1\n- "\\q"\n', "unknown escape", 2, 5),
    ('- 1\n- "\\UFFFFFFFF"\n', "not a valid character", 2, 4),
    ('- 1\n- "\\U00110000"\n', "not a valid character", 2, 4),
    ('- 1\n- "a\\ud83d"\n', "half of a surrogate pair", 2, 3),
]


def as_text(value: object) -> str:
    text = repr(value)
    return text if len(text) < 40 else f"{text[:40]} ({len(text)})"


@pytest.mark.parametrize(("text", "value"), VALUES, ids=as_text)
def test_values_are_those_of_the_core_schema(text, value):
    found = read(text.encode()).value
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("text", "reason", "line", "column"), REFUSALS, ids=as_text)
def test_what_is_refused_is_refused_at_its_place(text, reason, line, column):
    with pytest.raises(TextError) as refusal:
        read(text.encode())
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert refusal.value.position == Position(line, column)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        (b"\xff\xfea\0", Position(1, 1)),
        ("é: 1\nü: ".encode() + b"\xe9\n", Position(2, 4)),
        (b"\xef\xbb\xbfa: 1\nb: \xc0", Position(2, 4)),
        (b"a: \xed\xa0\x80", Position(1, 4)),
    ],
)
def test_bytes_that_are_no_utf_8_are_refused_at_the_first(text, position):
    with pytest.raises(TextError, match="not valid UTF-8") as refusal:
        read(text)
    assert refusal.value.position == position


def test_a_text_beyond_the_limit_is_not_even_decoded():
    with pytest.raises(TextError, match=f"longer than {MAX_BYTES // 1024} KiB"):
        read(b"\xff" * 10 * 1024 * 1024)


@pytest.mark.parametrize(
    ("piece", "last"),
    [("# a comment\n", "x"), ("\n", "x"), (" ", "x"), ("-", "-"), ("x", "x"), ("x ", "x"), ("x\n", "x")],
)
def test_a_long_text_of_little_is_read(piece, last):
    text = piece * ((MAX_BYTES - 1) // len(piece)) + last
    assert read(text.encode()).value.endswith(last)


def test_a_large_scenario_is_read():
    rule = {
        "on": "covent.createOffer",
        "when": {"amount": {"gte": 100000}},
        "then": "created",
        "times": 3,
        "tags": ["a", 2],
    }
    value = {"rules": [rule] * 250}
    text = json.dumps(value).encode()
    assert len(text) > MAX_BYTES * 0.8
    assert read(text).value == value


BLOCK = """\
# of a shop
name: Late answers
rules:
  - on: covent.createOffer
    when: {amount: {gte: 100}, "currency": USD}
    then:
    - delay: PT25S
      note: |
        two
        lines
  -   on: sibi.createOffer
empty:
"""

PLACES = [
    (BLOCK, (), (2, 1), (2, 1)),
    (BLOCK, ("name",), (2, 7), (2, 1)),
    (BLOCK, ("rules",), (4, 3), (3, 1)),
    (BLOCK, ("rules", 0), (4, 5), (4, 5)),
    (BLOCK, ("rules", 0, "on"), (4, 9), (4, 5)),
    (BLOCK, ("rules", 0, "when"), (5, 11), (5, 5)),
    (BLOCK, ("rules", 0, "when", "amount", "gte"), (5, 26), (5, 21)),
    (BLOCK, ("rules", 0, "when", "currency"), (5, 44), (5, 32)),
    (BLOCK, ("rules", 0, "then"), (7, 5), (6, 5)),
    (BLOCK, ("rules", 0, "then", 0), (7, 7), (7, 7)),
    (BLOCK, ("rules", 0, "then", 0, "note"), (8, 13), (8, 7)),
    (BLOCK, ("rules", 1), (11, 7), (11, 7)),
    (BLOCK, ("rules", 1, "on"), (11, 11), (11, 7)),
    (BLOCK, ("empty",), (12, 1), (12, 1)),
    ("{a, b: }", ("a",), (1, 2), (1, 2)),
    ("{a, b: }", ("b",), (1, 5), (1, 5)),
    ("-\n- 1", (0,), (1, 2), (1, 2)),
    # what leads nowhere
    (BLOCK, ("rules", 1, "then"), (11, 7), (11, 7)),
    (BLOCK, ("rules", 1, "then", "delay"), (11, 7), (11, 7)),
    (BLOCK, ("rules", 9), (4, 3), (4, 3)),
    (BLOCK, ("name", "first"), (2, 7), (2, 7)),
    (BLOCK, ("other",), (2, 1), (2, 1)),
    # JSON
    ('{"a": [1,\r\n  {"é": 2, "b": {}}]}', ("a",), (1, 7), (1, 2)),
    ('{"a": [1,\r\n  {"é": 2, "b": {}}]}', ("a", 1), (2, 3), (2, 3)),
    ('{"a": [1,\r\n  {"é": 2, "b": {}}]}', ("a", 1, "b"), (2, 17), (2, 12)),
    ("\ufeff[7]", (0,), (1, 2), (1, 2)),
]


@pytest.mark.parametrize(("text", "path", "value", "key"), PLACES, ids=as_text)
def test_every_value_and_every_key_has_its_place(text, path, value, key):
    found = read(text.encode())
    assert found.position(path) == Position(*value)
    assert found.key_position(list(path)) == Position(*key)


# Half a surrogate pair is refused by both, DEL only here: control characters are written as escapes.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=60)
NUMBERS = st.integers(-(10**50), 10**50) | st.floats(allow_nan=False, allow_infinity=False)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=30,
)


def types(value: object) -> object:
    if isinstance(value, dict):
        return {key: types(item) for key, item in value.items()}
    return [types(item) for item in value] if isinstance(value, list) else type(value)


@given(DOCUMENTS, st.sampled_from([None, 2, "\t"]), st.sampled_from([(",", ":"), (", ", ": ")]))
def test_json_is_read_as_json(value, indent, separators):
    text = json.dumps(value, indent=indent, separators=separators).encode()
    found, expected = read(text).value, json_codec.parse(text)
    assert found == expected
    assert types(found) == types(expected)


PIECES = [
    *"-:,?[]{}'\"|>&*!%#<\\~@`.x1é \t\r\n",
    "- ",
    ": ",
    "---",
    "...",
    "<<",
    "\\u",
    "\\U",
    "0x1",
    "1e9",
    ".inf",
]
NOISE = st.lists(st.sampled_from(PIECES), max_size=20).map(lambda pieces: "".join(pieces).encode())


@given(st.binary(max_size=60) | NOISE)
def test_whatever_is_no_scenario_text_is_refused_as_such(text):
    try:
        position = read(text).position(())
    except TextError as refusal:
        position = refusal.position
    lines = re.split("\r\n|\r|\n", text.decode(errors="replace"))
    assert 1 <= position.line <= len(lines)
    assert 1 <= position.column <= len(lines[position.line - 1]) + 1


def test_the_parser_is_imported_by_the_first_text_only():
    program = "import sys, offer_sandbox.rules.yaml_reader as it; print('ruamel.yaml' in sys.modules); it.read(b'a'); print('ruamel.yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
