"""Large JSON documents piece by piece: the same values and errors as for whole documents."""

import json
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from offer_sandbox.world import json_stream
from offer_sandbox.world.json_codec import DocumentError, parse
from offer_sandbox.world.json_stream import JsonStream, TooLarge

LAYOUT = {"offers": lambda _, item: item, "deep": {"": {"a": lambda _, item: item}}}
NUMBERS = st.integers() | st.decimals(-(10**20), 10**20, allow_nan=False, allow_infinity=False)
NAMES = st.sampled_from(["offers", "deep", "", "a", "\u20ac", '"', "\n"])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=4)


@pytest.fixture(autouse=True, params=[1, 7, 64 * 1024], ids="chunks of {}".format)
def _chunks(request, monkeypatch):
    monkeypatch.setattr(json_stream, "_CHUNK", request.param)


def streamed(text, maximum=10_000, **options):
    steps = JsonStream(text, LAYOUT, maximum, **options).steps()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def verdict(read, text, **options):
    try:
        return read(text, **options)
    except DocumentError as error:
        return str(error)


@given(DOCUMENTS, st.sampled_from([None, 1, "\t"]), st.booleans(), st.booleans())
def test_values_are_those_of_the_whole_document(document, indent, ascii_only, exact):
    text = json.dumps(document, default=str, indent=indent, ensure_ascii=ascii_only).encode()
    assert streamed(text, exact=exact) == parse(text, exact=exact)


@given(
    DOCUMENTS,
    st.integers(0, 200),
    st.sampled_from(['"', "{", "]", ",", ":", "0", "e", "\\", "\x00", "\n", "\xff"]),
)
@example({"offers": [1]}, 12, ",")
@example({"a": "\ud83d\ude00"}, 10, "")
def test_errors_are_those_of_the_whole_document(document, place, sign):
    text = json.dumps(document, default=str, indent=1).encode()
    place = place % (len(text) + 1)
    for broken in (
        text[:place] + sign.encode("latin-1") + text[place:],
        text[:place],
        text[:place] + text[place + 1 :],
    ):
        assert verdict(streamed, broken) == verdict(parse, broken)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"[]",
        b"null",
        b'{"offers": [NaN]}',
        b'{"offers": [{"a": 1, "a": 2}]}',
        b'{"offers": [], "offers": []}',
        b'{"offers": ["\\ud800"]}',
        b'{"offers": [1e400]}',
        b'{"offers": ["\xff"]}',
        b'{"offers": [1,]}',
        b'{"offers": [] } x',
        b'{"deep": {"": {"a": [[[1]]]}}}',
        b'{"offers": [' + b"[" * 70 + b"]" * 70 + b"]}",
        b'{"offers": [' + b"[" * 5_000 + b"]}",
        "\ufeff{}".encode(),
    ],
    ids=lambda text: f"{text[:30]!r} {len(text)}",
)
def test_hostile_documents_have_the_same_verdict(text):
    assert verdict(streamed, text, deepest=4) == verdict(parse, text, deepest=4)
    assert verdict(streamed, text) == verdict(parse, text)


def test_items_are_handed_over_one_by_one():
    seen = []
    layout = {"offers": lambda index, item: seen.append((index, item)) or index}
    steps = JsonStream(b'{"offers": [{"a": 1.0}, 7], "other": [8]}', layout, 100, exact=True).steps()
    next(steps)
    assert seen == [(0, {"a": Decimal("1.0")})]
    assert [*steps] == [None, None], "one step for each further item and for the other member"
    assert len(seen) == 2


def test_a_document_may_be_large_but_not_each_of_its_values():
    small = {"notes": "x" * 5_000}
    assert len(streamed(json.dumps({"offers": [small] * 50}).encode())["offers"]) == 50
    for document, place in (
        ({"offers": [1, {"notes": "x" * 500_000}]}, ("offers", 1)),
        ({"offers": [[0] * 200_000]}, ("offers", 0)),
        ({"other": [small] * 200}, ("other",)),
        ({"x" * 500_000: 1}, ()),
    ):
        with pytest.raises(TooLarge) as raised:
            streamed(json.dumps(document).encode())
        assert raised.value.path == place
